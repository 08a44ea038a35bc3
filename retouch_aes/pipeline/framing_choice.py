"""How photos are to be framed, as a person asks for it: straightened, cut to a place or a shape, or both.

Nothing of it is done unasked. A frame that the score is asked for is the best of a grid of frames about the
rule of thirds, each a share of what is inside; cutting costs, so that a frame which is hardly better is not
taken.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from retouch_aes.color.resize import proxy
from retouch_aes.devices import device_of
from retouch_aes.editing.framed import framed
from retouch_aes.editing.outcome import Outcome, Solution, because
from retouch_aes.errors import UsageError
from retouch_aes.operators import Framing
from retouch_aes.operators.horizon import SIDE, horizon
from retouch_aes.photo import Photo

AUTO = "auto"

_SHARES = (1.0, 0.9, 0.8, 0.7)
_PLACES = (0.0, 1 / 3, 0.5, 2 / 3, 1.0)
_WORTH = 1.0  # points of score that a cut has to gain, for all of the photo


@dataclass(frozen=True)
class FramingChoice:
    """What is asked for. A small value that can travel to another process.

    Attributes:
        straighten: Degrees to turn clockwise; "auto" finds them from the photo's long lines, and where they
            do not agree it is not turned; None leaves it.
        crop: Left, top, right and bottom in shares of the photo; "auto" asks the score; None cuts only what
            the rest needs.
        ratio: Width over height; None for the photo's, or that of `crop`.

    Raises:
        UsageError: Edges that leave nothing, or a ratio that is no number above 0.

    Examples:
        >>> import torch
        >>> from retouch_aes import Photo
        >>> from retouch_aes.pipeline import FramingChoice
        >>> FramingChoice(ratio=1.0).framing(Photo(torch.rand(1, 3, 40, 60))).on(40, 60).width
        40
    """

    straighten: float | str | None = None
    crop: tuple[float, float, float, float] | str | None = None
    ratio: float | None = None

    def __post_init__(self) -> None:
        if self.ratio is not None and not 0.05 <= self.ratio <= 20:
            raise UsageError(f"expected a ratio of 1:20 to 20:1, got {self.ratio:g}")
        if isinstance(self.crop, tuple):
            left, top, right, bottom = self.crop
            if not (0 <= left <= right - 0.05 <= 0.95 and 0 <= top <= bottom - 0.05 <= 0.95):
                raise UsageError(f"expected edges from 0 to 1, .05 or more between them, got {self.crop}")

    def framing(self, photo: Photo, score: nn.Module | None = None, side: int = SIDE) -> Framing | None:
        """The frame of one photo.

        Args:
            photo: The photo as it is.
            score: Scores `(B,)` of pictures, for a frame that it is to choose.
            side: Long side in pixels of the copy that it is shown.

        Returns:
            The framing; None where the photo stays whole.
        """
        size = photo.height, photo.width
        frame = Framing(self._angle(photo))
        if isinstance(self.crop, tuple):
            left, top, right, bottom = self.crop
            middle = {"x": (left + right) / 2, "y": (top + bottom) / 2}
            frame = replace(frame, **middle, width=right - left, height=bottom - top)
        frame = frame.shaped(self.ratio or _ratio(frame, *size), *size)
        if self.crop == AUTO and score is not None:
            frame = _best(photo, frame, score, side)
        cut = frame.on(*size)
        return None if cut.straight and (cut.height, cut.width) == size else frame

    def _angle(self, photo: Photo) -> float:
        if self.straighten == AUTO:
            return round(horizon(photo.proxy(SIDE)).correction, 2)
        return float(self.straighten or 0.0)


def framed_as(
    choice: FramingChoice | None, photo: Photo, score: nn.Module, side: int
) -> tuple[Photo, Framing | None]:
    """A photo within the frame that is asked for, and the framing; itself and None where it stays whole."""
    framing = None if choice is None else choice.framing(photo, score, side)
    return framed(photo, framing), framing


def with_framing(found: Solution, framing: Framing | None) -> Solution:
    """A solution of a framed photo, for the whole one: its recipe cuts, too, and the reason says so."""
    if framing is None:
        return found
    turned = f"turned by {framing.angle:+.1f} degrees" if framing.angle else "cut"
    return replace(
        found,
        recipe=replace(found.recipe, framing=framing),
        outcome=Outcome.EDITED,
        reason=because(turned, found.reason),
    )


def _ratio(frame: Framing, height: int, width: int) -> float:
    return frame.width * width / (frame.height * height)


def _best(photo: Photo, whole: Framing, score: nn.Module, side: int) -> Framing:
    """The frame within `whole`, or in the room that its ratio leaves, that the score likes best."""
    size = photo.height, photo.width
    frames = [whole, *(frame for frame in _candidates(whole) if _inside(frame, *size))]
    small, there = photo.proxy(2 * side), device_of(score)
    values = []
    with torch.no_grad():
        for frame in frames:
            kept = frame.width * frame.height
            shown: Tensor = proxy(frame.apply(small), side).to(there)
            values.append(float(score(shown)) - _WORTH * (1 - kept))
    return frames[max(range(len(frames)), key=values.__getitem__)]


def _inside(frame: Framing, height: int, width: int) -> bool:
    return frame.shaped(_ratio(frame, height, width), height, width).width > 0.999 * frame.width


def _candidates(whole: Framing) -> list[Framing]:
    """Frames of the same shape and smaller ones, all over the photo."""
    found = []
    for share in _SHARES:
        width, height = whole.width * share, whole.height * share
        room_x, room_y = 1 - width, 1 - height
        for across in _PLACES if room_x > 1e-3 else (0.5,):
            for down in _PLACES if room_y > 1e-3 else (0.5,):
                x, y = width / 2 + across * room_x, height / 2 + down * room_y
                found.append(Framing(whole.angle, x, y, width, height))
    return found

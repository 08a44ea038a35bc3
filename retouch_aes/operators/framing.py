"""Framing: what part of a photo is kept, and how it is turned; the first step of a recipe.

A frame has an angle, a middle and two sides, the sides in shares of the photo's. It comes before all other
steps: what follows measures, masks and scores the picture within it, which is the one that will be seen.
Whatever is asked for, the frame that is cut is the largest of that shape about that middle which lies inside
the photo, so that no corner is black; on another photo, of another shape, it is inside there, too.

`cut` is differentiable in the pixels and in angle, middle and sides, as operators are.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from math import cos, isfinite, radians, sin
from typing import Any, TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor

from retouch_aes.errors import RecipeError

MOST_ANGLE = 45.0
SMALLEST = 0.05
_RANGES = {"angle": (-MOST_ANGLE, MOST_ANGLE), "x": (0.0, 1.0), "y": (0.0, 1.0)}
_SIDE = (SMALLEST, 1.0)
Axis = TypeVar("Axis", float, Tensor)


@dataclass(frozen=True)
class PixelFrame:
    """A frame on a photo of a certain size, in its pixels: middle, sides, and sine and cosine of the turn."""

    x: float
    y: float
    width: int
    height: int
    sine: float
    cosine: float

    @property
    def straight(self) -> bool:
        """Whether the frame is cut without being turned, from whole pixels."""
        return self.sine == 0

    @property
    def left(self) -> int:
        """The first column of a straight frame."""
        return round(self.x - self.width / 2)

    @property
    def top(self) -> int:
        """The first row of a straight frame."""
        return round(self.y - self.height / 2)

    def place(self, column: Axis, row: Axis) -> tuple[Axis, Axis]:
        """Where columns and rows of the frame, in pixels from its top left corner, lie in the photo."""
        across, down = column - self.width / 2, row - self.height / 2
        x = self.x + across * self.cosine + down * self.sine
        return x, self.y - across * self.sine + down * self.cosine

    def within(self, x: float, y: float) -> tuple[float, float]:
        """Where a place of the photo lies in the frame, pixels from the frame's top left corner."""
        across, down = x - self.x, y - self.y
        return (
            across * self.cosine - down * self.sine + self.width / 2,
            across * self.sine + down * self.cosine + self.height / 2,
        )


@dataclass(frozen=True)
class Framing:
    """What part of a photo is kept.

    Attributes:
        angle: Degrees by which the picture is turned clockwise, -45 to 45.
        x: Middle of the frame from the left, 0 to 1 of the photo's width.
        y: Middle of the frame from the top, 0 to 1 of the photo's height.
        width: Of the frame, in widths of the photo, at most 1.
        height: Of the frame, in heights of the photo, at most 1.

    Raises:
        RecipeError: A value outside its range.

    Examples:
        >>> from retouch_aes import Framing
        >>> frame = Framing(angle=2.0).on(400, 600)  # the largest 3:2 inside
        >>> frame.width, frame.height
        (570, 380)
    """

    angle: float = 0.0
    x: float = 0.5
    y: float = 0.5
    width: float = 1.0
    height: float = 1.0

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            low, high = _RANGES.get(name, _SIDE)
            if not isfinite(value) or not low <= value <= high:
                raise RecipeError(f"framing.{name}: expected {low:g} to {high:g}, got {value:g}")

    @property
    def neutral(self) -> bool:
        """Whether it keeps the photo as it is."""
        return self == Framing()

    def on(self, height: int, width: int) -> PixelFrame:
        """The frame on a photo of this size.

        Args:
            height: Rows of the photo.
            width: Columns of the photo.

        Returns:
            The largest frame of this shape and middle that lies inside.
        """
        turn = radians(self.angle)
        size = self.width * width, self.height * height
        middle = self.x * width, self.y * height
        share = _fitting(size, middle, (width, height), turn)
        across, down = (max(1, int(side * share + 1e-6)) for side in size)
        if turn == 0:  # whole pixels, so that they are copied
            left = min(max(0, round(middle[0] - across / 2)), width - across)
            top = min(max(0, round(middle[1] - down / 2)), height - down)
            middle = left + across / 2, top + down / 2
        return PixelFrame(*middle, across, down, sin(turn), cos(turn))

    def told(self, height: int, width: int) -> str:
        """The frame on a photo of this size, in words.

        Args:
            height: Rows of the photo.
            width: Columns of the photo.

        Returns:
            How it is turned, and how much is kept; "" where the photo stays whole.

        Examples:
            >>> from retouch_aes import Framing
            >>> Framing(angle=-2.0, width=0.5).told(400, 600)
            'turned 2.0 degrees to the left, 47 % of the photo kept'
        """
        if self.neutral:
            return ""
        frame = self.on(height, width)
        side = "left" if self.angle < 0 else "right"
        turned = f"turned {abs(self.angle):.1f} degrees to the {side}, " if self.angle else ""
        share = frame.height * frame.width / (height * width)
        return f"{turned}{100 * share:.0f} % of the photo kept"

    def shaped(self, ratio: float, height: int, width: int) -> "Framing":
        """The largest frame of a ratio of sides within this one, about the same middle.

        Args:
            ratio: Width over height.
            height: Rows of the photo.
            width: Columns of the photo.

        Returns:
            A new framing.

        Raises:
            RecipeError: The ratio leaves too little of the photo.

        Examples:
            >>> from retouch_aes import Framing
            >>> Framing().shaped(1.0, 400, 600).width
            0.6666666666666666
        """
        across, down = self.width * width, self.height * height
        across, down = min(across, down * ratio), min(down, across / ratio)
        middle = self.x * width, self.y * height
        share = _fitting((across, down), middle, (width, height), radians(self.angle))
        sides = across * share / width, down * share / height
        if min(sides) < SMALLEST:
            raise RecipeError(f"a frame of {ratio:g}:1 would keep less than {SMALLEST:.0%} of a side")
        return replace(self, width=sides[0], height=sides[1])

    def apply(self, image: Tensor) -> Tensor:
        """The picture within the frame.

        Args:
            image: `(B, 3, H, W)`, sRGB [0, 1].

        Returns:
            `(B, 3, h, w)` in [0, 1], of the size of the frame; a frame that is not turned copies its pixels.
        """
        frame = self.on(image.shape[-2], image.shape[-1])
        if frame.straight:
            top, left = frame.top, frame.left
            return image[..., top : top + frame.height, left : left + frame.width]
        x, y = frame.place(*pixel_centres(0, frame.width, 0, frame.height))
        places = (axis[None].expand(len(image), -1, -1) for axis in (x, y))
        return sampled(image, *places).clamp(0, 1)

    def to_json(self) -> dict[str, float]:
        """A JSON value that `read_framing` reads back."""
        return {name: round(value, 6) for name, value in asdict(self).items()}


def read_framing(value: Any) -> Framing:
    """The framing of `Framing.to_json`'s value; raises `RecipeError` for anything else."""
    known = [field.name for field in fields(Framing)]
    if not isinstance(value, Mapping) or not set(value) <= set(known):
        raise RecipeError(f'expected {", ".join(known)} under "framing", got {value!r}')
    for name, number in value.items():
        if isinstance(number, bool) or not isinstance(number, int | float) or not abs(number) < 1e30:
            raise RecipeError(f"framing.{name}: expected a number, got {str(number)[:60]}")
    return Framing(**{name: float(number) for name, number in value.items()})


def _fitting(
    size: tuple[float, float], middle: tuple[float, float], photo: tuple[float, float], turn: float
) -> float:
    """By how much a turned frame is to be shrunk about its middle to lie inside the photo; 1 at most."""
    sine, cosine = abs(sin(turn)), abs(cos(turn))
    reach = (size[0] * cosine + size[1] * sine) / 2, (size[0] * sine + size[1] * cosine) / 2
    room = [min(at, whole - at) for at, whole in zip(middle, photo, strict=True)]
    return max(0.0, min(1.0, *(has / needs for has, needs in zip(room, reach, strict=True))))


def pixel_centres(left: int, right: int, top: int, bottom: int) -> tuple[Tensor, Tensor]:
    """Columns `(1, w)` and rows `(h, 1)` of the pixels' centres, float64, on the CPU."""
    columns = torch.arange(left, right, dtype=torch.float64) + 0.5
    rows = torch.arange(top, bottom, dtype=torch.float64) + 0.5
    return columns[None, :], rows[:, None]


def cut(image: Tensor, frames: Tensor, size: tuple[int, int]) -> Tensor:
    """The pictures within frames, differentiable in the pixels and in the frames.

    Args:
        image: `(B, 3, H, W)`, sRGB [0, 1].
        frames: `(B, 5)`: angle in degrees, middle x and y, width and height, as in `Framing`; taken as they
            are. What lies outside the photo repeats its border.
        size: Height and width of the result in pixels.

    Returns:
        `(B, 3, *size)`, by bicubic interpolation, about [0, 1].

    Examples:
        >>> import torch
        >>> from retouch_aes.operators.framing import cut
        >>> frame = torch.tensor([[2.0, 0.5, 0.5, 0.9, 0.9]], requires_grad=True)
        >>> cut(torch.rand(1, 3, 20, 30), frame, (18, 27)).sum().backward()
        >>> frame.grad.shape
        torch.Size([1, 5])
    """
    height, width = image.shape[-2:]
    turn = torch.deg2rad(frames[:, 0])[:, None, None]
    down = ((torch.arange(size[0]).to(frames) + 0.5) / size[0] - 0.5)[None, :, None]
    across = ((torch.arange(size[1]).to(frames) + 0.5) / size[1] - 0.5)[None, None, :]
    across, down = across * frames[:, 3, None, None] * width, down * frames[:, 4, None, None] * height
    x = frames[:, 1, None, None] * width + across * turn.cos() + down * turn.sin()
    y = frames[:, 2, None, None] * height - across * turn.sin() + down * turn.cos()
    return sampled(image, x, y)


def sampled(image: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """`image` `(B, C, H, W)` at places `x`, `y` `(B, h, w)`, in pixels from its top left corner; bicubic."""
    height, width = image.shape[-2:]
    grid = torch.stack([2 * x / width - 1, 2 * y / height - 1], dim=-1)
    return F.grid_sample(image, grid.to(image), mode="bicubic", padding_mode="border", align_corners=False)

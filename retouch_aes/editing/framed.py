"""A photo within a frame: pixels, alpha and metadata, at any size, without seams.

The picture is turned when its rows are asked for, tile by tile, from the decoded pixels: what a tile needs is
a small upright block, so neither the photo nor the result is ever held as floats. A frame that is not turned
copies whole pixels. The small copy is made of the framed photo, as of any other.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from retouch_aes.operators.framing import Framing, PixelFrame, pixel_centres, sampled
from retouch_aes.photo.metadata import corrections
from retouch_aes.photo.metadata.turning import Cut
from retouch_aes.photo.photo import Photo
from retouch_aes.photo.source import PixelSource, TensorSource

_TILE = 256  # columns
_REACH = 3  # pixels about a place that the interpolation looks at


@dataclass(frozen=True)
class FramedSource(PixelSource):
    """The rows of `source` within `frame`."""

    source: PixelSource
    frame: PixelFrame

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.frame.height, self.frame.width

    @property
    def channels(self) -> int:
        """3, or 1 of an alpha."""
        return self.source.channels

    def rows(self, top: int, bottom: int) -> Tensor:
        """See `PixelSource.rows`."""
        return self.block(top, bottom, 0, self.frame.width)

    def block(self, top: int, bottom: int, left: int, right: int) -> Tensor:
        """See `PixelSource.block`."""
        frame = self.frame
        if frame.straight:
            down, across = frame.top, frame.left
            return self.source.block(top + down, bottom + down, left + across, right + across)
        tiles = [self._turned(top, bottom, at, min(at + _TILE, right)) for at in range(left, right, _TILE)]
        return torch.cat(tiles, dim=3)

    def _turned(self, top: int, bottom: int, left: int, right: int) -> Tensor:
        x, y = self.frame.place(*pixel_centres(left, right, top, bottom))
        height, width = self.source.size
        first, last = max(0, int(y.min()) - _REACH), min(height, int(y.max()) + 1 + _REACH)
        start, end = max(0, int(x.min()) - _REACH), min(width, int(x.max()) + 1 + _REACH)
        near = self.source.block(first, last, start, end)
        return sampled(near, (x - start)[None], (y - first)[None]).clamp(0, 1)


def framed_source(source: PixelSource, framing: Framing | None) -> PixelSource:
    """`source` within a frame; itself where nothing is cut."""
    if framing is None:
        return source
    frame = framing.on(*source.size)
    whole = frame.straight and (frame.height, frame.width) == source.size
    return source if whole else FramedSource(source, frame)


def framed(photo: Photo, framing: Framing | None) -> Photo:
    """A photo within a frame: its pixels and alpha, and metadata that speak of the new picture.

    Args:
        photo: The photo as it is.
        framing: What is kept; None for all of it.

    Returns:
        The framed photo, whose pixels are computed when they are asked for; `photo` itself where nothing is
        cut.

    Examples:
        >>> import torch
        >>> from retouch_aes import Framing, Photo, framed
        >>> photo = framed(Photo(torch.rand(1, 3, 40, 60)), Framing(angle=3.0))
        >>> photo.width, photo.height
        (55, 37)
    """
    source = framed_source(photo.source, framing)
    if not isinstance(source, FramedSource) or source is photo.source:
        return photo
    frame = source.frame
    moved = Cut((photo.width, photo.height), (frame.width, frame.height), frame.within)
    alpha = photo.alpha
    return replace(
        photo,
        pixels=source,
        alpha=None if alpha is None else FramedSource(TensorSource(alpha), frame).rows(0, frame.height),
        metadata=corrections.cut(photo.metadata, moved),
    )

"""What a photo is to the rest of the library: an upright sRGB image, and what its file said about it."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from retouch_aes.color.proxy_size import proxy_size
from retouch_aes.errors import PhotoError, UsageError
from retouch_aes.photo.metadata import Metadata
from retouch_aes.photo.small import small
from retouch_aes.photo.source import PixelSource, TensorSource, gathered

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Photo:
    """A photo, upright and in sRGB.

    Attributes:
        pixels: A tensor `(1, 3, H, W)`, floating, sRGB-encoded, [0, 1], or a `PixelSource` of such rows, as
            `read` and `develop` leave it: then nothing is computed before it is asked for. A grey photo has
            three equal channels.
        alpha: `(1, 1, H, W)` in [0, 1], or None.
        path: The file it was read from.
        bit_depth: Of the file, 8 or 16.
        grey: Whether the file was.
        format: Pillow's name of the file's, or "HEIF", "RAW".
        profile: The name of the file's colour profile; "" where it carried none, and then its values were
            taken as sRGB.
        metadata: EXIF, XMP, IPTC and resolution, as bytes.
        warnings: Sentences about what is damaged in the file or was left out of it.

    Raises:
        UsageError: Pixels or alpha of another shape, or another bit depth.

    Examples:
        >>> import torch
        >>> from retouch_aes import Photo
        >>> photo = Photo(torch.rand(1, 3, 60, 80))
        >>> photo.height, photo.width, tuple(photo.proxy(40).shape)
        (60, 80, (1, 3, 30, 40))
    """

    pixels: "Tensor | PixelSource"
    alpha: "Tensor | None" = None
    path: Path | None = None
    bit_depth: int = 8
    grey: bool = False
    format: str = ""
    profile: str = ""
    metadata: Metadata = field(default_factory=Metadata)
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.pixels, PixelSource):
            shape = tuple(self.pixels.shape)
            if len(shape) != 4 or shape[:2] != (1, 3) or 0 in shape or not self.pixels.is_floating_point():
                raise UsageError(
                    "a photo's image is a float tensor (1, 3, H, W) in [0, 1]; "
                    f"got {self.pixels.dtype} {shape}"
                )
        if self.alpha is not None and tuple(self.alpha.shape) != (1, 1, self.height, self.width):
            raise UsageError(
                f"a photo's alpha must match its image: expected {(1, 1, self.height, self.width)}, "
                f"got {tuple(self.alpha.shape)}"
            )
        if self.bit_depth not in (8, 16):
            raise UsageError(f"a photo's bit_depth is 8 or 16, got {self.bit_depth}")

    @property
    def image(self) -> "Tensor":
        """All pixels, `(1, 3, H, W)`; made when first asked for, and kept in the place of their source."""
        if not isinstance(self.pixels, PixelSource):
            return self.pixels
        whole = gathered(self.pixels)
        object.__setattr__(self, "pixels", whole)
        return whole

    @property
    def source(self) -> PixelSource:
        """The pixels by rows."""
        return self.pixels if isinstance(self.pixels, PixelSource) else TensorSource(self.pixels)

    @property
    def height(self) -> int:
        """Rows of the upright photo."""
        return self.source.size[0]

    @property
    def width(self) -> int:
        """Columns of the upright photo."""
        return self.source.size[1]

    def proxy(self, long_side: int, *, least: int = 1) -> "Tensor":
        """A small copy; the whole tensor is not made for it.

        Args:
            long_side: Its long side in pixels, at most.
            least: Its short side in pixels, at least.

        Returns:
            `(1, 3, h, w)`, sRGB [0, 1].

        Raises:
            PhotoError: The short side would be under `least` pixels: a photo too small, or too long.
        """
        short, long = sorted((self.height, self.width))
        if min(proxy_size(self.height, self.width, long_side)) < least:
            name = "the photo" if self.path is None else str(self.path)
            size = f"{name}: {self.width} x {self.height} pixels"
            if short < least:
                raise PhotoError(f"{size} are too few; at least {least} x {least} are needed")
            raise PhotoError(
                f"{size} are {long / short:.0f}:1; on a small copy of {long_side} pixels, of which the short "
                f"side needs {least}, photos up to {long_side / least:.0f}:1 can be judged; crop it, or have "
                f"it judged at {-(-least * long // short)} pixels (--proxy)"
            )
        return small(self.source, long_side)

    def with_image(self, image: "Tensor | PixelSource") -> "Photo":
        """The same photo with other pixels: path, alpha, metadata and bit depth stay.

        Args:
            image: `(1, 3, H, W)`, sRGB [0, 1], or a source of such rows.

        Returns:
            A new photo.
        """
        return replace(self, pixels=image)

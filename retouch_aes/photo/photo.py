"""What a photo is to the rest of the library: an upright sRGB image, and what its file said about it."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from retouch_aes.errors import UsageError

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Metadata:
    """What a file says beside its pixels, as bytes, so that nothing is lost in translation.

    `exif` is a TIFF block without the "Exif" prefix, its orientation already 1. `xmp` is the packet,
    `iptc` the IPTC-IIM record. `dpi` is horizontal, vertical.
    """

    exif: bytes = b""
    xmp: bytes = b""
    iptc: bytes = b""
    dpi: tuple[float, float] | None = None


@dataclass(frozen=True)
class Photo:
    """A photo, upright and in sRGB.

    `image` is `(1, 3, H, W)` float32, sRGB-encoded, [0, 1]; a grey photo has three equal channels.
    `alpha` is `(1, 1, H, W)` in [0, 1] or None. `bit_depth` (8 or 16), `grey`, `format` (Pillow's name, or
    "HEIF", "RAW") and `profile` describe the source; `profile` is "" where the source carried none, and then
    its values were taken as sRGB.
    """

    image: "Tensor"
    alpha: "Tensor | None" = None
    path: Path | None = None
    bit_depth: int = 8
    grey: bool = False
    format: str = ""
    profile: str = ""
    metadata: Metadata = field(default_factory=Metadata)

    def __post_init__(self) -> None:
        shape = tuple(self.image.shape)
        if len(shape) != 4 or shape[:2] != (1, 3) or 0 in shape or not self.image.is_floating_point():
            raise UsageError(
                f"a photo's image is a float tensor (1, 3, H, W) in [0, 1]; got {self.image.dtype} {shape}"
            )
        if self.alpha is not None and tuple(self.alpha.shape) != (1, 1, *shape[2:]):
            raise UsageError(
                f"a photo's alpha must match its image: expected {(1, 1, *shape[2:])}, "
                f"got {tuple(self.alpha.shape)}"
            )
        if self.bit_depth not in (8, 16):
            raise UsageError(f"a photo's bit_depth is 8 or 16, got {self.bit_depth}")

    @property
    def height(self) -> int:
        """Rows of the upright photo."""
        return self.image.shape[-2]

    @property
    def width(self) -> int:
        """Columns of the upright photo."""
        return self.image.shape[-1]

    def with_image(self, image: "Tensor") -> "Photo":
        """The same photo with other pixels `(1, 3, H, W)`: path, alpha, metadata and bit depth stay."""
        return replace(self, image=image)

"""One photo judged, in whatever process: how much it suits, how well it is taken, what it looks like."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from retouch_aes.batch.results import read_silently
from retouch_aes.culling.best import Judged
from retouch_aes.culling.similar import Thumbnail
from retouch_aes.culling.technical import TechnicalQuality, technical_quality
from retouch_aes.errors import RetouchError
from retouch_aes.pipeline import PhotoScore, Scorer


@dataclass(frozen=True)
class PhotoVerdict:
    """What `PhotoJudge` says of a photo."""

    scored: PhotoScore
    judged: Judged

    def to_json(self) -> dict[str, Any]:
        """Plain values, from which `from_json` makes the same again, bit for bit."""
        thumbnail = self.judged.thumbnail
        return {
            "scored": asdict(self.scored),
            "quality": asdict(self.judged.quality),
            "thumbnail": None if thumbnail is None else thumbnail.to_text(),
        }

    @staticmethod
    def from_json(path: Path, value: Mapping[str, Any]) -> "PhotoVerdict":
        """Of the photo at `path`. `RetouchError` for anything but what `to_json` gives."""
        try:
            scored, text = dict(value["scored"]), value["thumbnail"]
            known = PhotoScore(**scored | {"warnings": tuple(scored["warnings"])})
            thumbnail = None if text is None else Thumbnail.from_text(text)
            return PhotoVerdict(
                known, Judged(path, known.score, TechnicalQuality(**value["quality"]), thumbnail)
            )
        except (KeyError, TypeError, ValueError) as error:
            raise RetouchError(f"{path}: expected what was said of it before, got {value!r:.60}") from error


@dataclass(frozen=True)
class PhotoJudge:
    """`path -> PhotoVerdict`; can be sent to other processes, each of which loads the score once.

    Attributes:
        model: A bundled name or a weight file.
        taste: A file of `learn`; None for anyone's.
        side: Long side in pixels of the small copy that is judged.
        device: "auto", "cpu", "cuda", "mps".
        thumbnails: Whether near duplicates are to be told.

    Examples:
        >>> import torch
        >>> from retouch_aes.culling.judge import PhotoJudge
        >>> from retouch_aes.photo import Photo, write
        >>> _ = write(Photo(torch.full((1, 3, 64, 96), 0.5)), "grey.png")
        >>> 1 < PhotoJudge(device="cpu")("grey.png").scored.score < 10
        True
    """

    model: str = "aesthetic"
    taste: str | None = None
    side: int = 224
    device: str = "auto"
    thumbnails: bool = False

    def load(self) -> str:
        """Load the score here; its fingerprint. `RetouchError` where something is missing or does not fit."""
        return _scorer(self).fingerprint

    def __call__(self, path: str | Path) -> PhotoVerdict:
        """Judge the photo at `path`. `PhotoError` where it cannot be read."""
        photo = read_silently(Path(path))
        scored = _scorer(self)(photo)
        thumbnail = Thumbnail.of(photo) if self.thumbnails else None
        return PhotoVerdict(scored, Judged(Path(path), scored.score, technical_quality(photo), thumbnail))


@lru_cache(maxsize=1)
def _scorer(judge: PhotoJudge) -> Scorer:
    return Scorer.load(judge.model, judge.taste, side=judge.side, device=judge.device)

"""How the results of a run are written: all that whoever makes one of them anew must know."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from retouch_aes.export.finishing import Finishing
from retouch_aes.photo import Photo, write


@dataclass(frozen=True)
class ResultSettings:
    """JPEG `quality`, the `seed` of the dither, `finishing`; and the score and taste that edits were for."""

    quality: int = 95
    seed: int = 0
    finishing: Finishing = field(default_factory=Finishing)
    model: str = "aesthetic-compact"
    taste: str | None = None

    def write(self, edited: Photo, original: Path, output: Path, *, overwrite: bool) -> None:
        """Write the result of `original`, whole or not at all, and what comes along with it."""
        result = self.finishing.photo(edited)
        write(result, output, quality=self.quality, overwrite=overwrite, seed=self.seed)
        self.finishing.after(original, output, overwrite=overwrite)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> "ResultSettings":
        """Read `to_json`'s value; what is not known, or of another kind, is left at its default."""
        plain = ResultSettings()
        known = {
            one.name: value[one.name]
            for one in fields(ResultSettings)
            if one.name != "finishing" and _like(value.get(one.name), getattr(plain, one.name))
        }
        said = value.get("finishing")
        finish = {
            one.name: said[one.name]
            for one in fields(Finishing)
            if isinstance(said, dict) and _finishes(one.name, said.get(one.name))
        }
        return ResultSettings(**known, finishing=Finishing(**finish))


def _finishes(name: str, value: Any) -> bool:
    return type(value) is int and value >= 1 if name == "resize" else type(value) is bool


def _like(value: Any, example: Any) -> bool:
    return isinstance(value, str) if example is None else type(value) is type(example)

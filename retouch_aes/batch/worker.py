"""The work of a worker: a photo, or a group of them, from file to file.

Photos of one group get one shared edit, the median of what each would get alone, and `OWN` of the way from
there to its own: the light of a shoot stays one, and a frame that came out darker is still lifted a little.
"""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from retouch_aes.batch.executor import error_line
from retouch_aes.editing.render import develop
from retouch_aes.editing.solve import RetouchSettings, retouch
from retouch_aes.operators import Recipe
from retouch_aes.photo import read, write
from retouch_aes.taste.judge import Judge

if TYPE_CHECKING:
    from retouch_aes.models.edit_prior import EditPrior

OWN = 0.25
Record = dict[str, Any]
Step = Callable[..., Record]


@dataclass(frozen=True)
class BatchItem:
    """One photo and where its results go. `before` is the content hash of a result that lies there."""

    photo: Path
    output: Path
    recipe: Path | None = None
    replace: bool = False
    before: str = ""


@dataclass(frozen=True)
class RetouchWorker:
    """`(items of one group) -> one record each`; the model is loaded once per process.

    `model` and `prior` are bundled names or files; `taste`, a file of `learn`, is a person's; `one_pass`, a
    file of `train one-pass`, says where a search starts, instead of `prior`.

    A record holds `photo`, and `outcome` with what was done, or `error`. `outcome` "done before" means that
    the photo is the one of the result that lies there.
    """

    model: str
    prior: str | None
    operators: tuple[str, ...] | None = None
    settings: RetouchSettings = field(default_factory=RetouchSettings)
    quality: int = 95
    taste: str | None = None
    one_pass: str | None = None

    @property
    def signature(self) -> str:
        """Sixteen hexadecimal digits of all that decides a result, beside the photo."""
        from retouch_aes.models.catalogue import find_weights

        files = [name for name in (self.model, self.prior, self.one_pass) if name is not None]
        paths = [find_weights(name) for name in files]
        if self.taste is not None:
            paths.append(Path(self.taste))
        weights = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
        about = [version("retouch_aes"), weights, self.operators, asdict(self.settings), self.quality, OWN]
        return hashlib.sha256(json.dumps(about).encode()).hexdigest()[:16]

    def __call__(self, items: Sequence[BatchItem]) -> list[Record]:
        """Retouch the photos of one group; a bad one does not end the others."""
        records = [self._guarded(self._open, item) for item in items]
        if all(record.get("outcome") == "done before" for record in records):
            return records
        if items[1:]:
            records = _shared(self._each(self._look_only, items, records))
        else:
            records = self._each(self._look, items, records)
        return self._each(self._finish, items, records)

    def _each(self, step: Step, items: Sequence[BatchItem], records: Sequence[Record]) -> list[Record]:
        pairs = zip(items, records, strict=True)
        return [record if "error" in record else self._guarded(step, item, record) for item, record in pairs]

    def _guarded(self, step: Step, item: BatchItem, *record: Record) -> Record:
        try:
            return step(item, *record)
        except MemoryError:
            return {"photo": str(item.photo), "error": "not enough memory for this photo"}
        except Exception as error:
            return {"photo": str(item.photo), "error": error_line(error)}

    def _open(self, item: BatchItem) -> Record:
        """What lies there, by its content."""
        with item.photo.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        record: Record = {"photo": str(item.photo), "content": content, "_began": time.monotonic()}
        if item.before == content and item.output.exists():
            record["outcome"] = "done before"
        return record

    def _look(self, item: BatchItem, record: Record) -> Record:
        """Read the photo and find its edit."""
        judge, base, network = _tools(self.model, self.prior, self.taste, self.one_pass)
        photo = read(item.photo)
        small = photo.proxy(self.settings.proxy)
        model, prior = judge.about(small, base)
        operators = judge.operators(self.operators)
        [found] = retouch(small, model, operators=operators, prior=network or prior, settings=self.settings)
        return record | {
            "outcome": found.outcome,
            "score_before": found.score_before,
            "score_after": found.score_after,
            "_recipe": found.recipe,
            "_photo": photo,
            "_small": small,
        }

    def _look_only(self, item: BatchItem, record: Record) -> Record:
        """As `_look`, letting the pixels go: those of a group may not fit into memory together."""
        found = self._look(item, record)
        return {key: value for key, value in found.items() if key not in ("_photo", "_small")}

    def _finish(self, item: BatchItem, record: Record) -> Record:
        """Render and write."""
        recipe: Recipe = record["_recipe"].effective()
        photo = record.pop("_photo", None) or read(item.photo)
        small = record.pop("_small", None)
        edited = develop(photo, recipe, side=self.settings.proxy, small=small)
        if item.recipe is not None:
            recipe.save(item.recipe, overwrite=item.replace)
        write(edited, item.output, quality=self.quality, overwrite=item.replace, seed=self.settings.seed)
        told_of = {key: value for key, value in record.items() if not key.startswith("_")}
        seconds = round(time.monotonic() - record["_began"], 3)
        return told_of | {"output": str(item.output), "recipe": recipe.to_json(), "seconds": seconds}


def _shared(records: Sequence[Record]) -> list[Record]:
    """The records of a group, each with the shared edit and a little of its own."""
    parts = [record["_recipe"].parts() for record in records if "_recipe" in record]
    if not parts[1:]:
        return list(records)
    median = torch.cat([params for _, params in parts]).median(dim=0).values
    return [_towards(median, record) if "_recipe" in record else record for record in records]


def _towards(shared: torch.Tensor, record: Record) -> Record:
    chain, own = record["_recipe"].parts()
    recipe = Recipe.of(chain, torch.lerp(shared, own[0], OWN))
    return record | {"outcome": "edited with its group", "_recipe": recipe}


@lru_cache(maxsize=1)
def _tools(
    model: str, prior: str | None, taste: str | None, one_pass: str | None
) -> "tuple[Judge, EditPrior | None, EditPrior | None]":
    from retouch_aes.models import load_model
    from retouch_aes.models.edit_prior import load_prior

    known = [None if name is None else load_prior(name).requires_grad_(False) for name in (prior, one_pass)]
    return Judge.of(load_model(model).requires_grad_(False), taste), known[0], known[1]

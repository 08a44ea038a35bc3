"""The work of a worker: a photo, or several that are looked at together, from file to file.

Photos of one group get one shared edit, the median of what each would get alone, and `OWN` of the way from
there to its own: the light of a shoot stays one, and a frame that came out darker is still lifted a little.
A photo whose score that would lower gets its own edit. Where edits are not `shared`, each keeps its own.
"""

import hashlib
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from retouch_aes.batch.result_settings import ResultSettings
from retouch_aes.batch.results import CHANGED, read_silently, sha256_of, state_of, warnings_of
from retouch_aes.editing.framed import framed
from retouch_aes.editing.outcome import Outcome, because
from retouch_aes.executors.executor import error_line
from retouch_aes.export.comparison import save_comparison
from retouch_aes.export.finishing import Finishing
from retouch_aes.operators import Recipe
from retouch_aes.pipeline import Retoucher, RetoucherSpec
from retouch_aes.pipeline.automatic_denoise import smoothed
from retouch_aes.pipeline.framing_choice import with_framing
from retouch_aes.pipeline.look import combined

OWN = 0.25
_PIXELS = 40_000_000  # of the photos of a job that stay decoded between look and render
Record = dict[str, Any]
Step = Callable[..., Record]


@dataclass(frozen=True)
class BatchItem:
    """One photo and where its results go.

    `before` is the content hash of the photo of a result that lies there, `made` the hash of that result.
    """

    photo: Path
    output: Path
    recipe: Path | None = None
    compare: Path | None = None
    replace: bool = False
    before: str = ""
    made: str = ""

    def targets(self) -> list[Path]:
        """Every file that is made of the photo."""
        return [path for path in (self.output, self.recipe, self.compare) if path is not None]


@dataclass(frozen=True)
class RetouchWorker:
    """`(items of one job) -> one record each`; the retoucher that `spec` names is loaded once per process.

    With `shared`, the photos of a job are a group of one edit; without, they are only looked at together.

    A record holds `photo`, and `outcome` with what was done, or `error`, and `warnings` where there are some.
    `outcome` "done before" means that the photo is the one of the result that lies there, whole. `made` and
    `size` are hash and size in bytes of the result as it lies on the disk.
    """

    spec: RetoucherSpec
    quality: int = 95
    finishing: Finishing = field(default_factory=Finishing)
    shared: bool = True

    @property
    def signature(self) -> str:
        """Sixteen hexadecimal digits of all that decides a result, beside the photo."""
        about = " ".join(f"{self.spec.signature} {self.quality} {OWN} {self.finishing.signature}".split())
        return hashlib.sha256(about.encode()).hexdigest()[:16]

    @property
    def making(self) -> ResultSettings:
        """How results are written, for the manifest."""
        spec = self.spec
        return ResultSettings(self.quality, spec.settings.seed, self.finishing, spec.model, spec.taste)

    def __call__(self, items: Sequence[BatchItem]) -> list[Record]:
        """Retouch the photos of one job; a bad one does not end the others."""
        records = [self._guarded(self._open, item) for item in items]
        done = [record.get("outcome") == Outcome.DONE_BEFORE for record in records]
        if self.shared and not all(done):
            done = [False] * len(items)  # the edit of a group rests on all of it
        left = [place for place, one in enumerate(done) if not one]
        made = self._made([items[place] for place in left], [records[place] for place in left])
        for place, record in zip(left, made, strict=True):
            records[place] = record
        return [_public(record) for record in records]

    def _made(self, items: Sequence[BatchItem], records: Sequence[Record]) -> list[Record]:
        found = self._each(self._searched, items, self._looked(items, records))
        if self.shared and items[1:]:
            found = _shared(found)
        return self._each(self._finish, items, found)

    @staticmethod
    def again(items: Sequence[BatchItem]) -> tuple[BatchItem, ...]:
        """The group once more, whose worker was lost in its midst: what lies there by now is its own."""
        return tuple(replace(item, replace=True) for item in items)

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
        content = sha256_of(item.photo)
        record: Record = {"photo": str(item.photo), "content": content, "_began": time.monotonic()}
        if item.before == content:
            state = state_of(item.output, item.made)
            if state in ("as made", "changed"):
                record |= {"outcome": Outcome.DONE_BEFORE, "output": str(item.output)}
                if item.compare is not None and not item.compare.exists():
                    photos = read_silently(item.photo), read_silently(item.output)
                    save_comparison(item.compare, photos, ("before", "after"))
            if state == "changed":
                record["warnings"] = [CHANGED]
        return record

    def _looked(self, items: Sequence[BatchItem], records: Sequence[Record]) -> list[Record]:
        """Read the photos and make their small copies; find the edits of all together, where that works."""
        left = _PIXELS
        seen = []
        for item, record in zip(items, records, strict=True):
            [found] = self._each(self._read, [item], [record])
            left -= 0 if "error" in found else found["pixels"][0] * found["pixels"][1]
            if items[1:] and left < 0:
                found.pop("_photo", None)  # all of them may not fit into memory together
            seen.append(found)
        good = [record for record in seen if "error" not in record]
        if good[1:]:
            with suppress(Exception):  # one of them may be to blame: then each is sought alone
                solutions = _retoucher(self.spec).solve_together([record["_small"] for record in good])
                for record, solution in zip(good, solutions, strict=True):
                    record["_found"] = solution
        return seen

    def _read(self, item: BatchItem, record: Record) -> Record:
        retoucher = _retoucher(self.spec)
        whole = read_silently(item.photo)
        photo, framing = retoucher.frame(whole)
        return record | {
            "pixels": [whole.height, whole.width],
            "_framing": framing,
            "_photo": photo,
            "_small": retoucher.proxy(photo),
            **({"warnings": list(photo.warnings)} if photo.warnings else {}),
        }

    def _searched(self, _: BatchItem, record: Record) -> Record:
        """What was found for a photo, or is found now."""
        found = record.pop("_found", None) or _retoucher(self.spec).solve(record["_small"])
        found = with_framing(found, record["_framing"])
        return record | {
            "outcome": found.outcome,
            "reason": found.reason,
            "score_before": found.score_before,
            "score_after": found.score_after,
            "_recipe": found.recipe.unframed(),
        }

    def _finish(self, item: BatchItem, record: Record) -> Record:
        """Render and write."""
        retoucher = _retoucher(self.spec)
        photo = record.pop("_photo", None) or framed(read_silently(item.photo), record["_framing"])
        small = record["_small"]
        if "_shared" in record:
            record |= _suited(retoucher, small, record)
        recipe: Recipe = record["_recipe"].effective()
        if self.spec.denoise and recipe.steps:
            recipe, why = smoothed(recipe, photo, small)
            record = record | {"reason": because(record["reason"], why)}
        edited = retoucher.render(photo, recipe, small)
        recipe = replace(recipe, framing=record["_framing"])
        if item.recipe is not None:
            recipe.save(item.recipe, overwrite=item.replace)
        with warnings_of(item.output) as lost:
            self.making.write(edited, item.photo, item.output, overwrite=item.replace)
        if item.compare is not None:
            labels = (f"before {record['score_before']:.2f}", f"after {record['score_after']:.2f}")
            save_comparison(item.compare, (photo, edited), labels, overwrite=item.replace)
        if lost:
            record = record | {"warnings": [*record.get("warnings", ()), *lost]}
        seconds = round(time.monotonic() - record["_began"], 3)
        return _public(record) | {
            "output": str(item.output),
            "recipe": recipe.to_json(),
            "seconds": seconds,
            "made": sha256_of(item.output),
            "size": item.output.stat().st_size,
        }


def _public(record: Record) -> Record:
    """What is told of a record."""
    return {key: value for key, value in record.items() if not key.startswith("_")}


def _shared(records: Sequence[Record]) -> list[Record]:
    """The records of a group, each with the shared edit and a little of its own."""
    found = [record["_recipe"] for record in records if "_recipe" in record]
    if not found[1:]:
        return list(records)
    every = {step.operator.name: step.as_neutral() for recipe in found for step in recipe.steps}
    sliders = Recipe(tuple(every.values()))  # some may have light filled in, and others not
    records = [r | {"_recipe": combined(r["_recipe"], sliders)} if "_recipe" in r else r for r in records]
    parts = [record["_recipe"].parts()[1] for record in records if "_recipe" in record]
    median = torch.cat(parts).median(dim=0).values
    return [_towards(median, record) if "_recipe" in record else record for record in records]


def _towards(shared: torch.Tensor, record: Record) -> Record:
    chain, own = record["_recipe"].parts()
    recipe = replace(Recipe.of(chain, torch.lerp(shared, own[0], OWN)), proxy=record["_recipe"].proxy)
    return record | {"_shared": recipe}


def _suited(retoucher: Retoucher, small: torch.Tensor, record: Record) -> Record:
    """What becomes of a photo of a group: the shared edit, or its own where that one lowers the score.

    Where its own lowers the score as well, since levels were asked for, the shared edit may do so as far.
    """
    shared = record["_shared"].on(small)
    if not shared.effective().steps:
        return {}
    before, after = retoucher.scores(small, shared)
    if after < min(before, record["score_after"]):
        reason = "the edit of its group lowers the score"
        return {"reason": because(record["reason"], reason)}
    return {"outcome": Outcome.GROUPED, "reason": "", "_recipe": shared, "score_after": after}


@lru_cache(maxsize=1)
def _retoucher(spec: RetoucherSpec) -> Retoucher:
    return Retoucher.of(spec)

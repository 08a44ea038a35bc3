"""Which photos a batch takes, and where what is made of them goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from retouch_aes.cli import result_names

if TYPE_CHECKING:
    from retouch_aes.batch import BatchItem
    from retouch_aes.cli.output_paths import FoundPhoto

BESIDE = "beside"


@dataclass(frozen=True)
class BatchPlaces:
    """Where photos are sought, and where what is made of them goes."""

    source: Path
    target: Path
    recipes: str | None
    compare: str | None
    pairs: str
    names: result_names.ResultNames

    def photos(self, *, waiting: bool = False) -> "list[FoundPhoto]":
        """The photos that are there now, without results that lie among them."""
        from retouch_aes.cli import output_paths

        found = output_paths.find([self.source], pairs=self.pairs, waiting=waiting)
        made = [self.target, *([] if self.compare in (None, BESIDE) else [Path(str(self.compare))])]
        for folder in made:
            found = output_paths.without_results(found, [self.source], folder)
        return found

    def items(self, found: "Sequence[FoundPhoto]", reports: Sequence[Path] = ()) -> "list[BatchItem]":
        """What is to be done, every place checked; outputs that exist are the manifest's business."""
        from retouch_aes.batch import BatchItem
        from retouch_aes.cli import output_paths

        recipes = self.target if self.recipes == BESIDE else self.recipes
        jobs = output_paths.plan(
            found,
            self.target,
            recipe=None if recipes is None else Path(recipes),
            compare=output_paths.BESIDE if self.compare == BESIDE else self.compare,
            overwrite=True,
            reports=reports,
            names=self.names,
            folders=True,
        )
        return [BatchItem(job.photo, job.output, job.recipe, job.compare) for job in jobs]

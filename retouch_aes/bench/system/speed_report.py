"""The answer of `bench speed`: by size of the photo, time, memory, and the ratios in which aims are set."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from retouch_aes.bench.common.processes import ProcessCost
from retouch_aes.bench.common.report import Report
from retouch_aes.bench.common.table import ReportTable, number
from retouch_aes.bench.system.together import TogetherCost


@dataclass(frozen=True)
class PhotoSizeCost:
    """One size of the photo: whole processes, and seconds by stage within one.

    `rivals` holds None for a program that is not installed.
    """

    width: int
    height: int
    pillow: ProcessCost
    ours: ProcessCost
    fast: ProcessCost
    rivals: Mapping[str, ProcessCost | None]
    stages: Mapping[str, float]
    search_on_gpu: float | None = None

    @property
    def megapixels(self) -> float:
        """Millions of pixels."""
        return self.width * self.height / 1e6


@dataclass(frozen=True)
class BatchCost:
    """`retouch-aes batch` over `photos` photos of 6 MP and over the `first` of them, start included.

    `pillow` is its open and save of one of them.
    """

    method: str
    workers: int
    photos: int
    cost: ProcessCost
    first: int
    first_cost: ProcessCost
    pillow: ProcessCost
    engine: str = "local"

    @property
    def per_minute(self) -> float:
        """Photos a minute."""
        return 60 * self.photos / self.cost.wall

    @property
    def each_further(self) -> float:
        """Seconds that each photo after the `first` takes: the steady state."""
        return (self.cost.wall - self.first_cost.wall) / (self.photos - self.first)

    @property
    def processor_each(self) -> float | None:
        """Seconds of processor time that such a photo takes; None on Ray, whose workers are not counted."""
        if self.engine != "local":
            return None
        return (self.cost.cpu - self.first_cost.cpu) / (self.photos - self.first)

    @property
    def name(self) -> str:
        """What it is called in tables."""
        return f"{self.method}, {self.workers} workers" + ("" if self.engine == "local" else ", Ray")


@dataclass(frozen=True)
class SpeedReport(Report):
    """All sizes of one run. `python` and `library` are the cost of starting alone.

    `earlier` is what `to_json` gave in another run; ratios are comparable between machines, seconds are not.
    """

    name: ClassVar[str] = "speed"

    python: ProcessCost
    library: ProcessCost
    sizes: tuple[PhotoSizeCost, ...]
    batches: tuple[BatchCost, ...]
    repeats: int
    imports: Mapping[str, float] = field(default_factory=dict)
    earlier: Mapping[str, Any] | None = None
    together: tuple[TogetherCost, ...] = ()

    def ratio(self, size: PhotoSizeCost, cost: ProcessCost) -> float:
        """Time beyond the start of PyTorch and the library, over Pillow's open and save beyond its start."""
        return (cost.wall - self.library.wall) / self._floor(size.pillow)

    def batch_ratio(self, batch: BatchCost) -> float:
        """Time of one further photo of a batch, over Pillow's open and save of it beyond its start."""
        return batch.each_further / self._floor(batch.pillow)

    def _floor(self, pillow: ProcessCost) -> float:
        return max(1e-9, pillow.wall - self.python.wall)

    def times_photo(self, size: PhotoSizeCost, cost: ProcessCost) -> float:
        """Peak memory beyond that start, in copies of the photo's 8-bit pixels."""
        return (cost.memory - self.library.memory) / (3e6 * size.megapixels)

    def steady(self, size: PhotoSizeCost, *, search: bool) -> float:
        """What one more photo takes where all is loaded, over Pillow's open and save beyond its start."""
        seconds = sum(taken for stage, taken in size.stages.items() if search or stage != "search")
        return seconds / self._floor(size.pillow)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        sizes = [
            asdict(size)
            | {
                "megapixels": size.megapixels,
                "ratio": self.ratio(size, size.ours),
                "ratio_fast": self.ratio(size, size.fast),
                "ratio_steady": self.steady(size, search=True),
                "memory_in_photos": self.times_photo(size, size.ours),
            }
            for size in self.sizes
        ]
        batches = [
            asdict(batch)
            | {
                "per_minute": batch.per_minute,
                "each_further": batch.each_further,
                "processor_each": batch.processor_each,
                "growth": self.growth(batch),
                "ratio": self.batch_ratio(batch),
            }
            for batch in self.batches
        ]
        return {
            "bench": self.name,
            "repeats": self.repeats,
            "start_python": asdict(self.python),
            "start_library": asdict(self.library),
            "sizes": sizes,
            "batches": batches,
            "together": [asdict(cost) | {"per_second": cost.per_second} for cost in self.together],
            "ratios": self._ratios(),
            "imports": dict(self.imports),
        }

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""
        tables = [self._whole(), self._rivals(), self._by_stage()]
        if self.imports:
            tables.append(self._by_import())
        if self.batches:
            tables.append(self._by_batch())
        if self.together:
            tables.append(self._by_device())
        return tables if self.earlier is None else [*tables, self._since(self.earlier)]

    def _whole(self) -> ReportTable:
        rows = [
            [
                f"{size.megapixels:.1f} MP",
                number(size.pillow.wall),
                number(size.ours.wall),
                number(size.fast.wall),
                number(self.ratio(size, size.ours)),
                number(self.ratio(size, size.fast)),
                f"{size.ours.memory / 1e9:.2f}",
                number(self.times_photo(size, size.ours), 1),
            ]
            for size in self.sizes
        ]
        return ReportTable(
            title="Whole process, seconds by the clock",
            columns=["", "Pillow", "ours", "--fast", "ratio", "ratio --fast", "peak GB", "in photos"],
            rows=rows,
            note=f"Start alone: Python with Pillow {self.python.wall:.2f} s, with PyTorch and this "
            f"library {self.library.wall:.2f} s and {self.library.memory / 1e9:.2f} GB. Ratio: ours over "
            "Pillow's open and save, each beyond its start. In photos: peak memory beyond the start, in "
            f"copies of the 8-bit pixels. Least of {self.repeats} runs.",
        )

    def _rivals(self) -> ReportTable:
        names = list(self.sizes[0].rivals)
        rows = [
            [
                f"{size.megapixels:.1f} MP",
                number(size.ours.wall),
                *("not installed" if cost is None else number(cost.wall) for cost in size.rivals.values()),
            ]
            for size in self.sizes
        ]
        note = "Whole processes with their starts. NIMA scores only; the 3D LUT network runs in this library."
        return ReportTable(
            "What could be taken instead, seconds by the clock", ["", "ours", *names], rows, note
        )

    def _by_stage(self) -> ReportTable:
        names = list(self.sizes[0].stages)
        rows = [
            [
                f"{size.megapixels:.1f} MP",
                *(number(size.stages[name]) for name in names),
                number(sum(size.stages.values())),
                number(self.steady(size, search=True)),
                "no GPU" if size.search_on_gpu is None else number(size.search_on_gpu),
            ]
            for size in self.sizes
        ]
        return ReportTable(
            title="Stages, seconds, where all is loaded",
            columns=["", *names, "sum", "over Pillow", "search on a GPU"],
            rows=rows,
        )

    def _by_import(self) -> ReportTable:
        rows = [[package, number(seconds)] for package, seconds in self.imports.items()]
        note = "`python -X importtime`, which itself takes time; each without what it imports."
        return ReportTable("Imports of `retouch`, seconds", ["", "s"], rows, note)

    def _by_batch(self) -> ReportTable:
        rows = [
            [
                batch.name,
                number(batch.per_minute, 1),
                f"{batch.cost.wall:.1f}",
                number(batch.each_further),
                "not counted" if batch.processor_each is None else number(batch.processor_each),
                number(self.growth(batch)),
                number(self.batch_ratio(batch)),
            ]
            for batch in self.batches
        ]
        photos, first = self.batches[0].photos, self.batches[0].first
        return ReportTable(
            title=f"Batch of {photos} photos of 6 MP",
            columns=["", "photos a minute", "seconds", "each further", "processor", "growth", "ratio"],
            rows=rows,
            note=f"Each further: seconds by the clock of a photo after the first {first}, where all has "
            "started; processor: seconds of processor time of it. Growth: how many times as many photos a "
            "second as with the fewest workers of that engine; cores bound it. Ratio: each "
            "further over Pillow's open and save of it beyond its start.",
        )

    def growth(self, batch: BatchCost) -> float:
        """How many times as many photos a second as with the fewest workers of the same engine."""
        alike = [b for b in self.batches if (b.engine, b.method) == (batch.engine, batch.method)]
        fewest = min([batch, *alike], key=lambda one: one.workers)
        return fewest.each_further / batch.each_further

    def _by_device(self) -> ReportTable:
        rows = [
            [
                f"{cost.device}, {cost.at_once} at once, {cost.bits} bit",
                number(cost.per_second),
                number(cost.photos / cost.cpu),
                number(cost.apart, 3),
            ]
            for cost in self.together
        ]
        return ReportTable(
            title="Searches on one device",
            columns=["", "photos a second", "photos a processor second", "apart"],
            rows=rows,
            note="Without decoding and rendering. Apart: mean Delta E 2000 of the photo whose edit is "
            "furthest from what it gets alone, in 32 bit.",
        )

    def _ratios(self) -> dict[str, float]:
        found = {}
        for size in self.sizes:
            found[f"{size.megapixels:.1f} MP"] = self.ratio(size, size.ours)
            found[f"{size.megapixels:.1f} MP, --fast"] = self.ratio(size, size.fast)
        return found | {f"batch, {batch.name}": self.batch_ratio(batch) for batch in self.batches}

    def _since(self, earlier: Mapping[str, Any]) -> ReportTable:
        before, now = earlier["ratios"], self._ratios()
        rows = [
            [name, number(before[name]), number(value), number(value / before[name])]
            for name, value in now.items()
            if before.get(name)
        ]
        commit = earlier.get("made_by", {}).get("commit", "an unknown commit")
        return ReportTable(f"Ratios to Pillow since {commit}", ["", "then", "now", "now over then"], rows)

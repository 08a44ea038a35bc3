"""`bench speed`: how long a photo takes, whole process and stage by stage, and how much memory.

Beside it, in the same run, what a user could take instead (`rivals`). With a GPU the search is timed there
too. The time and memory of starting Python, and of starting it with PyTorch and this library, are measured as
well, since they are paid once and not per megapixel.

One photo is brought to each size and saved as JPEG, so that all sizes show the same picture.
"""

import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from retouch_aes.bench.common.processes import ProcessCost, least
from retouch_aes.bench.system.import_times import import_times
from retouch_aes.bench.system.rivals import QUALITY, pillow, rival_costs
from retouch_aes.bench.system.speed_report import BatchCost, PhotoSizeCost, SpeedReport
from retouch_aes.bench.system.together import together_costs
from retouch_aes.devices import pick_device
from retouch_aes.errors import UsageError
from retouch_aes.photo import read, write
from retouch_aes.pipeline import Retoucher
from retouch_aes.progress import Progress

_COMMAND = [sys.executable, "-m", "retouch_aes.cli"]
_START = """
import os
from retouch_aes.deferred_imports import KORNIA, defer_imports
defer_imports(KORNIA)
import retouch_aes.editing, retouch_aes.models.edit_prior, kornia.color
os._exit(0)
"""  # it ends as the command does, or more than the start would be taken off a photo's time
_BATCH_PIXELS = 6e6
_LEAST_BATCH = 4


def speed(
    photo: Path,
    megapixels: Sequence[float],
    *,
    model: str = "aesthetic-compact",
    prior: str = "edit-prior",
    batch: int = 0,
    workers: Sequence[int] = (1, 2),
    engines: Sequence[str] = ("local",),
    device: str = "auto",
    repeats: int = 3,
    earlier: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> SpeedReport:
    """Measure `photo` at each size, and the search on `device`, one photo at a time and several together.

    With `batch`, so many photos of 6 megapixels are done by each number of `workers` of each of `engines`. A
    quarter of them, at least one a worker, is measured by itself, so that what one more photo takes is known
    without the starts.
    The least of `repeats` runs counts. `earlier` is the JSON of another run, to whose ratios these are held.
    """
    if not megapixels or min(megapixels) <= 0 or repeats < 1:
        raise UsageError(f"expected sizes above 0 and repeats of 1 or more, got {megapixels} and {repeats}")
    least_batch = max(_LEAST_BATCH, 2 * max(workers))
    if 0 < batch < least_batch:
        raise UsageError(f"expected a batch of {least_batch} photos or more, or 0 for none, got {batch}")
    where = pick_device(device)
    weights = ["--model", model, "--prior", prior]
    python = least([sys.executable, "-c", "import PIL.Image, PIL.ImageOps"], repeats)
    library = least([sys.executable, "-c", _START], repeats)
    sizes: list[PhotoSizeCost] = []
    imports: Mapping[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="retouch_aes_speed_") as folder:
        source, target = Path(folder, "photo.jpg"), Path(folder, "out.jpg")
        for index, pixels in enumerate(megapixels, start=1):
            width, height = _enlarged(photo, pixels * 1e6, source)
            run = [*_COMMAND, "retouch", str(source), "-o", str(target), "--overwrite", *weights]
            sizes.append(
                PhotoSizeCost(
                    width,
                    height,
                    pillow=least(pillow(source, target), repeats),
                    ours=least(run, repeats),
                    fast=least([*run, "--fast"], repeats),
                    rivals=rival_costs(source, Path(folder), repeats),
                    stages=_stages(source, target, model, prior, repeats),
                    search_on_gpu=_search_on_gpu(source, where, model, prior, repeats),
                )
            )
            imports = imports or import_times([*run[1:], "--fast"], repeats)
            if progress is not None:
                progress("speed", index, len(megapixels))
        batches: list[BatchCost] = []
        if batch:
            made = _Folders.of(photo, Path(folder), batch, max(batch // 4, *workers), repeats)
            for engine, crew in product(engines, workers):
                batches += made.costs(engine, crew, weights)
    together = tuple(together_costs(read(photo), where, model, prior, repeats))
    return SpeedReport(python, library, tuple(sizes), tuple(batches), repeats, imports, earlier, together)


def _enlarged(photo: Path, pixels: float, target: Path) -> tuple[int, int]:
    with Image.open(photo) as opened:
        image = opened.convert("RGB")
    scale = (pixels / (image.width * image.height)) ** 0.5
    size = (max(32, round(image.width * scale)), max(32, round(image.height * scale)))
    image.resize(size, Image.Resampling.BICUBIC).save(target, quality=QUALITY)
    return size


def _stages(source: Path, target: Path, model: str, prior: str, repeats: int) -> dict[str, float]:
    """Seconds of every stage in this process, where all is loaded: what a photo of a batch takes."""
    retoucher = Retoucher.load(model=model, prior=prior, device="cpu")
    best: dict[str, float] = {}
    for _ in range(repeats):
        clock = _Clock(best)
        photo = read(source)
        clock.stop("read")
        small = retoucher.proxy(photo)
        clock.stop("proxy")
        found = retoucher.solve(small, photo)
        clock.stop("search")
        edited = retoucher.render(photo, found.recipe, small)
        clock.stop("prepare")
        write(edited, target, quality=QUALITY, overwrite=True)
        clock.stop("render and write")
    return best


def _search_on_gpu(source: Path, device: torch.device, model: str, prior: str, repeats: int) -> float | None:
    """Seconds of the search on a device, after one to warm up; None on the CPU, which has them by stage."""
    if device.type == "cpu":
        return None
    retoucher = Retoucher.load(model=model, prior=prior, device=device)
    small = retoucher.proxy(read(source))
    best: dict[str, float] = {}
    retoucher.solve(small)
    for _ in range(repeats):
        clock = _Clock(best)
        retoucher.solve(small)
        clock.stop("search")
    return best["search"]


class _Clock:
    """Keeps the least seconds of each stage."""

    def __init__(self, best: dict[str, float]) -> None:
        self._best, self._since = best, time.perf_counter()

    def stop(self, stage: str) -> None:
        """A stage is over, the next one begins."""
        taken = time.perf_counter() - self._since
        self._best[stage] = min(taken, self._best.get(stage, taken))
        self._since = time.perf_counter()


@dataclass(frozen=True)
class _Folders:
    """A folder of `count` photos of 6 megapixels and one of the `first` of them; Pillow's cost of one."""

    folder: Path
    count: int
    first: int
    floor: ProcessCost

    @staticmethod
    def of(photo: Path, folder: Path, count: int, first: int, repeats: int) -> "_Folders":
        one = folder / "one.jpg"
        _enlarged(photo, _BATCH_PIXELS, one)
        for size in (first, count):
            (folder / f"{size}").mkdir()
            for index in range(size):
                (folder / f"{size}" / f"{index}.jpg").write_bytes(one.read_bytes())
        return _Folders(folder, count, first, least(pillow(one, folder / "out.jpg"), repeats))

    def costs(self, engine: str, workers: int, weights: Sequence[str]) -> list[BatchCost]:
        """Whole runs, with the search and without."""

        def batch(size: int, extra: Sequence[str]) -> ProcessCost:
            out = self.folder / f"{size}_{engine}_{workers}_{len(extra)}"
            ends = [str(self.folder / f"{size}"), str(out), "--workers", str(workers), "--engine", engine]
            return least([*_COMMAND, "batch", *ends, *weights, *extra], 1)

        return [
            BatchCost(
                name,
                workers,
                self.count,
                batch(self.count, extra),
                self.first,
                batch(self.first, extra),
                self.floor,
                engine,
            )
            for name, extra in (("search", ()), ("--fast", ("--fast",)))
        ]

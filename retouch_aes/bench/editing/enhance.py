"""`bench enhance`: enhancement networks beside simple baselines and the retouch, on photos of several kinds.

Where there is a reference (an expert's version, the middle of an exposure bracket) the result is compared
with it: PSNR, SSIM, Delta E 2000, and LPIPS where its trunk is given. Everywhere every scorer judges it, and
the time is taken. A score that was ascended is no proof; that of a scorer which was not is one, and so is a
reference.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from retouch_aes.atomic_io import replacing
from retouch_aes.bench.common.methods import Method, Score, run
from retouch_aes.bench.common.metrics import psnr, ssim
from retouch_aes.bench.common.photos import difference, load
from retouch_aes.bench.editing.brackets import middle_of, read_frames
from retouch_aes.bench.editing.enhance_report import EnhanceReport, EnhanceRow
from retouch_aes.enhancers import Enhancer
from retouch_aes.enhancers import enhance as apply_enhancer
from retouch_aes.errors import UsageError
from retouch_aes.export.side_by_side import contact_sheet
from retouch_aes.progress import Progress


@dataclass(frozen=True)
class EnhanceCase:
    """A photo of the set `kind`, and what it should become, where that is known."""

    kind: str
    photo: Path
    reference: Path | None = None


def bracket_cases(folder: Path) -> list[EnhanceCase]:
    """The darkest and the brightest frame of every scene, with its middle frame as the reference."""
    cases = []
    for frames in read_frames(folder).values():
        middle = middle_of(frames)
        cases += [
            EnhanceCase(f"brackets, {end}", frames[place].path, frames[middle].path)
            for end, place in (("dark", 0), ("bright", len(frames) - 1))
            if place != middle
        ]
    return cases


def method_of(network: Enhancer, device: torch.device | str = "cpu") -> Method:
    """An enhancer, on its device, as a method of the benchmarks."""

    def method(image: Tensor) -> Tensor:
        return apply_enhancer(network, image.to(device)).to(image)

    return method


def enhance(
    cases: Sequence[EnhanceCase],
    methods: Mapping[str, Method],
    scorers: Mapping[str, Score],
    *,
    perceptual: nn.Module | None = None,
    seed: int = 0,
    side: int = 512,
    progress: Progress | None = None,
    gallery_dir: Path | None = None,
) -> EnhanceReport:
    """Every method on every case. `perceptual` gives LPIPS `(B,)` of two photos; `seed` is the intervals'.

    Photos are reduced to a long side of `side` pixels; answers are rounded to 8 bit. With `gallery_dir` one
    contact sheet per set shows its first eight photos.
    """
    if not cases or not methods:
        raise UsageError(f"expected photos and methods, got {len(cases)} and {len(methods)}")
    rows, pictures = [], dict[str, list[list[Tensor]]]()
    for done, case in enumerate(cases):
        image = load(case.photo, side)
        reference = None if case.reference is None else load(case.reference, side)
        if reference is not None and reference.shape != image.shape:
            raise UsageError(f"{case.photo} and {case.reference}: expected photos of one shape")
        made = []
        for name, method in methods.items():
            began = time.perf_counter()
            answer = run(name, method, image)
            seconds = time.perf_counter() - began
            with torch.no_grad():
                scores = {scorer: float(score(answer)[0]) for scorer, score in scorers.items()}
            near = {} if reference is None else nearness(answer, reference, perceptual)
            rows.append(EnhanceRow(case.kind, case.photo.name, name, seconds, scores, near))
            made.append(answer)
        kept = pictures.setdefault(case.kind, [])
        if len(kept) < 8:
            kept.append([*made, *([] if reference is None else [reference])])
        if progress is not None:
            progress("enhance", done + 1, len(cases))
    if gallery_dir is not None:
        _save_sheets(gallery_dir, pictures, list(methods))
    return EnhanceReport(seed, side, tuple(methods), tuple(scorers), tuple(rows))


def nearness(image: Tensor, reference: Tensor, perceptual: nn.Module | None) -> dict[str, float]:
    """The measures that need a reference."""
    found = {
        "psnr": min(psnr(image, reference), 100.0),
        "ssim": ssim(image, reference),
        "delta_e": difference(image, reference),
    }
    if perceptual is not None:
        with torch.no_grad():
            found["lpips"] = float(perceptual(image, reference)[0])
    return found


def _save_sheets(
    folder: Path, pictures: Mapping[str, Sequence[Sequence[Tensor]]], methods: Iterable[str]
) -> None:
    for kind, rows in pictures.items():
        names = [*methods, "reference"][: len(rows[0])]
        sheet = contact_sheet(rows, names, [str(index + 1) for index in range(len(rows))])
        with replacing(folder / f"{kind.replace(', ', '_').replace(' ', '_')}.jpg") as temporary:
            sheet.save(temporary, quality=92)

"""Exposure brackets: one scene from too dark to too bright, so that the right answer is known.

(a) Does the score prefer the middle exposure? The middle frame is the one whose mean luma lies nearest 118
(of 255), mid grey in encoded sRGB. It is paired with the darkest and the brightest frame of its scene; and
within each side every frame is paired with every frame further from the middle.
(b) Does a retouch bring an extreme frame nearer? Mean Delta E 2000 to the middle frame, after over before.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import torch

from retouch_aes.bench.common.methods import Method, Score, run
from retouch_aes.bench.common.photos import difference, load
from retouch_aes.bench.editing.brackets_report import BracketPair, BracketRepair, BracketReport
from retouch_aes.errors import DatasetError
from retouch_aes.progress import Progress

MID_LUMA = 118.0


@dataclass(frozen=True)
class Frame:
    """One exposure of a scene."""

    scene: str
    path: Path
    mean_luma: float


def brackets(
    folder: Path,
    score: Score,
    methods: Mapping[str, Method],
    *,
    seed: int = 0,
    side: int = 384,
    progress: Progress | None = None,
) -> BracketReport:
    """Both checks on every scene of `folder`, which holds `frames.csv` (scene, frame, mean_luma).

    `score` takes `(B, 3, H, W)` sRGB [0, 1] and gives `(B,)`; methods take and give `(1, 3, H, W)`, and may
    be none. Photos are reduced to a long side of `side` pixels; `seed` is the intervals'.
    """
    scenes = read_frames(folder)
    pairs: list[BracketPair] = []
    repairs: list[BracketRepair] = []
    for done, (scene, frames) in enumerate(scenes.items()):
        images = [load(frame.path, side) for frame in frames]
        with torch.no_grad():
            scores = [float(score(image)[0]) for image in images]
        middle = middle_of(frames)
        extremes = [end for end in (0, len(frames) - 1) if end != middle]
        for nearer, further in pairs_of(middle, len(frames)):
            with_extreme = nearer == middle and further in extremes
            names = frames[nearer].path.name, frames[further].path.name
            pairs.append(BracketPair(scene, *names, with_extreme, scores[nearer], scores[further]))
        for end in extremes:
            image, reference = images[end], images[middle]
            after = {
                name: difference(run(name, method, image), reference) for name, method in methods.items()
            }
            before, side_name = difference(image, reference), "dark" if end == 0 else "bright"
            repairs.append(BracketRepair(scene, frames[end].path.name, side_name, before, after))
        if progress is not None:
            progress("brackets", done + 1, len(scenes))
    return BracketReport(seed, side, tuple(methods), tuple(pairs), tuple(repairs))


def middle_of(frames: list[Frame]) -> int:
    """The index of the frame nearest mid luma."""
    return min(range(len(frames)), key=lambda index: abs(frames[index].mean_luma - MID_LUMA))


def pairs_of(middle: int, count: int) -> Iterator[tuple[int, int]]:
    """(nearer, further) for every two frames on the same side of the middle, the middle included."""
    for side in (range(middle, -1, -1), range(middle, count)):
        yield from combinations(side, 2)


def read_frames(folder: Path) -> dict[str, list[Frame]]:
    """The scenes of `folder`, each with its frames from dark to bright. Every problem is listed."""
    table = folder / "frames.csv"
    if not table.is_file():
        raise DatasetError(f"expected {table} with the columns scene, frame, mean_luma; there is none")
    scenes: dict[str, list[Frame]] = {}
    problems = []
    with table.open(newline="", encoding="utf-8") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            try:
                frame = Frame(row["scene"], folder / row["frame"], float(row["mean_luma"]))
            except (KeyError, TypeError, ValueError) as error:
                problems.append(f"line {number}: expected scene, frame, mean_luma, got {row} ({error})")
                continue
            if not frame.path.is_file():
                problems.append(f"line {number}: no photo {frame.path.name}")
            scenes.setdefault(frame.scene, []).append(frame)
    if problems or not scenes:
        raise DatasetError(f"{table}: " + ("; ".join(problems) or "no frames"))
    return {scene: sorted(frames, key=lambda frame: frame.mean_luma) for scene, frames in scenes.items()}

"""What `bench scale` runs in a process of its own: one stage on so many made rows.

python -m retouch_aes.bench.system.scale_stages STAGE ROWS FOLDER

A first turn on `LEAST` rows loads what the stage needs, so that the processor seconds of the second, which
are told, are the rows' own: what is imported differs from stage to stage.
"""

import importlib
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from retouch_aes.bench.common.stages import tell

WIDTH, BLOCK = 512, 4096
CHANNELS, GRID = 32, 10
STEPS, QUERIES, NEIGHBOURS = 50, 100, 50
INPUTS = 20
LEAST = 100
SECONDS = "seconds"


def nothing(rows: int, folder: Path) -> None:  # noqa: ARG001
    """What every stage takes before it begins: the libraries."""
    for name in ("sklearn.kernel_approximation", "sklearn.svm", "retouch_aes.papers.cfan.training"):
        importlib.import_module(name)


def neighbours(rows: int, folder: Path) -> None:
    """A table of features of `rows` photos written once, then the nearest to 100 photos read from it."""
    from retouch_aes.datasets.nearest import nearest

    random, path = np.random.default_rng(0), folder / "features.npy"
    table = np.lib.format.open_memmap(path, "w+", np.float16, (rows, WIDTH))
    for at in range(0, rows, BLOCK):
        part = random.standard_normal((min(BLOCK, rows - at), WIDTH), dtype=np.float32)
        table[at : at + len(part)] = part / np.linalg.norm(part, axis=1, keepdims=True)
    table.flush()
    del table
    stored = np.load(path, mmap_mode="r")
    nearest(stored, torch.from_numpy(random.standard_normal((QUERIES, WIDTH))), min(NEIGHBOURS, rows))


def maps(rows: int, folder: Path) -> None:
    """Feature maps of `rows` photos written once, then CFAN trained on them for 50 steps."""
    from retouch_aes.optim.training_loop import Schedule
    from retouch_aes.papers.cfan.training import CFANSettings, Judgements, fit_cfan
    from retouch_aes.papers.stored_maps import StoredMaps

    draw, stored = torch.Generator().manual_seed(0), StoredMaps(folder)
    for at in range(0, rows, 256):
        stored.append(torch.rand(min(256, rows - at), CHANNELS, GRID, GRID, generator=draw))
    examples = Judgements(
        users=torch.randint(200, (5 * rows,), generator=draw),
        photos=torch.arange(rows).repeat(5),
        good=torch.randint(2, (5 * rows,), generator=draw).float(),
        tokens=torch.randint(1, 500, (5 * rows, 8), generator=draw),
        maps=stored,
        tags=torch.randint(10, (rows,), generator=draw),
        liked=torch.randint(2, (rows,), generator=draw).float(),
        counts=(200, 10, 500),
    )
    fit_cfan(examples, CFANSettings(schedule=Schedule("scale", steps=STEPS, rate=5e-3)))


def zhang(rows: int, folder: Path) -> None:
    """Maps of `rows` rated photos on disk, Zhang's network trained on them for 50 steps, then a person's."""
    from retouch_aes.datasets import Ratings
    from retouch_aes.papers.common.full_batch import TrainingStage
    from retouch_aes.papers.method import PersonEvidence, Study
    from retouch_aes.papers.pooled_maps import PooledMaps
    from retouch_aes.papers.zhang.method import Zhang

    draw, random = torch.Generator().manual_seed(0), np.random.default_rng(0)
    method = Zhang(channels=16, first=TrainingStage(STEPS, 1e-2))
    stored = PooledMaps(folder, [method.grid])
    for at in range(0, rows, 256):
        count = min(256, rows - at)
        stored.append(tuple(torch.rand(count, CHANNELS, side, side, generator=draw) for side in (8, 4)))
    every, blank = np.arange(rows), np.zeros((rows, 0))
    score = random.uniform(1, 10, rows)
    names = tuple(Path(f"{row}.jpg") for row in range(rows))
    others = Ratings(("crowd",), names, np.zeros(rows, np.intp), every, score, (1.0, 10.0))
    features = random.normal(size=(rows, CHANNELS))
    study = Study(features, score, blank, blank, stored, others, every)
    method.prepare(study)
    photos = random.permutation(rows)[:QUERIES]
    pairs = photos[np.stack([np.arange(QUERIES - 1), np.arange(1, QUERIES)], 1)]
    method.fit(study, PersonEvidence(photos, score[photos], pairs)).predict(study, photos)


def svr(rows: int, folder: Path) -> None:  # noqa: ARG001
    """The support vector machine of `rows` answers, and what it says of each."""
    from retouch_aes.papers.common.rbf_machine import RBFMachine

    inputs, values = _answers(rows)
    RBFMachine.fit(inputs, values).predict(inputs)


def gaussian_process(rows: int, folder: Path) -> None:  # noqa: ARG001
    """The posterior of `rows` ratings of as many photos."""
    from retouch_aes.taste.gp.covariance import CovarianceSettings, FeatureBasis, GPInputs
    from retouch_aes.taste.gp.low_rank import low_rank_posterior, partial_cholesky
    from retouch_aes.taste.gp.tuning import observe_ratings

    inputs, values = _answers(rows)
    features, settings = torch.from_numpy(inputs), CovarianceSettings()
    blank, score = torch.zeros(rows, 6, dtype=torch.float64), torch.full((rows,), 5.5, dtype=torch.float64)
    views = GPInputs(FeatureBasis.of(features)(features), score, blank, blank, torch.zeros_like(score))
    factor, pivots = partial_cholesky(views, settings)
    said = observe_ratings((5.5 + values).clip(1, 10), settings.noise)
    low_rank_posterior(said, factor, pivots, score)


def _answers(rows: int) -> tuple["np.ndarray", "np.ndarray"]:
    random = np.random.default_rng(0)
    inputs = random.normal(size=(rows, INPUTS))
    return inputs, np.tanh(inputs[:, 0]) + 0.5 * inputs[:, 1] + 0.5 * random.normal(size=rows)


STAGES: dict[str, Callable[[int, Path], None]] = {
    "neighbours": neighbours,
    "maps": maps,
    "zhang": zhang,
    "svr": svr,
    "gp": gaussian_process,
}
START = "start"


def measure(stage: str, rows: int, folder: Path) -> None:
    """Run `stage` on `LEAST` rows, then on `rows`; tell the seconds of the second turn."""
    run, seconds = {**STAGES, START: nothing}[stage], 0.0
    for count in (LEAST, rows):
        with tempfile.TemporaryDirectory(dir=folder) as own:
            began = time.process_time()
            run(count, Path(own))
            seconds = time.process_time() - began
    tell(folder, **{SECONDS: seconds})


if __name__ == "__main__":
    measure(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))

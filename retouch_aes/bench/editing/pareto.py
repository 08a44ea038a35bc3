"""`bench frontier`: what more steps and a larger proxy bring, and what they cost.

Degraded photos (those of `recovery`) are retouched at every proxy size and number of steps. Time runs from
the full image to the recipe; what is bought with it is the rise of the score, seen at one size for all, and
the way back to the photo as it was: Delta E 2000 after over before.
"""

import time
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np
import torch

from retouch_aes.bench.common.degradations import draw
from retouch_aes.bench.common.photos import difference, load
from retouch_aes.bench.editing.pareto_report import ParetoPoint, ParetoReport
from retouch_aes.devices import device_of
from retouch_aes.editing.solve import RetouchSettings
from retouch_aes.errors import UsageError
from retouch_aes.models.edit_prior import EditPrior
from retouch_aes.models.model import AestheticModel
from retouch_aes.optim.bfgs import BFGS
from retouch_aes.photo import Photo
from retouch_aes.pipeline import Retoucher
from retouch_aes.progress import Progress


def pareto(
    photos: Sequence[Path],
    model: AestheticModel,
    prior: EditPrior | None,
    *,
    proxies: Sequence[int] = (128, 192, 256, 384),
    steps: Sequence[int] = (0, 1, 2, 4, 8),
    side: int = 384,
    seed: int = 0,
    progress: Progress | None = None,
) -> ParetoReport:
    """Each of `photos`, degraded once in each way, is retouched with every pair of `proxies` and `steps`."""
    if not photos or not proxies or not steps:
        raise UsageError(f"expected photos, proxies and steps, got {len(photos)}, {proxies}, {steps}")
    plans = list(product(proxies, steps))
    found = np.zeros((len(plans), 3))  # seconds, rise of the score, distance after
    before, count = 0.0, 0
    for number, path in enumerate(photos):
        photo = load(path, side)
        for degradation in draw(path.name, seed=seed, per_kind=1):
            degraded = degradation.apply(photo)
            before, count = before + difference(degraded, photo), count + 1
            was = _score(model, degraded)
            for row, (proxy, most) in enumerate(plans):
                settings = RetouchSettings(proxy=proxy, solver=BFGS(steps=most), seed=seed)
                retoucher, opened = Retoucher(model, prior=prior, settings=settings), Photo(degraded)
                began = time.perf_counter()
                small = retoucher.proxy(opened)
                solution = retoucher.solve(small)
                taken = time.perf_counter() - began
                made = retoucher.render(opened, solution.recipe, small).image
                found[row] += taken, _score(model, made) - was, difference(made, photo)
        if progress is not None:
            progress("frontier", number + 1, len(photos))
    points = tuple(
        ParetoPoint(proxy, most, row[0] / count, row[1] / count, row[2] / before)
        for (proxy, most), row in zip(plans, found, strict=True)
    )
    return ParetoReport(len(photos), count, seed, points)


def _score(model: AestheticModel, image: torch.Tensor) -> float:
    with torch.no_grad():
        return float(model(image.to(device_of(model))))

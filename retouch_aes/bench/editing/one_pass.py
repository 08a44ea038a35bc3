"""`bench one-pass`: how much of the solver's gain does one look bring, in what share of its time?

On unseen photos, the rise of the score and the fall of the solver's own objective, from the photo as it is.
All ways get the same proxies and operators; only the solver may look again and again. A way's time runs from
the proxy to the parameters.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from retouch_aes.bench.common.bootstrap import bootstrap, ratio
from retouch_aes.bench.common.photos import load
from retouch_aes.bench.editing.one_pass_report import OnePassReport, OnePassWay
from retouch_aes.editing.objective import Objective
from retouch_aes.errors import UsageError
from retouch_aes.losses import Fidelity
from retouch_aes.models.edit_prior import EditPrior, LearnedPrior, NeutralPrior
from retouch_aes.optim.bfgs import BFGS
from retouch_aes.optim.minimiser import Minimiser
from retouch_aes.pipeline import Retoucher
from retouch_aes.progress import Progress

FEW = 4


def one_pass(
    photos: Sequence[Path],
    retoucher: Retoucher,
    network: LearnedPrior,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> OnePassReport:
    """Compare `network` with the solver that starts from the prior of `retoucher`, on its device."""
    if not photos:
        raise UsageError("expected a photo at least, got none")
    settings, device = retoucher.settings, retoucher.device
    fidelity, chain = Fidelity(), network.chain
    rows = []
    for number, path in enumerate(photos):
        image = load(path, settings.proxy).to(device)
        model, start = retoucher.score_of(image), retoucher.prior or NeutralPrior()

        def about(from_here: EditPrior, image: Tensor = image, model: nn.Module = model) -> Objective:
            guess = from_here.guess(image, chain)
            return Objective.about(image, chain, model, fidelity, guess, settings.weights)

        common = about(start)
        found = [
            (torch.zeros(1, len(chain), device=device), 0.0),
            _timed(partial(_looked, network, image)),
            _timed(partial(_searched, BFGS(steps=FEW), partial(about, network))),
            _timed(partial(_searched, settings.solver, partial(about, start))),
        ]
        with torch.no_grad():
            rows.append([(float(common(u)), float(model(common.edit(u))), seconds) for u, seconds in found])
        if progress is not None:
            progress("one pass", number + 1, len(photos))
    table = np.array(rows)  # photos, (as it is, *WAYS), (objective, score, seconds)
    ways = tuple(
        OnePassWay(
            name,
            bootstrap(_share(table, column, 1), len(table), seed=seed),
            bootstrap(_share(table, column, 0), len(table), seed=seed),
            float((table[:, column, 1] - table[:, 0, 1]).mean()),
            float(np.median(table[:, column, 2])),
        )
        for column, name in enumerate(("one pass", f"one pass, {FEW} steps", "solver"), start=1)
    )
    return OnePassReport(len(photos), seed, retoucher.fingerprint, ways)


def _looked(network: LearnedPrior, image: Tensor) -> Tensor:
    return network.guess(image, network.chain)[0]


def _searched(solver: Minimiser, about: Callable[[], Objective]) -> Tensor:
    objective = about()
    return solver.minimise(objective, objective.anchor, objective.spread).parameters


def _timed(work: Callable[[], Tensor]) -> tuple[Tensor, float]:
    began = time.perf_counter()
    units = work()
    return units, time.perf_counter() - began


def _share(table: np.ndarray, column: int, what: int) -> Callable[[np.ndarray], float]:
    """Of the solver's mean gain, the share that the way in `column` reaches."""
    gains = table[:, [column, -1], what] - table[:, :1, what]

    def share(drawn: np.ndarray) -> float:
        way, solver = gains[drawn].sum(0).tolist()
        return ratio(way, solver)

    return share

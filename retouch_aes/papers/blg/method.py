"""BLG-PIAA: a start from which any person is a few steps away (Zhu, Li, Wu, Zhao, Ding, Shi, 2020).

A task is one rater of the population, whose answers are split into a support set and a query set:

    w'  = w  - a grad L_support(w)            some steps
    w'' = w' - a grad L_query(w')             some steps
    w  <- w - b mean_raters (w - w'')         meta-training
    person: from w, steps of Adam down the mean squared error of their ratings, held to w;
            f(x) = generic(x) + g(x; person) - g(x; w)

As in the paper both gradients are of first order: none passes through another. What differs: the network is a
small one on frozen inputs, and says what a person adds to the generic score, where the paper moves a ResNet
that says the score; what the start says already is taken off, for it is of no person and of chance; the inner
steps are Adam's there, ours plain with bounded gradients.
"""

import numpy as np
import torch
from torch import Tensor

from retouch_aes.papers.common.residual_method import RaterResiduals, ResidualMethod
from retouch_aes.papers.common.residual_network import (
    HIDDEN,
    Tensors,
    adapt,
    added,
    beyond,
    fresh_tensors,
    squared_gap,
)
from retouch_aes.papers.method import PersonEvidence, Study

ROUNDS, RATERS, ANSWERS = 300, 8, 16
INNER, INNER_STEPS, STEEPEST, OUTER = 0.1, 4, 4.0, 0.5
STEPS, RATE = 30, 0.01


class BLGPIAA(ResidualMethod):
    """See the module. `anchor` holds a person of k photos to the start by anchor / k."""

    name: str = "BLG-PIAA"
    parts = ("attributes", "content", "features")

    def __init__(self, *, anchor: float = 300.0, steps: int = STEPS, rate: float = RATE) -> None:
        super().__init__()
        self.anchor, self.steps, self.rate = anchor, steps, rate
        self._start: Tensors = {}

    def trained(self, study: Study, residuals: RaterResiduals) -> None:  # noqa: ARG002
        """Meta-train on raters with answers enough for both sets; without such the start adds nothing."""
        start = fresh_tensors((self.networks,), self.table.shape[1], HIDDEN, 0)
        order = np.argsort(residuals.raters.numpy(), kind="stable")
        counts = np.bincount(residuals.raters.numpy(), minlength=residuals.count)
        answers = np.split(order, np.cumsum(counts)[:-1])
        able = [mine for mine in answers if len(mine) >= 2 * ANSWERS]
        random = np.random.default_rng(0)
        for _ in range(ROUNDS if able else 0):
            chosen = [able[place] for place in random.integers(len(able), size=RATERS)]
            drawn = torch.from_numpy(np.stack([random.permutation(mine)[: 2 * ANSWERS] for mine in chosen]))
            tasks = {
                name: tensor[:, None].expand(-1, RATERS, *tensor.shape[1:]) for name, tensor in start.items()
            }
            for step in range(2 * INNER_STEPS):
                some = drawn[:, :ANSWERS] if step < INNER_STEPS else drawn[:, ANSWERS:]
                tasks = self._stepped(tasks, residuals, some)
            start = {name: start[name] - OUTER * (start[name] - tasks[name].mean(1)) for name in start}
        self._start = start

    def _stepped(self, tasks: Tensors, residuals: RaterResiduals, some: Tensor) -> dict[str, Tensor]:
        """One step of all tasks `(F, T, ...)` on the answers `some` `(T, N)`."""
        moved = {name: tensor.detach().clone().requires_grad_() for name, tensor in tasks.items()}
        z = self.table[residuals.photos[some]]
        loss = squared_gap(added(moved, z), residuals.values[:, some], residuals.seen[:, some])
        slopes = dict(zip(moved, torch.autograd.grad(loss.sum(), list(moved.values())), strict=True))
        steepness = (
            torch.stack([slope.square().reshape(*slope.shape[:2], -1).sum(2) for slope in slopes.values()])
            .sum(0)
            .sqrt()
        )
        rate = INNER / (steepness / STEEPEST).clamp(min=1)
        return {
            name: (moved[name] - rate.view(*rate.shape, *(1,) * (slope.ndim - 2)) * slope).detach()
            for name, slope in slopes.items()
        }

    def personal(self, z: Tensor, wanted: Tensor, evidence: PersonEvidence) -> Tensors:  # noqa: ARG002
        """A few steps from the start."""
        every, target = torch.ones_like(wanted), wanted + added(self._start, z)
        found = adapt(
            self._start,
            lambda moved: squared_gap(added(moved, z), target, every),
            steps=self.steps,
            rate=self.rate,
            anchor=self.anchor / len(wanted),
        )
        return beyond(found, self._start)

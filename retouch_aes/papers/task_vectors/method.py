"""Task vectors: a person as a mixture of models that exist already (Yun and Choo, ECCV 2024).

    t_s = w_s - w_0                                        source s, from the common start w_0
    w   = w_0 + sum_s l_{s,tensor} t_s                     one coefficient for each tensor and source
    min_l  mean (rating - f(x; w))^2 + held / k |l|^2      k ratings of the person; l begins at 0

so that few numbers are learned however large the network. What differs: the paper's sources are six published
databases of aesthetics and quality, each a whole network; here they are groups of the population's raters
with like tastes (k-means on ridge regressions of what each adds to the generic score), each a small network
on frozen inputs. Coefficients are held to 0 (ours), where the paper stops early.
"""

import torch
from torch import Tensor

from retouch_aes.errors import UsageError
from retouch_aes.papers.common.residual_method import RaterResiduals, ResidualMethod
from retouch_aes.papers.common.residual_network import (
    HIDDEN,
    NAMES,
    Tensors,
    adapt,
    added,
    beyond,
    fresh_tensors,
    squared_gap,
)
from retouch_aes.papers.method import PersonEvidence, Study

SOURCES = 6
START, SOURCE = (150, 0.02), (60, 0.01)
STEPS, RATE = 80, 0.05
_RIDGE, _ROUNDS = 20.0, 20


class TaskVectors(ResidualMethod):
    """See the module; `held` as there."""

    name: str = "Task vectors"
    parts = ("attributes", "content", "features")

    def __init__(self, *, sources: int = SOURCES, held: float = 300.0) -> None:
        super().__init__()
        self.sources, self.held = sources, held
        self._start: Tensors = {}
        self._vectors: Tensors = {}

    def trained(self, study: Study, residuals: RaterResiduals) -> None:
        """The start from all raters' means; a source from each group's."""
        photos, z = len(study), self.table
        if not len(residuals.raters):
            raise UsageError(
                f"{self.name}: expected a study with ratings of a population, got none; learn takes one by "
                "--population"
            )
        fresh = fresh_tensors((self.networks,), z.shape[1], HIDDEN, 0)
        all_in_one = torch.zeros(self.networks, residuals.count, dtype=torch.long)
        means, weights = (part[:, 0] for part in residuals.means(all_in_one, 1, photos))
        start = adapt(
            fresh,
            lambda moved: squared_gap(added(moved, z), means, weights),
            steps=START[0],
            rate=START[1],
            anchor=1e-3,
        )
        groups = min(self.sources, residuals.count)
        split = {name: tensor[:, None].repeat_interleave(groups, 1) for name, tensor in start.items()}
        of_groups = residuals.means(alike(residuals, z, groups), groups, photos)
        found = adapt(
            split,
            lambda moved: squared_gap(added(moved, z), *of_groups),
            steps=SOURCE[0],
            rate=SOURCE[1],
        )
        self._start = start
        self._vectors = {name: found[name] - split[name] for name in NAMES}

    def personal(self, z: Tensor, wanted: Tensor, evidence: PersonEvidence) -> Tensors:  # noqa: ARG002
        """The coefficients that suit the person's ratings, and the networks that they make."""
        every, target = torch.ones_like(wanted), wanted + added(self._start, z)
        count = self._vectors["level"].shape[1]
        begun = {name: torch.zeros(self.networks, count) for name in NAMES}
        found = adapt(
            begun,
            lambda shares: squared_gap(added(self._mixed(shares), z), target, every),
            steps=STEPS,
            rate=RATE,
            anchor=self.held / len(wanted),
        )
        return beyond(self._mixed(found), self._start)

    def _mixed(self, shares: Tensors) -> dict[str, Tensor]:
        """The networks for coefficients `(F, S)` of each tensor."""
        mixed = {}
        for name in NAMES:
            vectors = self._vectors[name]
            share = shares[name].view(*shares[name].shape, *(1,) * (vectors.ndim - 2))
            mixed[name] = self._start[name] + (share * vectors).sum(1)
        return mixed


def alike(residuals: RaterResiduals, z: Tensor, groups: int) -> Tensor:
    """`(F, U)`: which of the groups of like taste each rater belongs to, as each fold's network sees it."""
    width = z.shape[1] + 1
    table = torch.cat([z, torch.ones(len(z), 1)], 1)
    found = []
    for seen, values in zip(residuals.seen, residuals.values, strict=True):
        inner, outer = torch.zeros(residuals.count, width, width), torch.zeros(residuals.count, width)
        for rater in range(residuals.count):
            mine = (residuals.raters == rater) & (seen > 0)
            rows = table[residuals.photos[mine]]
            inner[rater], outer[rater] = rows.T @ rows, rows.T @ values[mine]
        ridge = _RIDGE * torch.eye(width)
        ridge[-1, -1] = 1e-3  # a level is no taste: it is fitted and then left out
        tastes = torch.linalg.solve(inner + ridge, outer)[:, :-1]
        found.append(_nearest_centres(tastes, groups))
    return torch.stack(found)


def _nearest_centres(rows: Tensor, count: int) -> Tensor:
    """Plain k-means from the rows that lie farthest apart: `(U, C)` -> `(U,)`."""
    centres = rows[rows.square().sum(1).argmax()][None]
    while len(centres) < count:
        centres = torch.cat([centres, rows[torch.cdist(rows, centres).min(1).values.argmax()][None]])
    for _ in range(_ROUNDS):
        group = torch.cdist(rows, centres).argmin(1)
        for place in range(count):
            if bool((group == place).any()):
                centres[place] = rows[group == place].mean(0)
    return torch.cdist(rows, centres).argmin(1)

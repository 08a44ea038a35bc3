"""User traits that interact with what a photo shows, after PIAA-MIR and PIAA-ICI.

Zhu, Zhou, Shao, Xu, Mathematics 2022; Shi et al., Knowledge-Based Systems 2024.

    f(x, u) = generic(x) + (A t_u + e_u) . h(x) + level_u             t_u: traits, e_u: the person's own

Trained on all raters of the population together: the interactions A of traits (age, gender, experience, Big
Five as PARA has them) with what the layer `h` finds in attributes, content and features, and each rater's
own e_u, held to 0. A new person's traits give a first answer; their ratings then give e_u in closed form,

    min_e  sum_k (rating - f)^2 + held |e|^2

Without traits (any other dataset, and `learn`) t_u is 0 and the method is that of e_u alone. What differs:
MIR lets each trait meet each attribute in a network of its own, ICI passes messages between traits and
attributes; here they meet in one product, so a new person needs no training. The backbone is frozen.
"""

import numpy as np
import torch
from torch import Tensor

from retouch_aes.papers.common.residual_method import RaterResiduals, ResidualMethod
from retouch_aes.papers.common.residual_network import (
    HIDDEN,
    Tensors,
    adapt,
    fresh_tensors,
    hidden_layer,
    squared_gap,
)
from retouch_aes.papers.method import PersonEvidence, Study

STEPS, RATE, BATCH = 200, 0.02, 2048
_OWN = 1e-2


class TraitInteractions(ResidualMethod):
    """See the module; `held` as there."""

    name: str = "User traits (after MIR and ICI)"
    parts = ("attributes", "content", "features")

    def __init__(self, *, held: float = 1000.0) -> None:
        super().__init__()
        self.held = held
        self._shared: Tensors = {}

    def trained(self, study: Study, residuals: RaterResiduals) -> None:
        """The layer and the interactions, from all raters."""
        known = study.population_traits
        traits = torch.zeros(residuals.count, 0) if known is None else centred(known)
        begun = fresh_tensors((self.networks,), self.table.shape[1], HIDDEN, 0)
        begun.pop("last"), begun.pop("level")
        begun |= {
            "traits": torch.zeros(self.networks, traits.shape[1], HIDDEN),
            "own": torch.zeros(self.networks, residuals.count, HIDDEN),
        }
        generator = torch.Generator().manual_seed(0)

        def losses(moved: Tensors) -> Tensor:
            some = torch.randint(len(residuals.raters), (BATCH,), generator=generator)
            raters, z = residuals.raters[some], self.table[residuals.photos[some]]
            own = moved["own"].index_select(1, raters)
            wishes = traits[raters] @ moved["traits"] + own
            found = (wishes * hidden_layer(moved, z)).sum(-1)
            away = own.square().sum(-1).mean(-1)
            away = away + moved["traits"].square().sum((1, 2)) / max(1, traits.shape[1])
            return squared_gap(found, residuals.values[:, some], residuals.seen[:, some]) + _OWN * away

        steps = STEPS if len(residuals.raters) else 0
        found = adapt(begun, losses, steps=steps, rate=RATE)
        self._shared = {name: found[name] for name in ("first", "bias", "traits")}

    def personal(self, z: Tensor, wanted: Tensor, evidence: PersonEvidence) -> Tensors:
        """The person's wishes: the traits', and their own by ridge regression."""
        shared, said = self._shared, evidence.traits
        wishes = torch.zeros_like(shared["bias"])
        if said is not None and len(said) == shared["traits"].shape[1]:
            wishes = centred(said) @ shared["traits"]
        hidden = hidden_layer(shared, z)
        gap = wanted - (hidden @ wishes[..., None]).squeeze(-1)
        level = gap.mean(-1, keepdim=True)
        centre = hidden.mean(-2, keepdim=True)
        rows = hidden - centre
        square = rows.transpose(-1, -2) @ rows + self.held * torch.eye(rows.shape[-1])
        own = torch.linalg.solve(square, rows.transpose(-1, -2) @ (gap - level)[..., None]).squeeze(-1)
        level = level.squeeze(-1) - (centre.squeeze(-2) * own).sum(-1)
        return {"first": shared["first"], "bias": shared["bias"], "last": wishes + own, "level": level}


def centred(traits: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> Tensor:
    """Traits in [0, 1] -> [-1, 1]; 0.5, which stands for unknown, says nothing."""
    return torch.from_numpy(np.asarray(2 * traits - 1)).float()

"""Training of BPR and VBPR, the recommenders beside CFAN, on pairs of a photo that a user liked and another.

The other one is drawn at random among all photos that the user did not judge good, most of them never judged,
as the paper has it ("for each positive feedback a negative sample is randomly generated"). With
`judged` it is one that the user judged bad: a harder rival than the paper's, and ours.
"""

from collections.abc import Callable

import torch
from torch import Generator, Tensor

from retouch_aes.errors import UsageError
from retouch_aes.losses.ranking import logistic
from retouch_aes.optim.training_loop import Schedule, train
from retouch_aes.papers.cfan.bpr import BPR
from retouch_aes.papers.cfan.training import Judgements, pooled_maps, with_unseen

_Draw = Callable[[Tensor, Generator], Tensor]
_TRIES = 8


def fit_bpr(
    examples: Judgements,
    *,
    visual: bool,
    judged: bool = False,
    schedule: Schedule | None = None,
    batch: int = 256,
    seed: int = 0,
) -> BPR:
    """BPR, or VBPR with `visual`, in evaluation mode. `UsageError` where nothing is there to be drawn."""
    torch.manual_seed(seed)
    device = examples.users.device
    pooled = pooled_maps(examples.maps, device)
    network = BPR(examples.counts[0], len(examples.maps), features=pooled.shape[1] if visual else 0)
    network.to(device)
    draw = _judged(examples) if judged else _at_random(examples)
    good = _usable(examples, judged=judged)

    def losses(_: int, generator: Generator) -> dict[str, Tensor]:
        first = good[torch.randint(len(good), (batch,), generator=generator).to(device)]
        users = examples.users[first]
        photos = torch.cat([examples.photos[first], draw(users, generator)])
        scores = network(users.repeat(2), photos, pooled[photos] if visual else None)
        return {"bpr": logistic(*scores.chunk(2))}

    train(network, losses, schedule or Schedule("bpr", steps=600, rate=1e-2, warmup=10, decay=0.3, seed=seed))
    return network.eval()


def _usable(examples: Judgements, *, judged: bool) -> Tensor:
    """Places of the judgements `good` that have something to be held against."""
    good = examples.good > 0.5
    if judged:
        bad = torch.bincount(examples.users[~good], minlength=examples.counts[0])
        good = good & (bad > 0)[examples.users]
    found = good.nonzero()[:, 0]
    if not len(found):
        wanted = "a user who judged one photo good and another bad" if judged else "a photo judged good"
        raise UsageError(f"expected {wanted}, got none")
    return found


def _judged(examples: Judgements) -> _Draw:
    by_user = [(examples.users == user).nonzero()[:, 0] for user in range(examples.counts[0])]
    bad = [places[examples.good[places] < 0.5] for places in by_user]
    table = torch.nn.utils.rnn.pad_sequence(bad, batch_first=True)
    counts = torch.tensor([len(places) for places in bad], device=examples.users.device)

    def draw(users: Tensor, generator: Generator) -> Tensor:
        share = torch.rand(len(users), generator=generator).to(users.device)
        places = (share * counts[users]).long().clamp(max=counts[users] - 1)
        return examples.photos[table[users, places]]

    return draw


def _at_random(examples: Judgements) -> _Draw:
    photos = len(examples.maps)
    good = examples.good > 0.5
    liked = torch.unique(examples.users[good] * photos + examples.photos[good])

    def draw(users: Tensor, generator: Generator) -> Tensor:
        found = torch.randint(photos, (len(users),), generator=generator).to(users.device)
        for _ in range(_TRIES):  # who liked nearly everything keeps a liked one now and then
            again = torch.isin(users * photos + found, liked)
            other = torch.randint(photos, (len(users),), generator=generator).to(users.device)
            found = torch.where(again, other, found)
        return found

    return draw


def predict_bpr(network: BPR, examples: Judgements, asked: Judgements) -> Tensor:
    """Scores `(M,)` of `asked` users and photos."""
    device = asked.users.device
    features = pooled_maps(examples.maps, device)[asked.photos] if network.taste is not None else None
    with torch.no_grad():
        scores: Tensor = network(asked.users, with_unseen(examples, asked.photos), features)
    return scores

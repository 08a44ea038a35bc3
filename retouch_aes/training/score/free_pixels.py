"""Pictures that a score can be climbed to, and that must not win: no slider limits them.

* `perturbed`: every pixel moved by `radius` at most, by signed gradient steps (Madry et al., ICLR 2018).
  Nobody sees it, so it is worth the same.
* `by_network`: a small image-to-image network is trained for a few steps to raise the score of its photos, as
  a user's enhancement network would be; what it makes of them is worth less, by the visible difference.
* edits and colour fields of `adversarial_edits`.

    network(x) = x + reach tanh(conv(relu(conv(relu(conv(x))))))

What is found is added to the sights and the head fitted anew; then it is asked again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Generator, Tensor, nn

from retouch_aes.color.clamp import soft_clamp
from retouch_aes.models.trunk_score import TrunkScore
from retouch_aes.training.score.adversarial_edits import AdversarialAscent, adversarial_edits
from retouch_aes.training.score.photo_renditions import SeenRendition
from retouch_aes.training.score.sights import Sights, seen_by


@dataclass(frozen=True)
class FreePixels:
    """How many photos of each kind a round looks at, four of one shape at a time, and how hard it climbs."""

    perturbed: int = 80
    networks: int = 6
    edits: int = 24
    radius: float = 2 / 255
    steps: int = 2
    network_steps: int = 6
    reach: float = 0.25
    ascent: AdversarialAscent = field(default_factory=AdversarialAscent)


def perturbed(model: TrunkScore, photos: Tensor, radius: float, steps: int, generator: Generator) -> Tensor:
    """`photos` `(B, 3, H, W)`, each pixel moved by `radius` at most so that `model` likes them more."""
    moved = radius * (2 * torch.rand(photos.shape, generator=generator) - 1)
    for _ in range(steps):
        moved.requires_grad_()
        (gradient,) = torch.autograd.grad(model((photos + moved).clamp(0, 1)).sum(), moved)
        moved = (moved.detach() + 1.5 * radius / steps * gradient.sign()).clamp(-radius, radius)
    return (photos + moved).clamp(0, 1)


def by_network(model: TrunkScore, photos: Tensor, settings: FreePixels, generator: Generator) -> Tensor:
    """What a fresh small network makes of `photos` `(B, 3, H, W)` after a few steps up the score."""
    seed = int(torch.randint(2**31, (), generator=generator))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        kernel = (1, 3, 5)[seed % 3]
        network = nn.Sequential(
            nn.Conv2d(3, 12, kernel, padding=kernel // 2, padding_mode="reflect"),
            nn.ReLU(),
            nn.Conv2d(12, 12, 3, padding=1, padding_mode="reflect"),
            nn.ReLU(),
            nn.Conv2d(12, 3, kernel, padding=kernel // 2, padding_mode="reflect"),
        )
    reach = settings.reach * (0.2 + 0.8 * float(torch.rand((), generator=generator)))
    rate = 0.02 * (0.3 + float(torch.rand((), generator=generator)))
    optimiser = torch.optim.Adam(network.parameters(), rate)

    def made() -> Tensor:
        return soft_clamp(photos + reach * torch.tanh(network(photos - 0.5)))

    for _ in range(settings.network_steps):
        optimiser.zero_grad()
        (-model(made()).sum()).backward()
        optimiser.step()
    with torch.no_grad():
        return made()


def find_pictures(
    model: TrunkScore, batches: Sequence[tuple[Tensor, Tensor]], settings: FreePixels, generator: Generator
) -> Sights:
    """What `model` climbs to from `batches` of photos `(B, 3, H, W)` of one shape and their numbers `(B,)`.

    The batches are used in turn, each for one kind, until each kind has had its share.
    """
    model.requires_grad_(False)
    rows: list[Sights] = []
    start, left = (
        0,
        {
            "perturbed": settings.perturbed,
            "network": 4 * settings.networks,
            "found-edit": settings.edits,
        },
    )
    for index, (photos, numbers) in enumerate(batches):
        kinds = [kind for kind, count in left.items() if count > 0]
        if not kinds:
            break
        kind = kinds[index % len(kinds)]
        left[kind] -= len(photos)
        if kind == "perturbed":
            found = perturbed(model, photos, settings.radius, settings.steps, generator)
        elif kind == "network":
            found = by_network(model, photos, settings, generator)
        else:
            found = adversarial_edits(model, photos, generator, settings.ascent)
        for photo, other, number in zip(photos, found, numbers.tolist(), strict=True):
            group = [SeenRendition(photo[None], "view"), SeenRendition(other[None], kind)]
            rows.append(seen_by(model.pooled, group, number, start))
            start += len(group)
    return Sights.joined(rows)

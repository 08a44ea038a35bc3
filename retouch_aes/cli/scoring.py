"""Photos -> scores, for `score` and the benchmarks."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from retouch_aes.models import AestheticModel


@dataclass(frozen=True)
class Judgement:
    """The mean and the standard deviation of the distribution over the scores 1..10.

    `warnings` are those of the photo.
    """

    score: float
    spread: float
    warnings: tuple[str, ...] = ()


def judge(path: Path, model: "AestheticModel", device: "torch.device", side: int = 384) -> Judgement:
    """The judgement of the photo at `path`, seen with its long side at most `side` pixels."""
    import torch

    from retouch_aes.models.model import SMALLEST_SIDE
    from retouch_aes.photo import read

    photo = read(path)
    image = photo.proxy(side, least=SMALLEST_SIDE).to(device)
    with torch.no_grad():
        score = model(image)
        distribution = model.distribution(image).double()
    scores = torch.arange(1, distribution.shape[-1] + 1, device=device, dtype=torch.float64)
    mean = (distribution * scores).sum(-1, keepdim=True)
    spread = (distribution * (scores - mean).square()).sum(-1).sqrt()
    return Judgement(float(score), float(spread), photo.warnings)

"""Training of any enhancement network, to its authors' loss and to a taste:

    own losses(image, target) + taste * mean(10 - f(enhanced)) + fidelity * D(enhanced, reference)

Zhang et al. add the second term to DeepUPE, Distort-and-Recover and DMMF and call them by a "+"; the third
holds the network near what it did before it met the taste (`anchor`), or, without one, near the target. `D`
is `losses.Fidelity`. Photos come in pairs, or good ones are degraded and have to be recovered.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Generator, Tensor, nn

from retouch_aes.color.clamp import soft_clamp
from retouch_aes.devices import device_of
from retouch_aes.enhancers import Enhancer
from retouch_aes.enhancers.full_size import answer
from retouch_aes.errors import UsageError
from retouch_aes.losses import AestheticLoss, Fidelity, aesthetic_loss
from retouch_aes.optim.training_loop import Losses, Schedule, TrainingProgress, train
from retouch_aes.training.enhancer.degradations import DegradeFunction
from retouch_aes.training.photo_pool import PhotoPool

Source = Callable[[Generator], tuple[Tensor, Tensor]]
"""Draws a batch: images and their targets, `(B, 3, S, S)` each, sRGB [0, 1]."""

About = Callable[[Tensor], nn.Module]
"""Photos as they should be, `(B, 3, S, S)` -> the score of a person for renditions of them.

A person's look is counted from the target: counted from a photo that is too dark, it would ask for darkness.
"""

LEAST = 0.5  # share of a photo that a crop shows at least


@dataclass(frozen=True)
class EnhancerTraining:
    """Weights of the taste and of fidelity against the network's own losses."""

    taste: float = 0.1
    fidelity: float = 1.5


def degraded_pairs(photos: Sequence[Path], degradation: DegradeFunction, *, batch: int, side: int) -> Source:
    """Good photos as targets, and what `degrade` makes of them as images."""
    pool = PhotoPool.load(photos, 2 * side)

    def draw(generator: Generator) -> tuple[Tensor, Tensor]:
        target = pool.crops(pool.sample(batch, generator), (side, side), LEAST, generator)
        return degradation(target, generator), target

    return draw


def paired_crops(pairs: Sequence[tuple[Path, Path]], *, batch: int, side: int) -> Source:
    """The same random crop of both photos of a pair. `UsageError` where their shapes differ."""
    pools = [PhotoPool.load(photos, 2 * side) for photos in zip(*pairs, strict=True)]
    for first, second, (path, other) in zip(pools[0].images, pools[1].images, pairs, strict=True):
        if first.shape != second.shape:
            raise UsageError(f"{path} and {other}: expected photos of one shape")

    def draw(generator: Generator) -> tuple[Tensor, Tensor]:
        chosen, state = pools[0].sample(batch, generator), generator.get_state()
        images = []
        for pool in pools:
            generator.set_state(state)
            images.append(pool.crops(chosen, (side, side), LEAST, generator))
        return images[0], images[1]

    return draw


def enhancer_losses(
    network: Enhancer,
    source: Source,
    settings: EnhancerTraining,
    *,
    taste: nn.Module | About | None = None,
    anchor: Enhancer | None = None,
) -> Losses:
    """The losses of one step, for `train`.

    Batches are sent to the device of `network`, where `taste` and `anchor` have to be too. `taste` gives
    scores `(B,)` in [1, 10], or says for the targets of a step what does; it stays as it is.
    """
    about, device = _about(taste), device_of(network)
    distance = Fidelity()

    def losses(step: int, generator: Generator) -> dict[str, Tensor]:  # noqa: ARG001 - the loop's shape
        image, target = (one.to(device) for one in source(generator))
        scorer = None if about is None else about(target)

        def judge(enhanced: Tensor) -> Tensor:
            if scorer is None:
                return enhanced.new_zeros(len(enhanced))
            return settings.taste * aesthetic_loss(soft_clamp(enhanced), scorer, reduction="none")

        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(torch.randint(2**31, (1,), generator=generator)))
            if not network.differentiable:
                return dict(network.learn(image, target, judge if about else None)[1])  # type: ignore[call-arg]
            enhanced, own = network.learn(image, target)
        if about is None:
            return dict(own)
        with torch.no_grad():
            reference = target if anchor is None else soft_clamp(answer(anchor, image))
        kept = distance(soft_clamp(enhanced), reference).mean()
        return {**own, "taste": judge(enhanced).mean(), "fidelity": settings.fidelity * kept}

    return losses


def _about(taste: nn.Module | About | None) -> About | None:
    if not isinstance(taste, nn.Module):
        return taste
    frozen = AestheticLoss(taste).model
    return lambda _: frozen


def train_enhancer(
    network: Enhancer,
    source: Source,
    schedule: Schedule,
    *,
    settings: EnhancerTraining | None = None,
    taste: nn.Module | About | None = None,
    anchor: Enhancer | None = None,
    checkpoint: Path | None = None,
    progress: TrainingProgress | None = None,
) -> None:
    """Train an enhancement network in place, to its authors' losses and to a taste.

        own losses(image, target) + taste * mean(10 - f(enhanced)) + fidelity * D(enhanced, reference)

    the "+" training of Zhang et al. with a fidelity term. It ends in evaluation mode.

    Args:
        network: What is trained.
        source: Draws a batch: images and targets, `(B, 3, S, S)` each, sRGB [0, 1]; see `degraded_pairs` and
            `paired_crops` in `retouch_aes.training.enhancer.train`.
        schedule: How long and how fast.
        settings: Weights of the taste and of fidelity.
        taste: Scores `(B,)` in [1, 10], or what gives such a score for the targets of a step; None trains
            with the authors' losses alone.
        anchor: The network as it was, near which it is held; None holds it near the targets.
        checkpoint: The state is saved there, and a run resumes from it.
        progress: Called as `progress(stage, done, of, losses)`.

    Raises:
        UsageError: The network has no weights that can be trained.

    Examples:
        >>> import torch
        >>> from retouch_aes import Enhancer, Schedule, train_enhancer
        >>> class Gain(Enhancer):
        ...     short_name = "gain"
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.gain = torch.nn.Parameter(torch.tensor(1.0))
        ...     def forward(self, image):
        ...         return image * self.gain
        >>> def dark(generator):
        ...     target = torch.rand(2, 3, 8, 8, generator=generator)
        ...     return target / 2, target
        >>> network = Gain()
        >>> train_enhancer(network, dark, Schedule("gain", steps=20, rate=0.05, warmup=1))
        >>> bool(network.gain > 1.2)
        True
    """
    if not any(parameter.requires_grad for parameter in network.parameters()):
        raise UsageError("this network has no weights that can be trained; give its class, not a program")
    losses = enhancer_losses(network, source, settings or EnhancerTraining(), taste=taste, anchor=anchor)
    train(network.train(), losses, schedule, checkpoint=checkpoint, progress=progress)
    network.eval()

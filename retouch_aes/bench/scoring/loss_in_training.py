"""`bench loss-in-training`: what the aesthetic loss does to a network that learns to restore photos.

A small U-Net learns to make good photos of dark, flat, pale and noisy ones, such as a neutral raw development
gives, once with L1 or MSE alone, and once for every way of adding the loss, from the same start and with the
same draws. On photos that no step has seen the bench reports the error against the original, beside that of
the network without the loss, and what a held-out scorer thinks: a score that was trained to proves nothing.
Beside it, how far free pixels and invisible perturbations drive each score up (`attacks`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from retouch_aes.atomic_io import replacing
from retouch_aes.bench.scoring.attacks import bounded_gain, free_pixel_gain
from retouch_aes.bench.scoring.loss_in_training_report import (
    ASCENT,
    DEGRADED,
    ORIGINAL,
    PERTURBED,
    WITHOUT,
    LossInTrainingReport,
    RestoredPhoto,
    ScoreAttack,
)
from retouch_aes.bench.scoring.small_unet import SmallUNet
from retouch_aes.color.luma import luma
from retouch_aes.color.transfer import linear_to_srgb, srgb_to_linear
from retouch_aes.errors import UsageError
from retouch_aes.export.side_by_side import contact_sheet
from retouch_aes.losses import AestheticLoss
from retouch_aes.optim.training_loop import Schedule, train
from retouch_aes.progress import Progress
from retouch_aes.training.photo_pool import PhotoPool

FIDELITIES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"l1": F.l1_loss, "mse": F.mse_loss}
SHOWN = 8
NOISE = 0.06
LEAST = 0.5

Restoring = Callable[[Tensor, Tensor], Tensor]
"""Restored and original, `(B, 3, S, S)` -> the loss of a step."""


@dataclass(frozen=True)
class LossInTrainingSettings:
    """Own loss (`l1` or `mse`), ways of adding the aesthetic one, and the size of everything.

    `balances` are given to `AestheticLoss(balance=...)`; `weights` are plain factors, `own + w * loss`.
    """

    own: str = "l1"
    balances: tuple[float, ...] = (0.3,)
    weights: tuple[float, ...] = ()
    seeds: int = 2
    steps: int = 250
    rate: float = 3e-3
    batch: int = 4
    side: int = 96
    tests: int = 24
    attacked: int = 6
    seed: int = 0


def loss_in_training(
    photos: Sequence[Path],
    model: nn.Module,
    scorers: Mapping[str, nn.Module],
    *,
    settings: LossInTrainingSettings | None = None,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
    sheet: Path | None = None,
) -> LossInTrainingReport:
    """Train with and without `model` as a loss; `scorers`, by name, judge, the first being `model` itself.

    Of `photos` the last `tests` of a seeded permutation are kept for the test. `sheet` is a PNG of some of
    them. `UsageError` where there are too few photos or no way of adding the loss.
    """
    settings = settings or LossInTrainingSettings()
    arms = _arms(settings, model)
    if len(photos) < settings.tests + settings.batch or min(settings.tests, settings.seeds) < 1:
        raise UsageError(
            f"expected {settings.tests + settings.batch} photos at least, to train and to test; "
            f"got {len(photos)}"
        )
    order = torch.randperm(len(photos), generator=Generator().manual_seed(settings.seed)).tolist()
    pool = PhotoPool.load([photos[place] for place in order[: -settings.tests]], 2 * settings.side)
    names, original, degraded = _tests([photos[place] for place in order[-settings.tests :]], settings)
    original, degraded = original.to(device), degraded.to(device)
    rows = [
        *_judged(ORIGINAL, 0, names, original, original, scorers),
        *_judged(DEGRADED, 0, names, degraded, original, scorers),
    ]
    shown = {DEGRADED: degraded}
    done, total = 0, settings.seeds * len(arms) + len(scorers)
    for seed in range(settings.seeds):
        for name, restoring in arms.items():
            network = _trained(restoring, pool, settings, settings.seed + seed, device)
            with torch.no_grad():
                restored = _in_parts(network, degraded)
            rows += _judged(name, seed, names, restored, original, scorers)
            shown.setdefault(name, restored)
            done += 1
            if progress is not None:
                progress("loss-in-training", done, total)
    attacks, driven = list[ScoreAttack](), dict[str, Tensor]()
    for name, scorer in scorers.items():
        found, made = _attacked(name, scorer, names, original[: settings.attacked])
        attacks += found
        driven[f"up {name}"] = made
        done += 1
        if progress is not None:
            progress("loss-in-training", done, total)
    if sheet is not None:
        _save_sheet(sheet, names, {**shown, ORIGINAL: original, **driven})
    return LossInTrainingReport(
        settings.own,
        settings.seed,
        settings.seeds,
        settings.steps,
        settings.side,
        len(pool),
        tuple(arms),
        tuple(scorers),
        tuple(rows),
        tuple(attacks),
    )


def _arms(settings: LossInTrainingSettings, model: nn.Module) -> dict[str, Restoring]:
    if settings.own not in FIDELITIES:
        raise UsageError(f"expected the own loss {' or '.join(FIDELITIES)}, got {settings.own!r}")
    if not settings.balances and not settings.weights:
        raise UsageError("expected a balance or a weight, to add the loss by; got neither")
    own = FIDELITIES[settings.own]
    arms: dict[str, Restoring] = {WITHOUT: own}
    for balance in settings.balances:
        arms[f"balance {balance:g}"] = AestheticLoss(model, fidelity=own, balance=balance)
    for weight in settings.weights:
        arms[f"weight {weight:g}"] = _Weighted(own, AestheticLoss(model), weight)
    return arms


@dataclass(frozen=True)
class _Weighted:
    """`own + weight * loss`, as anyone would write it."""

    own: Restoring
    loss: AestheticLoss
    weight: float

    def __call__(self, restored: Tensor, original: Tensor) -> Tensor:
        value: Tensor = self.own(restored, original) + self.weight * self.loss(restored)
        return value


def _in_parts(module: nn.Module, images: Tensor) -> Tensor:
    """What `module` makes of many images, eight at a time."""
    return torch.cat([module(images[first : first + 8]) for first in range(0, len(images), 8)])


def _undeveloped(image: Tensor, generator: Generator) -> Tensor:
    """Photos `(B, 3, S, S)` darker (-1.5 to -.3 EV), flatter, paler and noisier."""

    def draw(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(len(image), 1, 1, 1, generator=generator)

    dark = linear_to_srgb(srgb_to_linear(image) * 2 ** draw(-1.5, -0.3))
    flat = torch.lerp(dark.mean((1, 2, 3), keepdim=True), dark, draw(0.6, 0.9))
    pale = torch.lerp(luma(flat), flat, draw(0.5, 0.9))
    return (pale + draw(0.0, NOISE) * torch.randn(image.shape, generator=generator)).clamp(0, 1)


def _trained(
    restoring: Restoring,
    pool: PhotoPool,
    settings: LossInTrainingSettings,
    seed: int,
    device: torch.device | str,
) -> SmallUNet:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = SmallUNet().to(device)
    size = (settings.side, settings.side)

    def losses(step: int, generator: Generator) -> dict[str, Tensor]:  # noqa: ARG001 - the loop's shape
        original = pool.crops(pool.sample(settings.batch, generator), size, LEAST, generator)
        image = _undeveloped(original, generator)
        return {"loss": restoring(network(image.to(device)), original.to(device))}

    train(network, losses, Schedule("unet", settings.steps, settings.rate, settings.steps // 10, seed=seed))
    return network.eval()


def _tests(paths: Sequence[Path], settings: LossInTrainingSettings) -> tuple[list[str], Tensor, Tensor]:
    chance = Generator().manual_seed(1_000_003 * (settings.seed + 1))
    pool = PhotoPool.load(paths, 2 * settings.side)
    original = pool.crops(torch.arange(len(pool)), (settings.side, settings.side), 1.0, chance)
    return [path.name for path in paths], original, _undeveloped(original, chance)


def _judged(
    way: str,
    seed: int,
    names: Sequence[str],
    images: Tensor,
    original: Tensor,
    scorers: Mapping[str, nn.Module],
) -> list[RestoredPhoto]:
    with torch.no_grad():
        scores = {name: _in_parts(scorer, images).tolist() for name, scorer in scorers.items()}
    absolute = (images - original).abs().mean((1, 2, 3)).tolist()
    squared = (images - original).square().mean((1, 2, 3)).tolist()
    return [
        RestoredPhoto(
            way,
            seed,
            photo,
            absolute[place],
            squared[place],
            {name: found[place] for name, found in scores.items()},
        )
        for place, photo in enumerate(names)
    ]


def _attacked(
    name: str, scorer: nn.Module, photos: Sequence[str], images: Tensor
) -> tuple[list[ScoreAttack], Tensor]:
    if not len(images):
        return [], images
    free, made = free_pixel_gain(scorer, images)
    bounded, _ = bounded_gain(scorer, images)
    return [
        ScoreAttack(kind, name, photo, gain)
        for kind, gains in ((ASCENT, free), (PERTURBED, bounded))
        for photo, gain in zip(photos, gains.tolist(), strict=False)
    ], made


def _save_sheet(path: Path, names: Sequence[str], shown: Mapping[str, Tensor]) -> None:
    shown = {name: images for name, images in shown.items() if len(images)}
    count = min(SHOWN, *(len(images) for images in shown.values()))
    rows = [[images[place].cpu() for images in shown.values()] for place in range(count)]
    sheet = contact_sheet(rows, list(shown), list(names[:count]))
    with replacing(path) as temporary:
        sheet.save(temporary, format="PNG")

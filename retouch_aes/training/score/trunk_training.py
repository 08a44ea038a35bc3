"""`train score`: the default score, from rated photos, other photos and NIMA, on a frozen trunk.

0. *Adapters* (`adapter_stage`), where they are asked for: the trunk's last stages are taught NIMA's opinion.
1. *Sights* (`sights`): what the trunk sees of every photo and of its renditions, and NIMA's opinion.
2. *Basis* (`trunk_basis`): the directions that matter; from photos without ratings.
3. *Head* (`trunk_head`): fitted to people, NIMA and ladders.
4. *Rounds* (`free_pixels`): the score is climbed, what is found joins the sights, the head is fitted anew.

Sights and what rounds have found are kept in the run's folder, so that a stopped run goes on where it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from retouch_aes.datasets import Ratings
from retouch_aes.errors import UsageError
from retouch_aes.losses import looking_once
from retouch_aes.models.nima import NIMA
from retouch_aes.models.trunk_score import TrunkScore, WorthHead
from retouch_aes.models.weights import ModelCard, save_model
from retouch_aes.optim.training_loop import TrainingProgress
from retouch_aes.photo import read
from retouch_aes.training.score.adapter_stage import check_run, teach_trunk
from retouch_aes.training.score.adapters import AdapterTraining
from retouch_aes.training.score.free_pixels import FreePixels, find_pictures
from retouch_aes.training.score.sights import Sights, gather
from retouch_aes.training.score.trunk_basis import TrunkBasis, fit_basis
from retouch_aes.training.score.trunk_head import TrunkHeadFitting, fit_trunk_head

_FRAME = (288, 384)


@dataclass(frozen=True)
class TrunkTraining:
    """Trunk, size, views, number of components, and the settings of head and rounds.

    Of the photos of `spoilt` parts all renditions are seen, of further ones only they as they are: faults are
    learned from some thousands of renditions, opinions from as many photos as there are.
    """

    trunk: str = "lite2"
    side: int = 272
    views: int = 2
    components: int = 512
    spoilt: int | None = 38
    rounds: int = 0
    fitting: TrunkHeadFitting = field(default_factory=TrunkHeadFitting)
    free_pixels: FreePixels = field(default_factory=FreePixels)
    adapters: AdapterTraining | None = None
    seed: int = 0


@dataclass(frozen=True)
class TrunkSource:
    """Rated photos, other photos, and NIMA on MobileNetV1 as safetensors."""

    ratings: Ratings
    others: Sequence[Path]
    critic: Path


def train_score(
    source: TrunkSource,
    folder: Path,
    settings: TrunkTraining,
    card: ModelCard,
    progress: TrainingProgress | None = None,
    *,
    parts: int | None = None,
) -> Path:
    """Train in `folder`; returns the path of `aesthetic.safetensors`.

    Args:
        source: What is learned from.
        folder: Keeps sights and the trained file.
        settings: See `TrunkTraining`.
        card: Written into the file.
        progress: Told of steps and losses.
        parts: How many parts of the sights to learn from; None for all.

    Raises:
        UsageError: There are no rated or no other photos, or `folder` keeps what another trunk saw.
        PhotoError: A photo cannot be read.
        WeightsError: The trunk's package or NIMA's file is missing or damaged.
    """
    photos = source.ratings.photos
    if not photos or not source.others:
        raise UsageError(f"expected rated and other photos, got {len(photos)} and {len(source.others)}")
    model = new_score(settings)
    check_run(folder, model.pooled)
    paths = [*photos, *source.others]
    rated = [index < len(photos) for index in range(len(paths))]
    critic = NIMA.mobilenet_v1(source.critic)
    if settings.adapters is not None:
        others = dict(enumerate(source.others, start=len(photos)))
        fit = teach_trunk(model.pooled, others, folder, critic, settings.adapters, progress)
        gained = {"nima_rho_frozen": fit.frozen, "nima_rho_adapted": fit.adapted}
        card = replace(card, metrics={**card.metrics, **gained})
    once = cast(TrunkScore, looking_once(model))

    def tell(done: int, count: int) -> None:
        if progress is not None:
            progress("sights", done, count, {})

    files = gather(
        paths, rated, folder / "sights", once.pooled, critic, most=parts, spoilt=settings.spoilt, tell=tell
    )
    sights = Sights.load(files)
    if settings.views == 2:
        sights = sights.symmetric()
    basis = fit_basis(sights, sights.photo >= len(photos), settings.components)
    set_basis(model, basis)
    means = torch.from_numpy(source.ratings.mean_scores()).float()
    everything = torch.ones_like(sights.photo, dtype=torch.bool)
    for number in range(settings.rounds):
        quick = replace(settings.fitting, heads=1)
        features = basis(sights.features)
        set_head(model, fit_trunk_head(sights, features, means, everything, quick, progress))
        found = folder / f"found{number}.safetensors"
        if not found.exists():
            batches = photo_batches(paths, settings.free_pixels, settings.seed + number)
            generator = Generator().manual_seed(settings.seed + number)
            find_pictures(model, batches, settings.free_pixels, generator).save(found)
        sights = sights.and_also(Sights.load([found]))
        everything = torch.ones_like(sights.photo, dtype=torch.bool)
    features = basis(sights.features)
    head = fit_trunk_head(sights, features, means, everything, settings.fitting, progress)
    set_head(model, head)
    path = folder / "aesthetic.safetensors"
    save_model(path, model, card, dtype="float16")
    return path


def new_score(settings: TrunkTraining) -> TrunkScore:
    """A score with the trunk, adapters that change nothing yet, and all else random."""
    size = {"side": settings.side, "views": settings.views, "components": settings.components}
    rank = 0 if settings.adapters is None else settings.adapters.rank
    return TrunkScore(settings.trunk, **size, rank=rank).eval()


def set_basis(model: TrunkScore, basis: TrunkBasis) -> None:
    """Give `model` the `basis` of its features."""
    model.set_basis(basis.centre, basis.scale, basis.middle, basis.matrix)


def set_head(model: TrunkScore, head: WorthHead) -> None:
    """Give `model` another head, of any number of hidden units."""
    model.head = head


def photo_batches(
    paths: Sequence[Path], settings: FreePixels, seed: int, count: int = 4
) -> list[tuple[Tensor, Tensor]]:
    """Photos for the rounds, `count` at a time: `(count, 3, 288, 384)` and their numbers."""
    wanted = settings.perturbed + 4 * settings.networks + settings.edits
    drawn = torch.randperm(len(paths), generator=Generator().manual_seed(seed))[: 2 * wanted].tolist()
    batches = []
    for start in range(0, len(drawn) - count + 1, count):
        numbers = drawn[start : start + count]
        frames = [
            F.interpolate(_landscape(read(paths[i]).proxy(384)), _FRAME, mode="bilinear") for i in numbers
        ]
        batches.append((torch.cat(frames).clamp(0, 1), torch.tensor(numbers)))
        if count * len(batches) >= wanted:
            break
    return batches


def _landscape(photo: Tensor) -> Tensor:
    """`(1, 3, H, W)` cut to 3 : 4."""
    height, width = photo.shape[-2:]
    tall, wide = min(height, round(width * 0.75)), min(width, round(height / 0.75))
    top, left = (height - tall) // 2, (width - wide) // 2
    return photo[..., top : top + tall, left : left + wide]

"""`train generic`: everything that makes the bundled files, from photos and ratings, in three stages.

1. *Distil*: a compact backbone learns to see from a teacher (`distil`); left out where there is no teacher.
2. *Score*: attention and ten bins on that backbone learn what people said and which edits must not win
   (`score`).
3. *Prior*: on the distilled backbone, frozen, a small head learns to undo random spoiling (`inverse_edit`).

Each stage keeps a checkpoint in the run's folder, so that a stopped run goes on where it was. Themes, not
photos, are split into training and validation; nothing is fitted on the validation part.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from retouch_aes.datasets import Ratings, split_by_theme
from retouch_aes.errors import UsageError
from retouch_aes.models.batch_norm import folded, with_batch_norm
from retouch_aes.models.compact import CompactBackbone
from retouch_aes.models.edit_prior import LearnedPrior
from retouch_aes.models.emd_attention import EMDAttention
from retouch_aes.models.mobilenet_v2 import TeacherFeatures
from retouch_aes.models.weights import Card, save_model
from retouch_aes.operators import AUTO
from retouch_aes.training.distil import Apprentice, Distillation, distillation
from retouch_aes.training.inverse_edit import InverseEdit, inverse_edit
from retouch_aes.training.loop import Progress, Schedule, train
from retouch_aes.training.photos import PhotoPool
from retouch_aes.training.rated import RatingTable, second_opinion
from retouch_aes.training.score import ScoreTraining, score_training


@dataclass(frozen=True)
class GenericTraining:
    """Settings of the three stages; `holdout` is the share of the ratings' themes kept for validation."""

    side: int = 192
    holdout: float = 0.25
    seed: int = 0
    distil: Schedule = field(default_factory=lambda: Schedule("distil", 4000, 3e-3, warmup=100))
    score: Schedule = field(default_factory=lambda: Schedule("score", 1600, 6e-4))
    prior: Schedule = field(default_factory=lambda: Schedule("prior", 2500, 2e-3))
    distillation: Distillation = field(default_factory=Distillation)
    score_training: ScoreTraining = field(default_factory=ScoreTraining)
    inverse_edit: InverseEdit = field(default_factory=InverseEdit)


@dataclass(frozen=True)
class Source:
    """What is learned from: rated photos, other photos, and a teacher's weights; `Card` texts name them."""

    ratings: Ratings
    others: Sequence[Path]
    teacher: Path | None
    licence: str
    data: tuple[str, ...]
    provenance: str


def validation_split(ratings: Ratings, settings: GenericTraining) -> tuple[Ratings, Ratings]:
    """The ratings of the training themes, and those of the validation themes."""
    kept, held = split_by_theme(ratings.photos, settings.holdout, settings.seed)
    return ratings.subset(ratings.photos[i] for i in kept), ratings.subset(ratings.photos[i] for i in held)


def train_generic(
    source: Source, folder: Path, settings: GenericTraining, progress: Progress | None = None
) -> tuple[Path, Path]:
    """Run the three stages in `folder`; returns the paths of `aesthetic` and `edit-prior`.

    Raises `UsageError` for too few photos, `PhotoError`, `DatasetError` or `WeightsError` for bad input.
    """
    learned, _ = validation_split(source.ratings, settings)
    rated = PhotoPool.load(learned.photos, 288)
    others = PhotoPool.load([*source.others, *learned.photos], 288)
    if len(rated) < settings.score_training.rated or len(others) < settings.inverse_edit.batch:
        least = max(settings.score_training.rated, settings.inverse_edit.batch)
        raise UsageError(f"expected {least} photos at least, got {len(rated)} rated and {len(others)} in all")
    teacher = TeacherFeatures(source.teacher) if source.teacher else None
    backbone = _backbone(others, teacher, folder, settings, progress)
    model = _score(backbone, learned, rated, others, teacher, folder, settings, progress)
    prior = _prior(backbone, others, folder, settings, progress)
    card = Card(licence=source.licence, provenance=source.provenance, data=source.data)
    paths = folder / "aesthetic.safetensors", folder / "edit-prior.safetensors"
    save_model(paths[0], model, card, dtype="float16")
    save_model(paths[1], prior, card, dtype="float16")
    return paths


def _backbone(
    pool: PhotoPool,
    teacher: TeacherFeatures | None,
    folder: Path,
    settings: GenericTraining,
    progress: Progress | None,
) -> CompactBackbone:
    torch.manual_seed(settings.seed)
    backbone = CompactBackbone()
    if teacher is None:
        return backbone
    apprentice = Apprentice(with_batch_norm(backbone))
    losses = distillation(apprentice, teacher, pool, settings.distillation)
    train(apprentice, losses, settings.distil, checkpoint=folder / "distil.ckpt", progress=progress)
    return folded(apprentice.backbone.eval())


def _score(
    backbone: CompactBackbone,
    ratings: Ratings,
    rated: PhotoPool,
    others: PhotoPool,
    teacher: TeacherFeatures | None,
    folder: Path,
    settings: GenericTraining,
    progress: Progress | None,
) -> EMDAttention:
    torch.manual_seed(settings.seed)
    model = EMDAttention(copy.deepcopy(backbone), side=settings.side)
    opinions: Tensor | None = None
    if teacher is not None:
        opinions = second_opinion(teacher, rated, ratings.mean_scores().tolist(), others)
    losses = score_training(model, rated, RatingTable(ratings), others, opinions, settings.score_training)
    train(model, losses, settings.score, checkpoint=folder / "score.ckpt", progress=progress)
    return model.eval()


def _prior(
    backbone: CompactBackbone,
    pool: PhotoPool,
    folder: Path,
    settings: GenericTraining,
    progress: Progress | None,
) -> LearnedPrior:
    torch.manual_seed(settings.seed)
    prior = LearnedPrior(AUTO, backbone=copy.deepcopy(backbone).requires_grad_(False))
    losses = inverse_edit(prior, pool, settings.inverse_edit)
    train(prior, losses, settings.prior, checkpoint=folder / "prior.ckpt", progress=progress)
    return prior.eval()

"""`train generic`: everything that makes the bundled files, from photos and ratings, in four stages.

1. *Student*: a compact backbone learns to see from a teacher, to judge and to restore, all at once
   (`examples`, `student`); left out where there is no teacher.
2. *Score*: attention and ten bins learn what people said and which edits must not win (`score`).
3. *Head*: on features that stay as they are, new bins with a hidden layer are fitted (`head`); with a
   teacher only.
4. *Prior*: on a copy of the first stage's body, the edit head learns to restore nearly whole photos at their
own
   shapes, and the body slowly with it (`inverse_edit`).

A run can go on from an edit prior of ours, with all stages, or from a score of ours, with the second and the
third only. Each stage keeps a checkpoint in the run's folder, so that a stopped run goes on where it was.
Themes, not photos, are split into training and validation; nothing is fitted on the validation part.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Generator, Tensor

from retouch_aes.datasets import Ratings, split_by_theme
from retouch_aes.errors import UsageError
from retouch_aes.models.batch_norm import folded, with_batch_norm
from retouch_aes.models.edit_prior import LearnedPrior, with_operators
from retouch_aes.models.emd_attention import EMDAttention
from retouch_aes.models.frozen import FrozenBackbone
from retouch_aes.models.nima import NIMA
from retouch_aes.models.preprocessing import AspectResize, Normalise
from retouch_aes.models.weights import ModelCard, load_network, save_model
from retouch_aes.operators import AUTO, EditChain, select
from retouch_aes.optim.distributed import on_first_process
from retouch_aes.optim.training_loop import Schedule, TrainingProgress, train, with_losses
from retouch_aes.training.photo_pool import PhotoPool
from retouch_aes.training.prior.inverse_edit import InverseEditTraining, inverse_edit
from retouch_aes.training.score.distillation import (
    DistillationModel,
    DistillationSettings,
    distillation_losses,
)
from retouch_aes.training.score.distillation_data import (
    DistillationData,
    DistillationPlan,
    prepare_distillation_data,
)
from retouch_aes.training.score.head import HeadFitting, fit_head
from retouch_aes.training.score.rated import RatingTable, teacher_opinion
from retouch_aes.training.score.stage import ScoreTraining, score_training
from retouch_aes.training.score.teachers import Teachers

PHOTO_SIDE = 320


@dataclass(frozen=True)
class GenericTraining:
    """Settings of the four stages; `holdout` is the share of the ratings' themes kept for validation.

    `amp` computes the backbone's maps in bfloat16, for GPUs.
    """

    side: int = 192
    amp: bool = False
    holdout: float = 0.25
    seed: int = 0
    plan: DistillationPlan = field(default_factory=DistillationPlan)
    student: Schedule = field(default_factory=lambda: Schedule("student", 6000, 3e-3, warmup=100, decay=0.02))
    score: Schedule = field(default_factory=lambda: Schedule("score", 800, 6e-4))
    head: Schedule = field(default_factory=lambda: Schedule("head", 3000, 1e-3, decay=0.05))
    prior: Schedule = field(default_factory=lambda: Schedule("prior", 1500, 1e-3))
    distillation: DistillationSettings = field(default_factory=DistillationSettings)
    score_training: ScoreTraining = field(default_factory=ScoreTraining)
    head_fitting: HeadFitting = field(default_factory=HeadFitting)
    inverse_edit: InverseEditTraining = field(default_factory=InverseEditTraining)


@dataclass(frozen=True)
class TrainingSource:
    """What is learned from: rated photos, other photos, teachers' weights; `ModelCard` texts name them.

    `teacher` is MobileNetV2, whose maps are imitated; `critic` is NIMA on MobileNetV1, which gives its view
    to the opinion. `begin` is an edit prior of ours that the first stage goes on from, or a score of ours
    that the second one does.
    """

    ratings: Ratings
    others: Sequence[Path]
    teacher: Path | None
    critic: Path | None
    begin: Path | None
    licence: str
    data: tuple[str, ...]
    provenance: str


def validation_split(ratings: Ratings, settings: GenericTraining) -> tuple[Ratings, Ratings]:
    """The ratings of the training themes, and those of the validation themes."""
    kept, held = split_by_theme(ratings.photos, settings.holdout, settings.seed)
    return ratings.subset(ratings.photos[i] for i in kept), ratings.subset(ratings.photos[i] for i in held)


def train_generic(
    source: TrainingSource,
    folder: Path,
    settings: GenericTraining,
    progress: TrainingProgress | None = None,
    device: torch.device | None = None,
) -> tuple[Path, ...]:
    """Run the stages in `folder` on `device`; returns the paths of `aesthetic` and, if made, `edit-prior`.

    Raises `UsageError` for too few photos, `PhotoError`, `DatasetError` or `WeightsError` for bad input.
    """
    learned, _ = validation_split(source.ratings, settings)
    rated = PhotoPool.load(learned.photos, PHOTO_SIDE)
    others = PhotoPool.load([*source.others, *learned.photos], PHOTO_SIDE)
    tasks = settings.score_training
    least_rated, least = tasks.rated, max(tasks.ladders + tasks.adversaries, settings.inverse_edit.photos)
    if len(rated) < least_rated or len(others) < least:
        got = f"{len(rated)} rated and {len(others)} in all"
        raise UsageError(f"expected {least_rated} rated photos and {least} in all at least, got {got}")
    torch.manual_seed(settings.seed)
    model, prior = _begin(source.begin, settings.side)
    for body in (model, prior):
        if body is not None:
            body.backbone.autocast = torch.bfloat16 if settings.amp else None
            body.to(device)
    examples: DistillationData | None = None
    if source.teacher is not None:
        examples = _examples(
            source.teacher, source.critic, learned, rated, others, folder, settings, progress
        )
    if prior is not None:
        if examples is not None:
            known = source.begin is not None
            model, prior = _student(model, prior, examples, known, folder, settings, progress)
        prior.backbone = copy.deepcopy(prior.backbone)

    def slowly(pace: float) -> dict[str, float] | None:
        return {"backbone": pace} if examples else None

    losses = score_training(model, rated, RatingTable(learned), others, examples, settings.score_training)
    checkpoint, pace = folder / "score.ckpt", slowly(settings.score_training.pace)
    train(model, losses, settings.score, pace=pace, checkpoint=checkpoint, progress=progress)
    if examples is not None:
        table = RatingTable(learned)
        model = fit_head(model, rated, table, examples, settings.head, settings.head_fitting, progress)
    made: dict[str, EMDAttention | LearnedPrior] = {"aesthetic": model}
    if prior is not None:
        restoration = inverse_edit(prior, others, settings.inverse_edit)
        checkpoint, pace = folder / "prior.ckpt", slowly(settings.inverse_edit.pace)
        train(prior, restoration, settings.prior, pace=pace, checkpoint=checkpoint, progress=progress)
        made["edit-prior"] = prior
    card = ModelCard(licence=source.licence, provenance=source.provenance, data=source.data)
    paths = {folder / f"{name}.safetensors": network for name, network in made.items()}

    def save() -> None:
        for path, network in paths.items():
            save_model(path, network.eval(), card, dtype="float16")

    on_first_process(save)
    return tuple(paths)


def _begin(path: Path | None, side: int) -> tuple[EMDAttention, LearnedPrior | None]:
    """A score and an edit prior on one backbone, ready to learn: new ones, or what a file of ours holds."""
    kinds: dict[str, type[EMDAttention | LearnedPrior]]
    kinds = {kind.short_name: kind for kind in (EMDAttention, LearnedPrior)}
    begun = LearnedPrior(AUTO, side=side) if path is None else load_network(path, kinds)
    if isinstance(begun, LearnedPrior) and set(AUTO) < {one.name for one in begun.chain.operators}:
        begun = with_operators(begun, AUTO)
    begun.prepare = AspectResize(side)
    begun.train().requires_grad_(True)
    if isinstance(begun, EMDAttention):
        return begun, None
    if begun.chain.names != EditChain(select(AUTO)).names:
        raise UsageError(f"{path}: expected an edit prior of all automatic operators")
    return EMDAttention(begun.backbone, side=side), begun


def _examples(
    teacher_path: Path,
    critic_path: Path | None,
    ratings: Ratings,
    rated: PhotoPool,
    others: PhotoPool,
    folder: Path,
    settings: GenericTraining,
    progress: TrainingProgress | None,
) -> DistillationData:
    """The teachers' examples, kept in the run's folder."""
    path = folder / "examples.safetensors"

    def prepare() -> None:
        critic = NIMA.mobilenet_v1(critic_path) if critic_path else None
        teachers = Teachers(FrozenBackbone.load(teacher_path), critic)
        opinion = teacher_opinion(teachers, rated, ratings.mean_scores().tolist(), settings.plan.teacher_side)
        tell = with_losses(progress)
        prepare_distillation_data(others, teachers, opinion, settings.side, settings.plan, tell).save(path)

    if not path.exists():
        on_first_process(prepare)
    return DistillationData.load(path)


def _student(
    model: EMDAttention,
    prior: LearnedPrior,
    examples: DistillationData,
    learned_already: bool,
    folder: Path,
    settings: GenericTraining,
    progress: TrainingProgress | None,
) -> tuple[EMDAttention, LearnedPrior]:
    """Model and prior after the first stage, on one folded backbone."""
    plain = prior.backbone
    sample: Tensor | None = None
    device = next(plain.parameters()).device
    if learned_already:
        sample = Normalise()(examples.draw(256, Generator().manual_seed(settings.seed))[0]).to(device)
    model.backbone = normalised = with_batch_norm(plain, sample)
    student = DistillationModel(model, prior.head, plain.channels).to(device)
    losses = distillation_losses(
        student, prior.chain, examples, settings.student.steps, settings.distillation
    )
    train(student, losses, settings.student, checkpoint=folder / "student.ckpt", progress=progress)
    model.backbone = prior.backbone = folded(normalised.eval())
    return model, prior

"""`train generic` from end to end, in miniature."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from retouch_aes.datasets import RatingsCSV
from retouch_aes.errors import UsageError
from retouch_aes.models import load_model, read_card
from retouch_aes.models.edit_prior import load_prior
from retouch_aes.operators import EditChain, Exposure, Sharpening
from retouch_aes.testing import smooth_photo
from retouch_aes.training.generic import GenericTraining, TrainingSource, train_generic, validation_split
from retouch_aes.training.prior.inverse_edit import InverseEditTraining
from retouch_aes.training.renditions import Mixture
from retouch_aes.training.score.distillation import DistillationSettings
from retouch_aes.training.score.distillation_data import DistillationData, DistillationPlan
from retouch_aes.training.score.head import HeadFitting
from retouch_aes.training.score.stage import ScoreTraining

MIXTURE = Mixture(untouched=1, edited=1, by_chain=1)
SMALL = GenericTraining(
    side=64,
    plan=DistillationPlan(crops=1, teacher_side=64, batch=4),
    distillation=DistillationSettings(crops=4, mixture=MIXTURE, small=32, small_until=0.5),
    score_training=ScoreTraining(rated=4, crops=4, mixture=MIXTURE, ladders=2, adversaries=2),
    head_fitting=HeadFitting(
        views=1,
        crops=4,
        mirrored=4,
        rounds=1,
        found=4,
        heads=2,
        hidden=6,
        mixture=replace(MIXTURE, untouched=4),
        rated=4,
        batch=4,
    ),
    inverse_edit=InverseEditTraining(photos=4, mixture=MIXTURE),
)
SMALL = replace(
    SMALL,
    student=replace(SMALL.student, steps=2),
    score=replace(SMALL.score, steps=2),
    head=replace(SMALL.head, steps=2),
    prior=replace(SMALL.prior, steps=2),
)


@pytest.fixture
def source(tmp_path: Path) -> TrainingSource:
    rows = ["user,photo,rating"]
    for index in range(12):
        image = smooth_photo(torch.Generator().manual_seed(index), 1, 48, 60)[0]
        name = f"{'abcdef'[index % 6]}_{index}.png"
        Image.fromarray((image.permute(1, 2, 0).numpy() * 255).astype(np.uint8)).save(tmp_path / name)
        rows += [f"u{user},{name},{1 + (index + user) % 7}" for user in range(3)]
    (tmp_path / "ratings.csv").write_text("\n".join(rows))
    ratings = RatingsCSV(tmp_path / "ratings.csv", tmp_path, scale=(1, 7)).read()
    return TrainingSource(ratings, [], None, None, None, "CC0-1.0", ("random blots",), "a test")


def test_it_writes_two_files_that_load(tmp_path: Path, source: TrainingSource) -> None:
    stages: list[str] = []
    paths = train_generic(source, tmp_path / "run", SMALL, lambda stage, *_: stages.append(stage))
    assert stages == ["score", "score", "prior", "prior"]
    model, prior = load_model(paths[0]), load_prior(paths[1])
    image = smooth_photo(torch.Generator().manual_seed(1), 1, 60, 90)
    assert 1 <= model(image).item() <= 10
    assert read_card(paths[0]).data == ("random blots",)
    chain = EditChain([Exposure(), Sharpening()])
    units, spread = prior.guess(image, chain)
    assert units[0, 1] == 0, "the prior knows nothing of sharpening"
    assert bool((spread > 0).all())


def test_the_same_seed_gives_the_same_model(tmp_path: Path, source: TrainingSource) -> None:
    prints = [load_model(train_generic(source, tmp_path / run, SMALL)[0]).fingerprint for run in ("a", "b")]
    assert prints[0] == prints[1]


def test_validation_themes_are_kept_apart(source: TrainingSource) -> None:
    learned, held = validation_split(source.ratings, SMALL)
    themes = [{path.stem[0] for path in part.photos} for part in (learned, held)]
    assert not themes[0] & themes[1]
    assert len(learned.photos) + len(held.photos) == 12


def test_too_few_photos_are_refused(tmp_path: Path, source: TrainingSource) -> None:
    with pytest.raises(UsageError, match="expected 4 rated photos and 32 in all"):
        train_generic(source, tmp_path / "run", replace(SMALL, inverse_edit=InverseEditTraining()))


@pytest.fixture
def teacher(tmp_path: Path) -> Path:
    from safetensors.torch import save_file
    from torchvision.models import mobilenet_v2

    torch.manual_seed(0)
    path = tmp_path / "teacher.safetensors"
    save_file(mobilenet_v2(weights=None).state_dict(), path)
    return path


def test_with_a_teacher_it_serves_an_apprenticeship_and_its_backbone_can_be_gone_on_from(
    tmp_path: Path, source: TrainingSource, teacher: Path
) -> None:
    stages: list[str] = []
    taught = replace(source, teacher=teacher)
    paths = train_generic(taught, tmp_path / "run", SMALL, lambda stage, *_: stages.append(stage))
    assert list(dict.fromkeys(stages)) == ["examples", "student", "score", "head", "prior"]
    examples = DistillationData.load(tmp_path / "run" / "examples.safetensors")
    assert len(examples) == len(validation_split(source.ratings, SMALL)[0].photos)
    assert [tuple(maps.shape[1:]) for maps in examples.maps] == [(24, 8, 8), (64, 4, 4), (160, 2, 2)]
    onwards = train_generic(replace(taught, begin=paths[1]), tmp_path / "onwards", SMALL)
    assert load_model(onwards[0]).fingerprint != load_model(paths[0]).fingerprint
    stages.clear()
    scores = train_generic(
        replace(taught, begin=paths[0]), tmp_path / "score", SMALL, lambda stage, *_: stages.append(stage)
    )
    assert list(dict.fromkeys(stages)) == ["examples", "score", "head"]
    assert [path.name for path in scores] == ["aesthetic.safetensors"], "a score is gone on from alone"
    assert load_model(scores[0]).fingerprint != load_model(paths[0]).fingerprint
    smaller = train_generic(replace(taught, begin=paths[1]), tmp_path / "other", replace(SMALL, side=96))
    assert load_prior(smaller[1]).prepare.side == 96


def test_mixed_precision_trains_and_leaves_float32_behind(
    tmp_path: Path, source: TrainingSource, teacher: Path
) -> None:
    taught = replace(source, teacher=teacher)
    paths = train_generic(taught, tmp_path / "run", replace(SMALL, amp=True), device=torch.device("cpu"))
    model = load_model(paths[0])
    assert model.backbone.autocast is None
    image = smooth_photo(torch.Generator().manual_seed(1), 1, 60, 90)
    assert 1 <= model(image).item() <= 10

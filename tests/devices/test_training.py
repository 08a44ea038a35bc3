"""`train generic`, all stages, where the networks are on a device that is not the CPU."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from accelerator import NAME

from retouch_aes.datasets import RatingsCSV
from retouch_aes.models import load_model
from retouch_aes.optim.distributed import join_processes
from retouch_aes.training.generic import GenericTraining, TrainingSource, train_generic
from retouch_aes.training.prior.inverse_edit import InverseEditTraining
from retouch_aes.training.renditions import Mixture
from retouch_aes.training.score.distillation import DistillationSettings
from retouch_aes.training.score.distillation_data import DistillationPlan
from retouch_aes.training.score.head import HeadFitting
from retouch_aes.training.score.stage import ScoreTraining

MIXTURE = Mixture(untouched=1, edited=1, by_chain=1)
FITTING = {"views": 1, "crops": 4, "mirrored": 4, "rounds": 1, "found": 4, "heads": 2, "hidden": 6}


@pytest.fixture
def settings() -> GenericTraining:
    plain = GenericTraining()
    stages = {name: replace(getattr(plain, name), steps=1) for name in ("student", "score", "head", "prior")}
    return GenericTraining(
        side=64,
        plan=DistillationPlan(crops=1, teacher_side=64, batch=4),
        distillation=DistillationSettings(crops=4, mixture=MIXTURE, small=32, small_until=0.5),
        score_training=ScoreTraining(rated=4, crops=4, mixture=MIXTURE, ladders=2, adversaries=2),
        head_fitting=HeadFitting(**FITTING, mixture=replace(MIXTURE, untouched=4), rated=4, batch=4),
        inverse_edit=InverseEditTraining(photos=4, mixture=MIXTURE),
        **stages,
    )


def test_all_stages(tmp_path: Path, folder: Path, ratings: Path, settings: GenericTraining, device) -> None:
    from safetensors.torch import save_file
    from torchvision.models import mobilenet_v2

    torch.manual_seed(0)
    save_file(mobilenet_v2(weights=None).state_dict(), tmp_path / "teacher.safetensors")
    table = RatingsCSV(ratings, folder, scale=(1, 7)).read()
    source = TrainingSource(table, [], tmp_path / "teacher.safetensors", None, None, "CC0-1.0", (), "a test")
    stages: list[str] = []
    with join_processes(NAME) as own:
        paths = train_generic(source, tmp_path / "run", settings, lambda name, *_: stages.append(name), own)
    assert list(dict.fromkeys(stages)) == ["examples", "student", "score", "head", "prior"]
    assert 1 <= float(load_model(paths[0])(torch.full((1, 3, 48, 64), 0.5)).detach()) <= 10

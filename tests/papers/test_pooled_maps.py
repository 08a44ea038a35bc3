"""Maps of a study in files: a method says what it says from memory, and memory does not grow with photos."""

import pickle
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from retouch_aes.datasets import Ratings
from retouch_aes.errors import UsageError
from retouch_aes.papers.baselines.mlsp import MLSP
from retouch_aes.papers.baselines.mpada import MPADA
from retouch_aes.papers.baselines.nima import NIMAMethod
from retouch_aes.papers.common.full_batch import TrainingStage
from retouch_aes.papers.common.map_method import pooled_maps
from retouch_aes.papers.kong.method import KongMethod
from retouch_aes.papers.method import Method, PersonEvidence, Study
from retouch_aes.papers.pooled_maps import PooledMaps
from retouch_aes.papers.zhang.method import Zhang
from retouch_aes.taste.gp.tuning import rank_correlation

PHOTOS = 120
SHORT = TrainingStage(20, 1e-2)


@pytest.fixture(scope="module")
def study() -> Study:
    """Half of the photos were rated by others, who like the mean of the second level's first channel."""
    draw = torch.Generator().manual_seed(0)
    maps = tuple(torch.randn(PHOTOS, width, side, side, generator=draw) for width, side in ((6, 8), (8, 4)))
    maps[1][:, 0] += torch.linspace(-2, 2, PHOTOS)[torch.randperm(PHOTOS, generator=draw), None, None]
    liked = maps[1][:, 0].mean((1, 2)).double().numpy()
    score = np.clip(5.5 + liked, 1, 10)
    half = np.arange(PHOTOS // 2)
    others = Ratings(
        ("crowd",),
        tuple(Path(f"{n:03}.jpg") for n in half),
        np.zeros(len(half), np.intp),
        half,
        score[half],
        (1.0, 10.0),
    )
    none = np.zeros((PHOTOS, 0))
    features = maps[1].mean((2, 3)).double().numpy()
    return Study(features, score, none, none, maps, others, half)


def in_files(study: Study, methods: list[Method], folder: Path) -> Study:
    pooled = pooled_maps(methods, folder)
    for part in zip(*(level.split(50) for level in study.maps), strict=True):
        pooled.append(part)
    return replace(study, maps=pooled)


def evidence(study: Study) -> PersonEvidence:
    photos = np.arange(PHOTOS // 2, PHOTOS - 20)
    ahead = study.score[photos[:-1]] > study.score[photos[1:]]
    pairs = np.where(ahead[:, None], np.stack([photos[:-1], photos[1:]], 1), [[0, 0]])
    return PersonEvidence(photos, study.score[photos], pairs[ahead])


@pytest.mark.parametrize(
    "kind",
    [
        partial(Zhang, channels=6, first=SHORT, regression=SHORT, ranking=SHORT),
        partial(NIMAMethod, channels=6, first=SHORT, own=SHORT),
        partial(MPADA, channels=6, first=SHORT, own=SHORT),
        partial(MLSP, channels=6, first=SHORT, own=SHORT),
    ],
)
def test_from_files_as_from_memory(study, tmp_path, kind):
    said, photos = evidence(study), np.arange(PHOTOS - 20, PHOTOS)
    here, there = kind(), kind()
    here.prepare(study)
    elsewhere = in_files(study, [there], tmp_path)
    there.prepare(elsewhere)
    one = here.fit(study, said).predict(study, photos)
    bare = replace(elsewhere, maps=())
    other = there.fit(bare, said).predict(bare, photos)
    assert np.allclose(one, other, atol=0.05)
    assert rank_correlation(one, other) > 0.99
    assert list(tmp_path.iterdir()) == [], "files have no names"
    travelled = pickle.loads(pickle.dumps(there))
    assert np.array_equal(travelled.fit(bare, said).predict(bare, photos), other)


def test_where_maps_are_kept(study, tmp_path):
    class Whole(KongMethod):
        maps = True

    assert pooled_maps([KongMethod()], tmp_path) is None
    assert pooled_maps([Whole(), Zhang()], tmp_path) is None, "who reads maps as they are needs them all"
    both = in_files(study, [Zhang(), MPADA()], tmp_path)
    assert [level.shape for level in both.maps.on(3)] == [(PHOTOS, 6, 3, 3), (PHOTOS, 8, 3, 3)]
    with pytest.raises(UsageError, match="grid out of"):
        NIMAMethod().prepare(both)
    with pytest.raises(UsageError, match="grid out of"):
        Zhang().prepare(replace(study, maps=PooledMaps(tmp_path, [4])))


MEMORY = """
import resource, sys
from dataclasses import replace
from pathlib import Path
import numpy as np, torch
from retouch_aes.datasets import Ratings
from retouch_aes.models import EMDAttention
from retouch_aes.models.compact import CompactBackbone
from retouch_aes.papers.common.full_batch import TrainingStage
from retouch_aes.papers.common.map_method import pooled_maps
from retouch_aes.papers.method import Study
from retouch_aes.papers.personal.study_backbone import StudyBackbone
from retouch_aes.papers.zhang.method import Zhang

PHOTOS, WIDE, DEEP = 500, np.ones((1, 64, 112, 112), np.float32), np.ones((1, 256, 14, 14), np.float32)

class Made(StudyBackbone):
    def look(self, path, side):
        level = np.float32(int(path.stem) % 7)
        return (np.full((1, 32), level), np.ones(1), np.ones((1, 10))), (WIDE * level, DEEP * level)

method = Zhang(first=TrainingStage(2, 1e-2))
photos = [Path(f"{number}.jpg") for number in range(PHOTOS)]
network = EMDAttention(CompactBackbone((4, 6, 8, 8), (1, 1, 1, 1)), side=64)
pooled = pooled_maps([method], Path(sys.argv[1]))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
seen = Made(network, "made").see(photos, None, each_maps=pooled.append)
every = np.arange(PHOTOS)
score = 1.0 + every % 7
others = Ratings(("crowd",), tuple(photos), every * 0, every, score, (1.0, 10.0))
method.prepare(Study(seen.features, score, seen.attributes, seen.attributes, pooled, others, every))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is told in other units elsewhere")
def test_photos_whose_maps_are_gigabytes_take_no_memory(tmp_path):
    """500 photos of 3.4 MB: 1.7 GB if they were held."""
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert not done.returncode, done.stderr
    assert int(done.stdout) * 1024 < 250e6

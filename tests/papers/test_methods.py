import numpy as np
import pytest
import torch
from sklearn.svm import NuSVR

from retouch_aes.errors import UsageError
from retouch_aes.losses import AestheticLoss
from retouch_aes.models import EMDAttention
from retouch_aes.models.compact import CompactBackbone
from retouch_aes.papers import METHODS
from retouch_aes.papers.baselines.r_svm import RSVM
from retouch_aes.papers.common.inputs_method import InputsMethod
from retouch_aes.papers.common.rbf_machine import RBFMachine
from retouch_aes.papers.pam.content import ContentClusters
from retouch_aes.papers.pam.method import PAM, PAMContent, PAMFeatures
from retouch_aes.taste.gp.tuning import rank_correlation

TABLED = [name for name, kind in METHODS.items() if isinstance(kind(), InputsMethod)]


@pytest.fixture(scope="module")
def gains(world, said):
    """Mean gain in rho over the generic score with `k` photos known, of a method by short name."""
    study, people = world
    found = {}

    def gain(name: str, k: int) -> float:
        if (name, k) not in found:
            method = METHODS[name]()
            method.prepare(study)
            each = []
            for scores in people:
                evidence, rest = said(scores, k)
                predicted = method.fit(study, evidence).predict(study, rest)
                generic = rank_correlation(study.score[rest], scores[rest])
                each.append(rank_correlation(predicted, scores[rest]) - generic)
            found[name, k] = float(np.mean(each))
        return found[name, k]

    return gain


@pytest.mark.parametrize("name", ["pam", "pam-attributes", "pam-features", "pam-all", "fpmf", "r-svr"])
def test_what_people_add_is_found(gains, name):
    assert gains(name, 100) > 0.03


def test_the_papers_order_on_a_planted_taste(gains):
    assert gains("pam", 100) > max(gains("pam-attributes", 100), gains("pam-content", 100))
    assert gains("pam-all", 100) > gains("pam", 100)
    assert gains("pam", 100) > gains("pam", 10)
    assert gains("direct", 10) < 0 < gains("pam-all", 10)
    assert gains("r-svr", 100) > gains("r-svm", 100)


def test_the_same_evidence_gives_the_same_answer(world, said):
    study, people = world
    evidence, rest = said(people[0], 20)
    for name in TABLED:
        method = METHODS[name]()
        method.prepare(study)
        twice = [method.fit(study, evidence, seed=3).predict(study, rest) for _ in range(2)]
        assert np.array_equal(*twice)


def test_the_machine_is_scikit_learns():
    random = np.random.default_rng(0)
    known, new = random.normal(size=(60, 5)), random.normal(size=(30, 5))
    values = known[:, 0] + random.normal(size=60)
    theirs = NuSVR(C=1.0, nu=0.5, gamma=1 / 5).fit(known, values).predict(new)
    assert RBFMachine.fit(known, values).predict(new) == pytest.approx(theirs, abs=1e-9)


@pytest.fixture(scope="module")
def generic():
    torch.manual_seed(0)
    return EMDAttention(CompactBackbone((8, 16, 24, 32), (1, 1, 1, 1)), side=64).eval()


@pytest.fixture(scope="module")
def seen(world, generic):
    """The planted study, with photos that `generic` really saw."""
    from dataclasses import replace

    from retouch_aes.papers.pam.attributes import attributes

    study, _ = world
    images = torch.rand(len(study), 3, 48, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        features = generic.features(images).double()
        content = ContentClusters.of(features, 4)
        found = replace(
            study,
            features=features.numpy(),
            score=generic(images).double().numpy(),
            attributes=attributes(images).double().numpy(),
            content=content(features).numpy(),
            cluster=content,
            folds=None,  # a new photo is no photo of a fold
        )
    return found, images


@pytest.mark.parametrize("name", TABLED)
def test_as_a_model_it_says_the_same_and_drives_the_loss(name, world, said, seen, generic):
    study, images = seen
    evidence, _ = said(world[1][0], 40)
    method = METHODS[name]().fit(study, evidence)
    model = method.model(generic)
    some = np.arange(6)
    with torch.no_grad():
        scores = model(images[:6])
        spread = model.distribution(images[:6])
    assert ((scores > 1) & (scores < 10)).all()
    assert spread @ torch.arange(1.0, 11.0) == pytest.approx(scores.numpy(), abs=1e-3)
    raw = 5.5 + 4.5 * np.arctanh((scores.double().numpy() - 5.5) / 4.5)
    assert raw == pytest.approx(method.predict(study, some), abs=2e-3)
    image = images[:1].clone().requires_grad_()
    AestheticLoss(model)(image).backward()
    assert image.grad.abs().sum() > 0


def test_what_was_not_fitted_or_cannot_be_is_told(world, said):
    study, people = world
    with pytest.raises(UsageError, match="has not been fitted"):
        PAM().predict(study, np.arange(3))
    with pytest.raises(UsageError, match="expected parts out of"):
        type("Wrong", (PAM,), {"parts": ("smell",)})().prepare(study)
    method = PAM().fit(study, said(people[0], 10)[0])
    with pytest.raises(UsageError, match="expected a model with features"):
        method.model(torch.nn.Identity())


def test_without_pairs_a_ranking_machine_knows_nothing(world):
    study, _ = world
    from retouch_aes.papers.method import PersonEvidence

    silent = PersonEvidence(np.arange(3), np.full(3, 5.0), np.zeros((0, 2), np.intp))
    assert np.ptp(RSVM().fit(study, silent).predict(study, np.arange(20))) == 0
    assert PAMFeatures().fit(study, silent).predict(study, np.arange(20)).shape == (20,)


def test_content_gathers_what_is_alike(world):
    study, _ = world
    shares = study.content
    assert shares.sum(1) == pytest.approx(1)
    label = shares.argmax(1)
    assert len(set(label)) == 4
    with pytest.raises(UsageError, match="clusters"):
        ContentClusters.of(torch.from_numpy(study.features), 1)
    assert PAMContent.parts == ("content",)

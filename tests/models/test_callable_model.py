"""Other people's judges as models: any function, and pyiqa's metrics by a stand-in of its interface."""

import sys
import types

import pytest
import torch
from torch import nn

from retouch_aes import (
    AestheticLoss,
    Photo,
    Retoucher,
    RetouchSettings,
    as_model,
    list_models,
    load_model,
    score,
)
from retouch_aes.editing.objective import ObjectiveWeights
from retouch_aes.errors import MissingExtraError, UsageError, WeightsError
from retouch_aes.models.callable_model import bent_to_scores
from retouch_aes.models.catalogue import card_of
from retouch_aes.pipeline import RetoucherSpec
from retouch_aes.testing import check_model


def brightness(image):
    return image.mean((1, 2, 3))


class Darkness(nn.Module):
    """In the form that pyiqa's metrics have: `(B, 1)`, less is better."""

    def __init__(self, least=0):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(100.0))
        self.least = least

    def forward(self, image):
        if min(image.shape[-2:]) < self.least:
            raise RuntimeError("kernel size can't be greater than actual input size")
        return self.weight * (1 - image.mean((1, 2, 3)))[:, None]


def test_a_function_keeps_the_laws_of_models():
    check_model(as_model(brightness, low=0, high=1))
    check_model(as_model(Darkness(), low=100, high=0))


def test_low_is_bad_and_high_is_good_whichever_is_larger():
    grey = torch.full((1, 3, 32, 32), 0.25)
    assert as_model(brightness, low=0, high=1)(grey).tolist() == pytest.approx([3.25])
    assert as_model(Darkness(), low=100, high=0)(grey).tolist() == pytest.approx([3.25])
    spread = as_model(brightness, low=0, high=1).distribution(grey)
    assert float(spread @ torch.arange(1.0, 11)) == pytest.approx(3.25)


def test_the_order_and_a_gradient_last_beyond_the_range():
    z = torch.linspace(-4, 15, 200, dtype=torch.float64).requires_grad_()
    scores = bent_to_scores(z)
    (slope,) = torch.autograd.grad(scores.sum(), z)
    assert (scores.diff() > 0).all()
    assert ((scores > 1) & (scores < 10) & (slope > 0)).all()
    inside = (z >= 2) & (z <= 9)
    assert torch.equal(scores[inside], z[inside])


def test_a_photo_is_retouched_to_a_function():
    model = as_model(brightness, low=0.1, high=0.5)
    free = RetouchSettings(proxy=64, weights=ObjectiveWeights(fidelity=1, anchor=0.1))
    retoucher = Retoucher(model, operators=["exposure"], settings=free)
    ramp = torch.linspace(0.05, 0.35, 64).expand(1, 3, 48, 64)
    assert retoucher(Photo(ramp)).photo.image.mean() > ramp.mean() + 0.03


def test_what_has_no_gradient_scores_but_drives_nothing():
    model = as_model(lambda image: float(image.detach().mean()), low=0, high=1, one_by_one=True, name="light")
    images = torch.rand(3, 3, 40, 40)
    assert [one.score for one in score(list(images.split(1)), model, device="cpu")] == pytest.approx(
        (1 + 9 * images.mean((1, 2, 3))).tolist(), abs=1e-4
    )
    with pytest.raises(UsageError, match="light has no gradient to the pixels"):
        AestheticLoss(model)(images.requires_grad_())


@pytest.mark.parametrize(
    ("judge", "said"),
    [
        (lambda image: image.mean(), "expected odd to give 2 numbers for 2 images"),
        (lambda image: image.mean((1, 2, 3)) / 0, "expected finite numbers"),
        (lambda _: 1 / 0, "odd failed on 2 image.s. of 40 x 32 px: ZeroDivisionError"),
        (lambda _: "fine", "odd failed on 2"),
    ],
)
def test_a_wrong_answer_is_told(judge, said):
    with pytest.raises(UsageError, match=said):
        as_model(judge, low=0, high=1, name="odd")(torch.rand(2, 3, 32, 40))


def test_what_cannot_be_a_model_is_refused():
    with pytest.raises(UsageError, match="expected a function"):
        as_model(3, low=0, high=1)
    for low, high in ((1, 1), (0, float("inf"))):
        with pytest.raises(UsageError, match="two different finite numbers"):
            as_model(brightness, low=low, high=high)


def test_the_fingerprint_is_of_name_range_and_weights():
    plain = as_model(brightness, low=0, high=1).fingerprint
    assert plain == as_model(brightness, low=0, high=1).fingerprint
    assert plain != as_model(brightness, low=0, high=2).fingerprint
    assert plain != as_model(brightness, low=0, high=1, name="other").fingerprint
    heavier = Darkness()
    heavier.weight.data += 1
    assert as_model(Darkness(), low=1, high=0).fingerprint != as_model(heavier, low=1, high=0).fingerprint


@pytest.fixture
def pyiqa(monkeypatch):
    """A module with the part of pyiqa's interface that is used (0.1.16)."""
    made = types.ModuleType("pyiqa")
    configs = types.ModuleType("pyiqa.default_model_configs")
    configs.DEFAULT_CONFIGS = {
        "dark": {"metric_mode": "NR", "lower_better": True, "score_range": "~0, ~100"},
        "nima": {"metric_mode": "NR", "score_range": "0, 10"},
        "pi": {"metric_mode": "NR", "score_range": "~0, ~", "lower_better": True},
        "psnr": {"metric_mode": "FR", "score_range": "~0, ~40"},
        "gone": {"metric_mode": "NR", "score_range": "1, 5"},
    }

    def create_metric(name, as_loss=False, device=None, **rest):
        print("Downloading")
        if name == "gone":
            raise OSError("Name or service not known")
        assert as_loss
        assert rest == {"loss_reduction": "none"}
        return Darkness(least=48)

    made.create_metric = create_metric
    made.default_model_configs = configs
    monkeypatch.setitem(sys.modules, "pyiqa", made)
    monkeypatch.setitem(sys.modules, "pyiqa.default_model_configs", configs)
    monkeypatch.setattr("retouch_aes.models.pyiqa_metric.version", lambda _: "0.1.16")
    return made


def test_a_metric_of_pyiqa_is_loaded_by_name(pyiqa, capsys):
    model = load_model("pyiqa:dark")
    grey = torch.full((2, 3, 64, 64), 0.25)
    assert model(grey).tolist() == pytest.approx([3.25, 3.25])
    assert load_model("pyiqa:dark@80..40")(grey).tolist() == pytest.approx([2.125, 2.125])
    assert (load_model("pyiqa:nima").low, load_model("pyiqa:nima").high) == (1, 10)
    assert capsys.readouterr().out == ""
    assert list_models("pyiqa:*") == ["pyiqa:dark", "pyiqa:gone", "pyiqa:nima"]
    assert "PolyForm" in card_of("pyiqa:dark").licence
    with pytest.raises(UsageError, match=r"failed on 1 image.s. of 40 x 32 px: RuntimeError: kernel"):
        model(torch.rand(1, 3, 32, 40))


def test_a_batch_with_another_metric_is_another_batch(pyiqa):
    signatures = {
        RetoucherSpec(model=name).signature for name in ("pyiqa:dark", "pyiqa:dark@90..0", "aesthetic")
    }
    assert len(signatures) == 3


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("pyiqa:darc", UsageError, "no metric 'darc'; there are: dark"),
        ("pyiqa:psnr", UsageError, "compares a photo with a reference"),
        ("pyiqa:pi", UsageError, "pyiqa:pi@LOW..HIGH"),
        ("pyiqa:dark@5", UsageError, "such as pyiqa:niqe@12..3"),
        ("pyiqa:", UsageError, "expected pyiqa:NAME"),
        ("pyiqa:gone", WeightsError, "Name or service not known"),
    ],
)
def test_what_pyiqa_has_not_is_told(pyiqa, name, kind, said):
    with pytest.raises(kind, match=said):
        load_model(name)


def test_the_install_line_is_told_without_pyiqa(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyiqa", None)
    with pytest.raises(MissingExtraError, match=r"retouch_aes\[pyiqa\]"):
        load_model("pyiqa:niqe")


def test_pyiqa_itself_has_that_interface():
    pytest.importorskip("pyiqa", reason="pyiqa is not installed")
    model = load_model("pyiqa:piqe")  # needs no weights
    sharp = (torch.rand(1, 3, 16, 16).repeat_interleave(12, 2).repeat_interleave(12, 3)).clamp(0.1, 0.9)
    noisy = (sharp + 0.3 * torch.randn_like(sharp)).clamp(0, 1).requires_grad_()
    scores = model(torch.cat([sharp, noisy]))
    assert ((scores > 1) & (scores < 10)).all()
    assert "pyiqa:musiq-ava" in list_models("pyiqa:musiq*")

"""Quick looks: 16 bit where a gradient is asked for, the weights' precision elsewhere; recorded on CUDA."""

import copy

import pytest
import torch
from torch import Tensor

from retouch_aes import Retoucher, load_model
from retouch_aes.models import quick_looks
from retouch_aes.models.quick_looks import OFTEN, QuickLooks, look_quickly
from retouch_aes.testing import smooth_photo


@pytest.fixture
def image() -> Tensor:
    return smooth_photo(torch.Generator().manual_seed(1), 2, 96, 128)


@pytest.fixture
def model():
    return load_model("aesthetic-compact").requires_grad_(False)


def test_only_what_wants_a_gradient_is_seen_in_16_bit(model, image) -> None:
    with torch.no_grad():
        exact = model(image)
    wanted = image.clone().requires_grad_()
    (slope,) = torch.autograd.grad(model(wanted).sum(), wanted)
    look_quickly(model)
    with torch.no_grad():
        assert torch.equal(model(image), exact)
    assert torch.equal(model(image), exact)
    again = image.clone().requires_grad_()
    quick = model(again)
    (found,) = torch.autograd.grad(quick.sum(), again)
    assert quick.dtype == torch.float32
    assert 0 < float((quick.detach() - exact).abs().max()) < 0.01
    assert float(torch.nn.functional.cosine_similarity(found.flatten(), slope.flatten(), dim=0)) > 0.99


def test_a_shape_that_comes_again_and_again_is_recorded_once_also_for_copies(
    model, image, monkeypatch
) -> None:
    shapes = []

    def recorded(look, like):
        shapes.append(tuple(like.shape))
        return look

    monkeypatch.setattr(quick_looks, "recorded", recorded)
    looks = QuickLooks(model.backbone)
    model.backbone.quick = looks
    other = copy.deepcopy(model)
    for turn in range(2 * OFTEN + 4):
        (model if turn % 2 else other)(image.clone().requires_grad_())
    model(image[:1].clone().requires_grad_())
    assert len(shapes) == 1
    assert shapes[0][0] == 2


def test_elsewhere_nothing_is_recorded(image) -> None:
    def look(seen: Tensor) -> tuple[Tensor, ...]:
        return (seen,)

    assert quick_looks.recorded(look, image) is look


def test_the_edits_of_a_search_in_16_bit_are_those_of_32(image) -> None:
    plain, quick = Retoucher.load(device="cpu"), Retoucher.load(device="cpu")
    look_quickly(quick.model)
    small = 0.5 * image[:1]
    one, other = plain.solve(small), quick.solve(small)
    assert other.score_before == one.score_before
    assert other.outcome is one.outcome
    assert other.score_after == pytest.approx(one.score_after, abs=0.05)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_a_replay_sees_what_a_look_sees(model, image) -> None:
    model = model.cuda()
    wanted = image.cuda().requires_grad_()
    look_quickly(model)
    seen = []
    for _ in range(OFTEN + 3):
        score = model(wanted)
        (slope,) = torch.autograd.grad(score.sum(), wanted)
        seen.append((score.detach().clone(), slope.clone()))
    for score, slope in seen[1:]:
        assert torch.allclose(score, seen[0][0], atol=1e-3)
        assert torch.allclose(slope, seen[0][1], atol=1e-2 * float(seen[0][1].abs().max()))

"""Public functions on a device that is not the CPU, and what is said where two devices meet."""

from pathlib import Path

import kornia
import numpy as np
import pytest
import torch
from accelerator import NAME, Gain, pretend_device, waits
from torch import Generator, Tensor

from retouch_aes import AestheticLoss, Photo, Retoucher, enhance, load_model, read, score, train_enhancer
from retouch_aes.datasets import Ratings
from retouch_aes.devices import device_of, pick_device
from retouch_aes.editing.solve import RetouchSettings
from retouch_aes.errors import UsageError
from retouch_aes.losses import Fidelity
from retouch_aes.models import EMDAttention
from retouch_aes.models.compact import CompactBackbone
from retouch_aes.operators import OPERATORS, EditChain, Param
from retouch_aes.operators.kornia_operator import KorniaOperator
from retouch_aes.optim.bfgs import BFGS
from retouch_aes.optim.training_loop import Schedule
from retouch_aes.papers.cfan.bpr_training import fit_bpr, predict_bpr
from retouch_aes.papers.cfan.training import (
    CFANSettings,
    Judgements,
    ReviewsByUser,
    fit_cfan,
)
from retouch_aes.papers.cfan.training import predict_judgements as predict
from retouch_aes.papers.kong.model import Kong
from retouch_aes.papers.kong.training import KongSettings, fine_tune, fit_head
from retouch_aes.testing import smooth_photo
from retouch_aes.training.photo_pool import PhotoPool

SHORT = Schedule("test", 2, 1e-3, warmup=0)


@pytest.fixture
def model(weights, device):
    return load_model(weights[0]).requires_grad_(False).to(device)


@pytest.fixture
def image() -> Tensor:
    return smooth_photo(Generator().manual_seed(0), 1, 48, 64)


def test_the_name_of_a_device_is_taken_as_it_is(device):
    assert pick_device(NAME) == device
    assert device_of(torch.nn.Linear(1, 1).to(device)).type == NAME


def test_two_devices_get_our_message(model, image):
    with pytest.raises(
        UsageError, match="expected the image on pretend:0, where the weights of EMDAttention"
    ):
        model(image)
    with pytest.raises(UsageError, match="got one on cpu"):
        enhance(Gain().to(NAME), image)


def test_the_loss_follows_the_image_and_its_gradient_is_that_of_the_cpu(weights, device, image):
    gradients = []
    for where in ("cpu", device):
        loss = AestheticLoss(load_model(weights[0]), fidelity=0.5)
        seen = image.clone().to(where).requires_grad_()
        loss(seen, image.to(where) * 0.9).backward()
        gradients.append(seen.grad.cpu())
    assert torch.allclose(*gradients, atol=1e-6)
    balanced = AestheticLoss(load_model(weights[0]), balance=0.3)
    network = Gain().to(device)
    made = network(image.to(device))
    balanced(made, own=made.square().mean()).backward()
    assert network.gain.grad is not None


def test_it_scores_and_retouches_without_float64(weights, folder):
    photo = folder / "kinda_0.png"
    plain = score(photo, weights[0], device="cpu")
    with pretend_device(float64=False):
        there = score(photo, weights[0], device=NAME)
        assert (there.score, there.spread) == pytest.approx((plain.score, plain.spread), abs=1e-4)
        settings = RetouchSettings(proxy=64, solver=BFGS(steps=1))
        retoucher = Retoucher.load(model=weights[0], prior=weights[1], settings=settings, device=NAME)
        assert retoucher(read(photo)).photo.image.device.type == "cpu"


@pytest.mark.parametrize("name", sorted(OPERATORS))
def test_every_operator_gives_what_it_gives_on_the_cpu(name, image):
    chain = EditChain([OPERATORS[name]])
    units = torch.full((1, len(chain)), 0.3)
    with pretend_device(float64=False) as device:
        made = chain.apply(image.to(device), chain.from_units(units.to(device))).cpu()
    plain = EditChain([OPERATORS[name]])
    assert torch.allclose(made, plain.apply(image, plain.from_units(units)), atol=1e-5)


def test_a_function_of_kornia_goes_on_along_its_tangent(device, image):
    gamma = KorniaOperator(kornia.enhance.adjust_gamma, [Param("gamma", 0.5, 2.0, 1.0, "", "darker above 1")])
    wide, params = image * 1.4 - 0.2, torch.tensor([[1.5]])
    plain = gamma.apply(wide, params, gamma.measure(wide))
    made = gamma.apply(wide.to(device), params.to(device), gamma.measure(wide.to(device)))
    assert torch.allclose(made.cpu(), plain, atol=1e-5)


def test_an_enhancer_is_trained_where_it_is(device, image, model):
    network = Gain().to(device)
    train_enhancer(network, lambda _: (image, image * 0.9), SHORT, taste=model, anchor=Gain().to(device))
    assert float(network.gain.detach()[0]) != pytest.approx(1.1, abs=1e-6)
    assert float(Fidelity()(image.to(device), image.to(device))) == pytest.approx(0, abs=1e-5)


@pytest.fixture
def ratings() -> Ratings:
    photos = tuple(Path(f"theme{number}_1.jpg") for number in range(6))
    user, photo = np.divmod(np.arange(18), 6)
    return Ratings(("a", "b", "c"), photos, user, photo, 1.0 + (photo + user) % 7, (1, 7))


def test_kong(device, ratings):
    settings = KongSettings(batch=4, pairs=4, schedule=SHORT)
    table = np.zeros((6, 2))
    head = fit_head(torch.rand(6, 5).to(device), ratings, settings, attributes=table, contents=2, hidden=4)
    assert device_of(head).type == NAME
    body = EMDAttention(CompactBackbone((8, 16, 24, 32), (1, 1, 1, 1)), side=64)
    model = Kong(body, attributes=2, contents=2, hidden=4).to(device)
    model.upper.measure(torch.rand(6, model.feature_size).to(device))
    photos = PhotoPool(ratings.photos, tuple((torch.rand(3, 48, 64) * 255).byte() for _ in range(6)))
    fine_tune(model, photos, ratings, settings, attributes=table, size=(48, 64))
    assert model(torch.rand(1, 3, 48, 64).to(device)).device.type == NAME


def test_cfan_and_its_rivals(device):
    parts = {
        "users": torch.tensor([0, 0, 1, 1, 0, 2]),
        "photos": torch.tensor([0, 1, 1, 2, 3, 0]),
        "good": torch.tensor([1.0, 0, 1, 0, 1, 1]),
        "tokens": torch.tensor([[2, 3], [4, 0], [5, 6], [7, 0], [8, 8], [9, 0]]),
        "maps": torch.rand(5, 4, 2, 3, generator=Generator().manual_seed(0)),
        "tags": torch.tensor([0, 1, -1, 0, 1]),
        "liked": torch.tensor([1.0, 0, 1, 0, 1]),
    }
    # PyTorch has no recurrent cell for a backend in Python: what reads reviews is tried up to it
    settings = CFANSettings(batch=8, schedule=SHORT, review=False)
    answers, reviews = [], []
    for where in ("cpu", device):
        examples = Judgements(**{name: part.to(where) for name, part in parts.items()}, counts=(3, 2, 10))
        cfan = fit_cfan(examples, settings)
        bpr = fit_bpr(examples, visual=True, schedule=SHORT, batch=8)
        found = predict(cfan, examples, examples, reads=1), predict_bpr(bpr, examples, examples)
        assert {one.device.type for one in found} == {torch.device(where).type}
        answers.append(found[1].cpu())
        shelf = ReviewsByUser(examples)
        drawn = shelf.draw(examples.users, examples.photos, Generator().manual_seed(0))
        reviews.append(drawn.cpu())
    assert torch.allclose(*answers, atol=1e-5)
    assert torch.equal(*reviews)


def test_a_search_waits_for_the_device_once_a_step(weights, device, image):
    """Each `.item()`, `.tolist()` or `.cpu()` stops a GPU; a photo has few of them, and a step has one."""
    found = {}
    for steps in (1, 3):
        settings = RetouchSettings(solver=BFGS(steps=steps, tolerance=-1e9))
        retoucher = Retoucher.load(model=weights[0], prior=weights[1], settings=settings, device=device)
        small = retoucher.proxy(Photo(image))
        with waits() as seen:
            solution = retoucher.solve(small)
            found[steps] = list(seen)
        assert len(solution.history) == steps + 1
    assert len(found[1]) - 1 <= 17, found[1]
    assert len(found[3]) - len(found[1]) == 2, found[3]
    assert not [what for what in found[3] if "48, 64" in what], "no picture comes back"


def test_a_batch_of_photos_waits_no_oftener_than_one(weights, device, image):
    # levels, where one photo wants them, are one more search
    settings = RetouchSettings(solver=BFGS(steps=2, tolerance=-1e9), levels=False)
    found = {}
    for count in (1, 6):
        retoucher = Retoucher.load(
            model=weights[0], prior=weights[1], settings=settings, device=device, at_once=8
        )
        smalls = [retoucher.proxy(Photo(image * (1 - 0.05 * step))) for step in range(count)]
        with waits() as seen:
            assert len(retoucher.solve_together(smalls)) == count
            found[count] = len(seen)
    assert found[6] <= found[1] + 8, "some more shares of the edit may be tried"

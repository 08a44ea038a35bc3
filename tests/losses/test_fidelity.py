import hashlib
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor
from torchvision.models import squeezenet1_1

from retouch_aes.errors import UsageError, WeightsError
from retouch_aes.losses import LPIPS, Fidelity, structure_distance
from retouch_aes.losses.perceptual import TRUNKS


@pytest.fixture(scope="module")
def trunk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trunk of the right shape with random weights."""
    path: Path = tmp_path_factory.mktemp("trunk") / "squeeze.safetensors"
    torch.manual_seed(0)
    save_file(squeezenet1_1(weights=None).state_dict(), path)
    return path


@pytest.fixture
def photo() -> Tensor:
    generator = torch.Generator().manual_seed(0)
    coarse = torch.rand(2, 3, 6, 8, generator=generator)
    return torch.nn.functional.interpolate(coarse, size=(48, 64), mode="bicubic").clamp(0, 1) * 0.8 + 0.1


@pytest.fixture(params=["structure", "perceptual"])
def fidelity(request: pytest.FixtureRequest, trunk: Path) -> Fidelity:
    return Fidelity(trunk if request.param == "perceptual" else None)


def test_zero_for_equal_photos(fidelity: Fidelity, photo: Tensor) -> None:
    assert fidelity(photo, photo).tolist() == pytest.approx([0, 0], abs=1e-6)


def test_grows_with_the_change(fidelity: Fidelity, photo: Tensor) -> None:
    changed = (photo + torch.randn(photo.shape, generator=torch.Generator().manual_seed(1)) * 0.3).clamp(0, 1)
    distances = torch.stack([fidelity(photo.lerp(changed, t), photo) for t in (0.1, 0.3, 0.6, 1.0)])
    assert (distances.diff(dim=0) > 0).all()


def test_batch_equals_singles(fidelity: Fidelity, photo: Tensor) -> None:
    batch = fidelity(photo**1.3, photo)
    singles = [fidelity(x[None] ** 1.3, x[None]).item() for x in photo]
    assert batch.tolist() == pytest.approx(singles, abs=1e-5)


def test_a_prepared_reference_measures_the_same(fidelity: Fidelity, photo: Tensor) -> None:
    distance = fidelity.around(photo)
    for image in (photo, photo**1.3, photo.flip(0)):
        torch.testing.assert_close(distance(image), fidelity(image, photo), atol=1e-6, rtol=0)


@pytest.mark.parametrize("size", [(32, 32), (33, 70)])
def test_gradient_is_finite_also_at_the_photo_itself(fidelity: Fidelity, size: tuple[int, int]) -> None:
    for image in (torch.full((1, 3, *size), 0.5), torch.zeros(1, 3, *size)):
        edited = image.clone().requires_grad_()
        fidelity(edited, image).sum().backward()
        assert edited.grad is not None
        assert edited.grad.isfinite().all()


def test_gradient_of_the_structure_distance() -> None:
    x, y = torch.rand(2, 1, 3, 17, 20, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert torch.autograd.gradcheck(lambda z: structure_distance(z, y), (x.requires_grad_(),), fast_mode=True)


def test_one_scale_agrees_with_kornia() -> None:
    from kornia.metrics import ssim

    from retouch_aes.color.luma import luma

    x, y = torch.rand(2, 1, 3, 20, 24, generator=torch.Generator().manual_seed(0))
    expected = 1 - ssim(luma(x), luma(y), 11).mean()
    assert structure_distance(x, y, color_weight=0).item() == pytest.approx(expected.item(), abs=1e-4)


def test_a_pure_change_of_color_is_noticed(photo: Tensor) -> None:
    weights = torch.tensor([0.2126, 0.7152, 0.0722]).view(1, 3, 1, 1)
    shift = torch.tensor([1.0, -0.2126 / 0.7152, 0.0]).view(1, 3, 1, 1) * 0.05
    assert (shift * weights).sum().item() == pytest.approx(0, abs=1e-7)
    assert structure_distance(photo + shift, photo, color_weight=0).max() < 1e-4
    assert structure_distance(photo + shift, photo).min() > 0.01


def test_under_autocast(photo: Tensor) -> None:
    expected = structure_distance(photo**1.2, photo)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.allclose(structure_distance(photo**1.2, photo), expected)


def test_lpips_stays_frozen(trunk: Path, photo: Tensor) -> None:
    loss = LPIPS(trunk).train()
    assert not any(module.training for module in loss.modules())
    loss(photo.requires_grad_(), photo.detach() ** 1.1).sum().backward()
    assert photo.grad is not None
    assert all(parameter.grad is None for parameter in loss.parameters())


def test_real_trunk(test_data: Path, photo: Tensor) -> None:
    path = test_data / "weights" / "squeezenet1_1_imagenet.safetensors"
    if not path.is_file():
        pytest.skip(f"needs {path.name}")
    blurred = torch.nn.functional.avg_pool2d(photo, 5, 1, 2)
    distances = LPIPS(path)(torch.cat([photo * 0.98, blurred]), torch.cat([photo, photo]))
    assert distances[:2].max() < distances[2:].min()
    assert distances.max() < 1


def test_refuses_what_does_not_fit(photo: Tensor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="expected an image and a reference"):
        structure_distance(photo, photo[:1])
    with pytest.raises(UsageError, match="at least 16"):
        structure_distance(photo[..., :9], photo[..., :9])
    with pytest.raises(WeightsError, match="does not exist"):
        LPIPS(tmp_path / "absent.pth")
    save_file({"features.0.weight": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(WeightsError, match="does not hold"):
        LPIPS(tmp_path / "other.safetensors")
    (tmp_path / "other.safetensors").write_bytes(b"x" * 20)
    with pytest.raises(WeightsError, match="damaged"):
        LPIPS(tmp_path / "other.safetensors")
    with pytest.raises(UsageError, match="'resnet'"):
        LPIPS(tmp_path / "other.safetensors", net="resnet")


def test_published_trunk_files_are_checked_by_hash(
    trunk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "trunk.pth"
    torch.save(squeezenet1_1(weights=None).state_dict(), file)
    with pytest.raises(WeightsError, match="sha256 begins with"):
        LPIPS(file)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    monkeypatch.setitem(TRUNKS, "squeeze", f"squeezenet1_1-{digest[:8]}.pth")
    assert LPIPS(file)(torch.zeros(1, 3, 32, 32), torch.zeros(1, 3, 32, 32)).tolist() == [0]

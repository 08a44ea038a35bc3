"""Networks from elsewhere: classes by path, TorchScript, ExportedProgram, ONNX; what is refused."""

import pickle
import sys
import warnings

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from retouch_aes.enhancers import Hosted, Tiles, enhance, load_enhancer
from retouch_aes.enhancers.checkpoint import read_checkpoint
from retouch_aes.errors import MissingExtraError, ProgramWarning, UsageError, WeightsError
from retouch_aes.models import ModelCard, save_model
from retouch_aes.testing import check_enhancer, smooth_photo

SOURCE = """
import torch
from torch import nn

class Matrix(nn.Module):
    def __init__(self, scale=1.0):
        super().__init__()
        self.colour = nn.Conv2d(3, 3, 1)
    def forward(self, image):
        return self.colour(image)

def local():
    return nn.Conv2d(3, 3, 3, padding=1)

class Needs(nn.Module):
    def __init__(self, width):
        super().__init__()

def nothing():
    return 3

def leaves():
    raise SystemExit("gone")
"""


@pytest.fixture
def module(tmp_path, monkeypatch) -> str:
    monkeypatch.chdir(tmp_path)
    name = f"mynets_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(SOURCE)
    yield name
    sys.modules.pop(name, None)


@pytest.fixture
def photo() -> Tensor:
    return smooth_photo(torch.Generator().manual_seed(1), 1, 80, 100)


@pytest.fixture
def network() -> nn.Module:
    torch.manual_seed(0)
    made = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 3, 3, padding=1))
    return made.eval()


def exported(network: nn.Module, path, *, free: bool) -> None:
    free_side = torch.export.Dim.DYNAMIC
    dims = ({2: free_side, 3: free_side},) if free else None
    torch.export.save(torch.export.export(network, (torch.rand(1, 3, 64, 72),), dynamic_shapes=dims), path)


def test_a_class_by_its_path_from_the_current_folder(module, photo, tmp_path) -> None:
    torch.manual_seed(5)
    state = {"colour.weight": torch.rand(3, 3, 1, 1), "colour.bias": torch.rand(3)}
    save_file(state, tmp_path / "w.safetensors")
    torch.save(state, tmp_path / "w.pth")
    torch.save({"state_dict": {f"module.{k}": v for k, v in state.items()}}, tmp_path / "ddp.pth")
    expected = torch.einsum("ij,bjhw->bihw", state["colour.weight"][:, :, 0, 0], photo)
    expected = (expected + state["colour.bias"][:, None, None]).clamp(0, 1)
    for name in ("w.safetensors", "w.pth", "ddp.pth"):
        hosted = load_enhancer(f"{module}:Matrix", tmp_path / name)
        assert torch.allclose(enhance(hosted, photo), expected, atol=1e-6)
    check_enhancer(hosted)
    assert str(tmp_path) not in sys.path


@pytest.mark.parametrize(
    ("tail", "message"),
    [
        (":Nobody", "has no Nobody"),
        (":Needs", "without arguments failed"),
        (":nothing", "expected a torch.nn.Module, got int"),
        (":leaves", "SystemExit: gone"),
        (":torch", "expected a torch.nn.Module class"),
        ("x:Matrix", "importing"),
        (":", "expected pkg.module:Class"),
    ],
)
def test_a_path_that_leads_nowhere(module, tail, message) -> None:
    with pytest.raises(UsageError, match=message):
        load_enhancer(f"{module}{tail}")


def test_weights_must_fit_name_by_name(module, tmp_path) -> None:
    save_file({"colour.weight": torch.rand(3, 4, 1, 1), "other": torch.rand(1)}, tmp_path / "w.safetensors")
    with pytest.raises(WeightsError, match=r"colour.bias is missing; other is unknown.*\(3, 4, 1, 1\)"):
        load_enhancer(f"{module}:Matrix", tmp_path / "w.safetensors")


def test_a_checkpoint_that_would_run_code_is_not_read(tmp_path) -> None:
    class Bad:
        def __reduce__(self):
            return (print, ("run!",))

    (tmp_path / "old.pth").write_bytes(pickle.dumps(Bad()))
    torch.save({"a": Bad()}, tmp_path / "new.pth")
    for name in ("old.pth", "new.pth"):
        with pytest.raises(WeightsError, match=r"could run code|damaged"):
            read_checkpoint(tmp_path / name)


@pytest.mark.parametrize("content", [b"", b"no weights", b"PK\x03\x04 broken"])
def test_a_broken_checkpoint(tmp_path, content) -> None:
    (tmp_path / "w.pth").write_bytes(content)
    with pytest.raises(WeightsError, match=r"w\.pth"):
        read_checkpoint(tmp_path / "w.pth")
    torch.save({"steps": 3}, tmp_path / "n.pth")
    with pytest.raises(WeightsError, match="'steps' is none"):
        read_checkpoint(tmp_path / "n.pth")


def test_what_weight_decay_left_behind_is_zero(tmp_path) -> None:
    torch.save({"w": torch.tensor([1e-39, -1e-30, 1e-6, 0.5])}, tmp_path / "w.pth")
    assert read_checkpoint(tmp_path / "w.pth")["w"].tolist() == [0, 0, torch.tensor(1e-6).item(), 0.5]


def test_a_file_of_ours_for_a_class_from_elsewhere(module, photo, tmp_path) -> None:
    hosted = load_enhancer(f"{module}:Matrix")
    save_model(tmp_path / "mine.safetensors", hosted, ModelCard("Apache-2.0", "test"))
    again = load_enhancer(f"{module}:Matrix", tmp_path / "mine.safetensors")
    assert torch.equal(enhance(again, photo), enhance(hosted, photo))
    with pytest.raises(UsageError, match=f"--enhancer {module}:Matrix --enhancer-weights"):
        load_enhancer(tmp_path / "mine.safetensors")
    with pytest.raises(WeightsError, match="was trained for"):
        load_enhancer(f"{module}:local", tmp_path / "mine.safetensors")


def test_torchscript_is_used_at_any_size(network, photo, tmp_path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.script(network).save(tmp_path / "net.pt")
    with pytest.warns(ProgramWarning, match="people you trust"):
        load_enhancer(tmp_path / "net.pt")
    hosted = load_enhancer(tmp_path / "net.pt", trust=True)
    assert torch.allclose(enhance(hosted, photo), network(photo).clamp(0, 1), atol=1e-6)
    check_enhancer(hosted)


def test_an_exported_program_with_free_sides(photo, tmp_path) -> None:
    class Gamma(nn.Module):  # exporting convolutions of free size takes the better part of a minute
        def __init__(self) -> None:
            super().__init__()
            self.gamma = nn.Parameter(torch.tensor(0.7))

        def forward(self, image: Tensor) -> Tensor:
            return image**self.gamma

    network = Gamma()
    exported(network, tmp_path / "net.pt2", free=True)
    hosted = load_enhancer(tmp_path / "net.pt2", trust=True)
    assert torch.allclose(enhance(hosted, photo), network(photo).clamp(0, 1), atol=1e-6)
    assert not [p for p in hosted.parameters() if p.requires_grad]


def test_an_exported_program_of_one_size_gets_tiles_of_it(network, photo, tmp_path) -> None:
    exported(network, tmp_path / "net.pt2", free=False)
    hosted = load_enhancer(tmp_path / "net.pt2", trust=True)
    assert hosted.full_size == Tiles(64, 72, 8, exact=True)
    assert torch.allclose(enhance(hosted, photo), network(photo).clamp(0, 1), atol=1e-6)
    small = photo[..., :20, :30]
    assert enhance(hosted, small).shape == small.shape


def test_weights_given_as_a_network_are_explained(network, tmp_path) -> None:
    torch.save(network.state_dict(), tmp_path / "w.pth")
    with pytest.raises(WeightsError, match="--enhancer-weights"):
        load_enhancer(tmp_path / "w.pth")
    (tmp_path / "junk.pt").write_text("junk")
    with pytest.raises(WeightsError, match="no TorchScript"):
        load_enhancer(tmp_path / "junk.pt")


def onnx_file(path, height, width, *, channels=3, kind=None) -> Tensor:
    """A 1x1 convolution as ONNX; its matrix comes back."""
    onnx = pytest.importorskip("onnx")
    matrix = torch.rand(3, channels, 1, 1, generator=torch.Generator().manual_seed(0))
    kind = kind or onnx.TensorProto.FLOAT
    shape = [1, channels, height, width]
    info = [onnx.helper.make_tensor_value_info(name, kind, shape) for name in ("x", "y")]
    info[1] = onnx.helper.make_tensor_value_info("y", kind, [1, 3, height, width])
    weight = onnx.numpy_helper.from_array(matrix.numpy(), "w")
    node = onnx.helper.make_node("Conv", ["x", "w"], ["y"], kernel_shape=[1, 1])
    graph = onnx.helper.make_graph([node], "g", [info[0]], [info[1]], [weight])
    opset = [onnx.helper.make_opsetid("", 17)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=9), str(path))
    return matrix


@pytest.mark.parametrize("size", [("h", "w"), (64, 64)])
def test_onnx(photo, tmp_path, size) -> None:
    pytest.importorskip("onnxruntime")
    matrix = onnx_file(tmp_path / "net.onnx", *size)
    hosted = load_enhancer(tmp_path / "net.onnx")
    expected = torch.einsum("ij,bjhw->bihw", matrix[:, :, 0, 0], photo).clamp(0, 1)
    assert torch.allclose(enhance(hosted, photo), expected, atol=1e-5)
    check_enhancer(hosted)
    with pytest.raises(UsageError, match="no gradients"):
        hosted(photo.requires_grad_())


def test_onnx_that_does_not_fit(tmp_path) -> None:
    pytest.importorskip("onnxruntime")
    onnx_file(tmp_path / "four.onnx", "h", "w", channels=4)
    with pytest.raises(UsageError, match=r"\(1, 4, any, any\)"):
        load_enhancer(tmp_path / "four.onnx")
    onnx_file(tmp_path / "half.onnx", "h", 64)
    with pytest.raises(UsageError, match="both fixed or both free"):
        load_enhancer(tmp_path / "half.onnx")
    (tmp_path / "junk.onnx").write_text("junk")
    with pytest.raises(WeightsError, match="cannot be loaded as ONNX"):
        load_enhancer(tmp_path / "junk.onnx")


def test_onnx_without_its_package_names_the_extra(tmp_path, monkeypatch) -> None:
    (tmp_path / "net.onnx").write_text("")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match=r"retouch_aes\[onnx\]"):
        load_enhancer(tmp_path / "net.onnx")


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"nobody.*one of the enhancers"):
        load_enhancer("nobody")


def test_hosted_takes_declarations_or_overrides() -> None:
    plain = Hosted(nn.Identity(), full_size=Tiles(96, 96, 4), multiple=4)
    assert (plain.full_size, plain.multiple, plain.source) == (Tiles(96, 96, 4), 4, "Identity")

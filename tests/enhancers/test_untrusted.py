"""Enhancer files that would run code, or are damaged: refused in plain words, nothing of them is run."""

import io
import random
import warnings
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from retouch_aes.enhancers import enhance, load_enhancer
from retouch_aes.enhancers.checkpoint import read_checkpoint
from retouch_aes.errors import RetouchError, UsageError, WeightsError
from retouch_aes.models.files import first_line


class Runs:
    """Unpickled, it writes a file: the proof that code ran."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return (Path.touch, (self.mark,))


class Halve(nn.Module):
    def forward(self, image: Tensor) -> Tensor:
        return image / 2


@pytest.fixture(scope="module")
def exported(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("exported") / "net.pt2"
    torch.export.save(torch.export.export(Halve(), (torch.rand(1, 3, 64, 72),)), path)
    return path


@pytest.fixture(scope="module")
def scripted(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("scripted") / "net.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.script(nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.ReLU())).save(path)
    return path


def rewritten(source: Path, target: Path, change) -> Path:
    """The zip `source` with each entry `(name, content)` as `change` makes it: a list of entries."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            for entry in change(name, old.read(name)):
                new.writestr(*entry)
    return target


def pickled(value: object) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def test_an_exported_program_needs_its_name_and_trust(exported, tmp_path) -> None:
    with pytest.raises(UsageError, match="--trust"):
        load_enhancer(exported)
    (tmp_path / "net.pth").write_bytes(exported.read_bytes())
    with pytest.raises(UsageError, match=r"not named \.pt2"):
        load_enhancer(tmp_path / "net.pth", trust=True)
    photo = torch.rand(1, 3, 64, 72)
    assert torch.allclose(enhance(load_enhancer(exported, trust=True), photo), photo / 2)


def test_pickled_objects_are_refused_even_with_trust(exported, tmp_path) -> None:
    mark = tmp_path / "code has run"
    evil = pickled(((Runs(mark),), {}))

    def samples(name, content):
        return [(name, evil if "sample_inputs" in name else content)]

    def constants(name, content):
        extra = [(name.rsplit("/", 1)[0] + "/opaque_obj_0", evil)] if name.endswith("config.json") else []
        return [(name, content), *extra]

    def weights(name, content):
        config = b'{"config": {"w": {"path_name": "weight_0", "use_pickle": true}}}'
        return [(name, config if name.endswith("weights_config.json") else content)]

    def twice(name, content):
        return [(name, content), *([(name.upper(), evil)] if "sample_inputs" in name else [])]

    def old(name, content):
        extra = [("serialized_state_dict.pt", evil)] if name.endswith("archive_format") else []
        return [(name, content), *extra]

    for change in (samples, constants, weights, twice, old):
        path = rewritten(exported, tmp_path / f"{change.__name__}.pt2", change)
        with pytest.raises(WeightsError, match="was not read"):
            load_enhancer(path, trust=True)
    assert not mark.exists()


@pytest.fixture(scope="module")
def onnx_net(tmp_path_factory) -> Path:
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    path = tmp_path_factory.mktemp("onnx") / "net.onnx"
    onnx_file(onnx, path, 64, 72)
    return path


def onnx_file(onnx, path: Path, height: int, width: int) -> None:
    """One rectifier for photos of one size."""
    kind, shape = onnx.TensorProto.FLOAT, [1, 3, height, width]
    info = [onnx.helper.make_tensor_value_info(name, kind, shape) for name in ("x", "y")]
    graph = onnx.helper.make_graph([onnx.helper.make_node("Relu", ["x"], ["y"])], "g", info[:1], info[1:])
    opset = [onnx.helper.make_opsetid("", 17)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=9), str(path))


@pytest.mark.parametrize("kind", ["exported", "scripted", "onnx_net"])
def test_damaged_programs_end_in_our_errors(kind, tmp_path, request, capfd) -> None:
    source = request.getfixturevalue(kind)
    content, path = source.read_bytes(), tmp_path / source.name
    rng = random.Random(0)
    for _ in range(25):
        changed = bytearray(content[: rng.randrange(1, len(content))] if rng.random() < 0.3 else content)
        for _ in range(rng.choice((1, 10, 100))):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        path.write_bytes(changed)
        try:
            enhance(load_enhancer(path, trust=True), torch.rand(1, 3, 64, 72))
        except RetouchError as error:
            assert "weights_only" not in str(error)  # noqa: PT017
            assert "\n" not in str(error)  # noqa: PT017
    assert capfd.readouterr() == ("", "")


def test_checkpoints_of_other_kinds_of_tensors(tmp_path) -> None:
    sparse = torch.eye(3).to_sparse()
    kinds = {
        "sparse": sparse,
        "meta": torch.empty(3, device="meta"),
        "complex": torch.zeros(3, dtype=torch.complex64),
    }
    for kind, tensor in kinds.items():
        torch.save({"w": tensor}, tmp_path / f"{kind}.pth")
        with pytest.raises(WeightsError, match=r"'w' is of the kind|damaged"):
            read_checkpoint(tmp_path / f"{kind}.pth")
    torch.save({"w": sparse}, tmp_path / "s.pth")
    content = (tmp_path / "s.pth").read_bytes()
    for place in range(0, len(content), 37):
        (tmp_path / "d.pth").write_bytes(
            content[:place] + bytes([content[place] ^ 85]) + content[place + 1 :]
        )
        with pytest.raises(WeightsError):
            read_checkpoint(tmp_path / "d.pth")


def test_torchs_advice_to_run_code_is_not_passed_on(scripted, tmp_path) -> None:
    (tmp_path / "w.pth").write_bytes(scripted.read_bytes())
    torch.save({"a": Runs(tmp_path / "mark")}, tmp_path / "o.pth")
    for name in ("w.pth", "o.pth"):
        with pytest.raises(WeightsError) as caught:
            read_checkpoint(tmp_path / name)
        assert "weights_only" not in str(caught.value)
    assert not (tmp_path / "mark").exists()
    assert first_line(RuntimeError("set weights_only=False\nor not")) == "RuntimeError"
    assert first_line(ValueError("plain\nmore")) == "plain"


@pytest.mark.parametrize(("height", "width"), [(10**9, 10**9), (2**20, 64), (8192, 8192), (1, 1)])
def test_fixed_sizes_beyond_reason(tmp_path, height, width) -> None:
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    onnx_file(onnx, tmp_path / "net.onnx", height, width)
    with pytest.raises(UsageError, match=f"takes {height} x {width}"):
        load_enhancer(tmp_path / "net.onnx")


def test_a_name_that_ends_python_does_not() -> None:
    for name in ("sys:exit", "os:abort", "os:getcwd"):
        with pytest.raises(UsageError, match=r"expected a torch\.nn\.Module class"):
            load_enhancer(name)


def test_the_command_line_says_it_in_one_line(exported, scripted, tmp_path, monkeypatch) -> None:
    from click.testing import CliRunner
    from PIL import Image

    from retouch_aes.cli import main

    photo = tmp_path / "photo.png"
    Image.new("RGB", (72, 64), (200, 100, 50)).save(photo)

    def run(*args: object):
        return CliRunner().invoke(main, [str(arg) for arg in ("enhance", photo, "--enhancer", *args)])

    refused = run(exported)
    assert refused.exit_code == 2
    assert "--trust" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert run("sys:exit").exit_code == 2
    warned = run(scripted, "-o", tmp_path / "a.png")
    assert warned.exit_code == 0, warned.stderr
    assert [line for line in warned.stderr.splitlines() if line.startswith("Warning: ")]
    trusted = run(exported, "--trust", "-o", tmp_path / "b.png")
    assert trusted.exit_code == 0, trusted.stderr
    assert "Warning" not in trusted.stderr
    save_file({"w": torch.zeros(1)}, tmp_path / "w.safetensors")
    assert run(tmp_path / "w.safetensors").exit_code == 1

"""The loss in other people's training loops: the same value and gradient however the loop is run."""

import os
from collections.abc import Iterator

import pytest
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from retouch_aes import AestheticLoss, load_model


class Network(nn.Module):
    """A tiny enhancer."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, image: Tensor) -> Tensor:
        return (image + 0.1 * self.layer(image)).clamp(0, 1)


@pytest.fixture(scope="module")
def loss() -> AestheticLoss:
    return AestheticLoss(load_model("aesthetic-compact"))


@pytest.fixture
def network() -> Network:
    torch.manual_seed(0)
    return Network()


@pytest.fixture
def image() -> Tensor:
    return torch.rand(2, 3, 64, 80, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def plain(loss: AestheticLoss, network: Network, image: Tensor) -> tuple[Tensor, Tensor]:
    """Value and gradient of a plain step."""
    value = loss(network(image))
    value.backward()
    gradient = network.layer.weight.grad
    network.zero_grad()
    return value.detach(), gradient


def test_with_gradient_checkpointing(loss, network, image, plain) -> None:
    value = loss(checkpoint(network, image, use_reentrant=False))
    value.backward()
    torch.testing.assert_close((value.detach(), network.layer.weight.grad), plain)


def test_compiled_as_a_whole(loss, network, image, plain) -> None:
    step = torch.compile(lambda x: loss(network(x)), backend="aot_eager")
    value = step(image)
    value.backward()
    torch.testing.assert_close((value.detach(), network.layer.weight.grad), plain, atol=1e-5, rtol=1e-4)


def test_compiled_for_sizes_that_change(loss) -> None:
    torch._dynamo.reset()
    compiled = torch.compile(loss, backend="aot_eager", dynamic=True, fullgraph=True)
    for shape in ((2, 3, 64, 80), (3, 3, 90, 60), (2, 3, 240, 300)):
        image = torch.rand(shape, generator=torch.Generator().manual_seed(1)).requires_grad_()
        [slope] = torch.autograd.grad(compiled(image), image)
        [expected] = torch.autograd.grad(loss(image), image)
        torch.testing.assert_close(compiled(image), loss(image), atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(slope, expected, atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize("strict", [True, False])
def test_exported_with_a_free_batch(loss, image, strict) -> None:
    sizes = {"image": {0: torch.export.Dim("batch")}}
    program = torch.export.export(loss, (image,), dynamic_shapes=sizes, strict=strict).module()
    for batch in (2, 5):
        seen = image[:1].repeat(batch, 1, 1, 1)
        torch.testing.assert_close(program(seen), loss(seen))


@pytest.mark.filterwarnings("ignore::FutureWarning")  # PyTorch would have torch.export instead
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_traced_for_one_size(loss, image) -> None:
    traced = torch.jit.trace(loss, (image,))
    seen = image.flip(0).flip(3).requires_grad_()
    [slope] = torch.autograd.grad(traced(seen), seen)
    [expected] = torch.autograd.grad(loss(seen), seen)
    torch.testing.assert_close((traced(seen), slope), (loss(seen), expected))


@pytest.mark.filterwarnings("ignore")  # of the exporter about itself
@pytest.mark.parametrize("shape", [(2, 3, 64, 80), (2, 3, 300, 260)])
def test_in_onnx_runtime(loss, tmp_path, shape) -> None:
    runtime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    image = torch.rand(shape, generator=torch.Generator().manual_seed(2))
    names = {"input_names": ["image"], "output_names": ["loss"]}
    sizes = ({0: torch.export.Dim("batch")},)
    torch.onnx.export(loss, (image,), tmp_path / "loss.onnx", dynamo=True, dynamic_shapes=sizes, **names)
    session = runtime.InferenceSession(tmp_path / "loss.onnx")
    seen = image[:1].repeat(3, 1, 1, 1)
    [found] = session.run(None, {"image": seen.numpy()})
    assert float(found) == pytest.approx(loss(seen).item(), abs=1e-4)


def test_balanced_with_checkpointing_accumulation_and_autocast(loss, network, image) -> None:
    balanced = AestheticLoss(loss.model, fidelity=F.l1_loss, balance=0.3)
    balanced(network(image), image).backward()
    expected = network.layer.weight.grad
    network.zero_grad()
    for half in (0, 1):  # the mean of two halves
        made = checkpoint(network, image[half : half + 1], use_reentrant=False)
        (balanced(made, image[half : half + 1]) / 2).backward()
    torch.testing.assert_close(network.layer.weight.grad, expected, rtol=1e-3, atol=1e-7)
    with torch.autocast("cpu", torch.bfloat16):
        value = balanced(network(image), image)
    value.backward()
    assert network.layer.weight.grad.isfinite().all()


@pytest.fixture
def group(tmp_path) -> Iterator[None]:
    dist.init_process_group("gloo", init_method=f"file://{tmp_path / 'store'}", rank=0, world_size=1)
    yield
    dist.destroy_process_group()


@pytest.mark.skipif(os.name == "nt", reason="gloo by file is for Unix")
def test_in_distributed_data_parallel(group, loss, network, image, plain) -> None:
    parallel = nn.parallel.DistributedDataParallel(network)
    value = loss(parallel(image))
    value.backward()
    torch.testing.assert_close((value.detach(), network.layer.weight.grad), plain)


def test_under_autocast_it_stays_near(loss, network, image, plain) -> None:
    with torch.autocast("cpu", torch.bfloat16):
        value = loss(network(image))
    assert value.item() == pytest.approx(plain[0].item(), abs=0.1)


def test_it_keeps_no_state(loss, image) -> None:
    before = {name: tensor.clone() for name, tensor in loss.state_dict().items()}
    values = [loss(image).item() for _ in range(3)]
    assert len(set(values)) == 1
    assert all(torch.equal(tensor, before[name]) for name, tensor in loss.state_dict().items())

"""The training loop: steps that can be stopped and resumed without a trace."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from torch import Generator, Tensor, nn

from retouch_aes.errors import WeightsError
from retouch_aes.optim.training_loop import Schedule, train


def fresh() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(3, 1)


def losses_of(module: nn.Linear):
    def losses(_: int, generator: Generator) -> Mapping[str, Tensor]:
        x = torch.randn(8, 3, generator=generator)
        return {"fit": (module(x)[:, 0] - x.sum(dim=1)).square().mean()}

    return losses


def test_it_learns() -> None:
    module = fresh()
    train(module, losses_of(module), Schedule("fit", 400, 0.05, warmup=5))
    torch.testing.assert_close(module.weight, torch.ones(1, 3), atol=0.05, rtol=0)


def test_a_stopped_run_resumes_to_the_same_weights(tmp_path: Path) -> None:
    whole = fresh()
    train(whole, losses_of(whole), Schedule("fit", 20, 0.05, warmup=2))

    class Stop(Exception):
        pass

    def stop_at_13(_: str, step: int, __: int, ___: Mapping[str, float]) -> None:
        if step == 13:
            raise Stop

    halves = Schedule("fit", 20, 0.05, warmup=2, checkpoint_every=6)
    first, second = fresh(), fresh()
    with pytest.raises(Stop):
        train(first, losses_of(first), halves, checkpoint=tmp_path / "c", progress=stop_at_13)
    steps = []
    train(
        second,
        losses_of(second),
        halves,
        checkpoint=tmp_path / "c",
        progress=lambda _, step, *__: steps.append(step),
    )
    assert steps == list(range(13, 21)), "the checkpoint of step 12 is the last one"
    assert torch.equal(second.weight, whole.weight)
    assert torch.equal(second.bias, whole.bias)


def test_a_finished_run_is_not_repeated(tmp_path: Path) -> None:
    module = fresh()
    schedule = Schedule("fit", 4, 0.05)
    train(module, losses_of(module), schedule, checkpoint=tmp_path / "c")
    again = fresh()
    train(again, lambda *_: pytest.fail("no step is left"), schedule, checkpoint=tmp_path / "c")
    assert torch.equal(again.weight, module.weight)


@pytest.mark.parametrize("content", [b"", b"not safetensors at all"])
def test_a_damaged_checkpoint_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "c").write_bytes(content)
    module = fresh()
    with pytest.raises(WeightsError, match="not a checkpoint"):
        train(module, losses_of(module), Schedule("fit", 4, 0.05), checkpoint=tmp_path / "c")


def test_a_checkpoint_of_another_training_is_refused(tmp_path: Path) -> None:
    module = fresh()
    train(module, losses_of(module), Schedule("fit", 2, 0.05), checkpoint=tmp_path / "c")
    with pytest.raises(WeightsError, match="expected a checkpoint of 'other'"):
        train(module, losses_of(module), Schedule("other", 2, 0.05), checkpoint=tmp_path / "c")


def test_the_rate_rises_and_falls() -> None:
    schedule = Schedule("fit", 100, 1.0, warmup=10)
    rates = [schedule.rate_at(step) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[10] == 1.0
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 0.01


def test_a_slow_part_moves_less() -> None:
    slow, even = fresh(), fresh()
    start = slow.weight.detach().clone()
    for module, pace in ((slow, {"weight": 0.1}), (even, None)):
        train(module, losses_of(module), Schedule("fit", 5, 0.05, warmup=1), pace=pace)
    assert (slow.weight - start).abs().max() < 0.3 * (even.weight - start).abs().max()

"""Two processes that train together: one model, from the mean of their gradients."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from retouch_aes.errors import UsageError
from retouch_aes.optim.distributed import join_processes, rank_and_count

WORKER = """
import sys
import torch
from safetensors.torch import save_file
from retouch_aes.optim.distributed import join_processes, rank_and_count
from retouch_aes.optim.training_loop import Schedule, train

with join_processes("cpu") as device:
    rank, count = rank_and_count()
    torch.manual_seed(rank)  # begins differently: the first process's weights must win
    network = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 1))
    drawn = []

    def losses(step, generator):
        x = torch.rand(8, 3, generator=generator)
        drawn.append(x[0])
        return {"fit": (network(x)[:, 0] - x.sum(1)).square().mean()}

    train(network, losses, Schedule("tiny", 5, 1e-2, warmup=1))
    save_file({**network.state_dict(), "drawn": torch.stack(drawn)}, f"{sys.argv[1]}/{rank}.safetensors")
"""


def test_two_processes_end_with_one_model(tmp_path: Path) -> None:
    (tmp_path / "worker.py").write_text(WORKER)
    command = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, *command, str(tmp_path / "worker.py"), str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    first, second = (load_file(tmp_path / f"{rank}.safetensors") for rank in (0, 1))
    assert not torch.equal(first.pop("drawn"), second.pop("drawn")), "each draws its own batches"
    assert all(torch.equal(tensor, second[name]) for name, tensor in first.items())


def test_alone_it_is_the_only_one() -> None:
    with join_processes("cpu") as device:
        assert device == torch.device("cpu")
        assert rank_and_count() == (0, 1)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_named() -> None:
    with pytest.raises(UsageError, match="no CUDA device"), join_processes("cuda"):
        pass

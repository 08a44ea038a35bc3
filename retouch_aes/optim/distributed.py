"""Training by several processes, as `torchrun` starts them: own batches each, and averaged gradients.

Everything here does nothing in a process that runs alone.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import torch
import torch.distributed as dist
from torch import Tensor, nn

from retouch_aes.devices import pick_device
from retouch_aes.errors import UsageError


@contextmanager
def join_processes(device: str) -> Iterator[torch.device]:
    """Join the others of a `torchrun`, if this process is one of several; gives the device to train on.

    `device` is one of `devices.NAMES`; of several processes on one machine each takes the GPU of its own
    local rank. `UsageError` where there is no such device, or it is none for several processes.
    """
    chosen = pick_device(device)
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count < 2:
        yield chosen
        return
    if chosen.type not in ("cpu", "cuda"):
        raise UsageError(f"expected --device cpu or cuda for {count} processes, got {device}")
    own = chosen if chosen.type == "cpu" else torch.device(f"cuda:{os.environ.get('LOCAL_RANK', '0')}")
    if own.type == "cuda":
        torch.cuda.set_device(own)
    dist.init_process_group("nccl" if own.type == "cuda" else "gloo")
    try:
        yield own
    finally:
        dist.destroy_process_group()


def rank_and_count() -> tuple[int, int]:
    """This process's rank, and how many there are."""
    return (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)


def average_gradients(parameters: Iterable[Tensor]) -> None:
    """Replace every gradient by its mean over the processes; one that is missing counts as zero."""
    if not dist.is_initialized():
        return
    for parameter in parameters:
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
        dist.all_reduce(parameter.grad)
        parameter.grad /= dist.get_world_size()


def share_state(module: nn.Module) -> None:
    """Give weights and buffers of the first process to all: their batches, so their statistics, differ."""
    if dist.is_initialized():
        for tensor in module.state_dict().values():
            dist.broadcast(tensor, 0)


def on_first_process(work: Callable[[], None]) -> None:
    """Let the first process do `work` while the others wait for it."""
    if rank_and_count()[0] == 0:
        work()
    if dist.is_initialized():
        dist.barrier()

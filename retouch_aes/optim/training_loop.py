"""One loop for every training: seeded steps, warm-up and cosine, checkpoints without pickle, progress.

All chance of step `n` comes from a generator seeded by `(seed, n)`, so that a run that was stopped and
resumed takes exactly the steps it would have taken. Of several processes (`distributed`) each draws its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import cos, pi
from pathlib import Path
from typing import Protocol

import torch
from safetensors import SafetensorError, safe_open
from torch import Generator, Tensor, nn
from torch.optim import Optimizer

from retouch_aes.atomic_io import replacing
from retouch_aes.errors import WeightsError
from retouch_aes.optim.distributed import average_gradients, rank_and_count, share_state
from retouch_aes.progress import Progress
from retouch_aes.tensor_files import save_tensors

Losses = Callable[[int, Generator], Mapping[str, Tensor]]


class TrainingProgress(Protocol):
    """What a training tells after every step: as `Progress`, and its losses."""

    def __call__(self, stage: str, done: int, of: int, losses: Mapping[str, float], /) -> None:
        """Take the schedule's name, the steps done and their number, and the losses of the step by name.

        A stage that is no training has no losses. Raise to stop; a run can be resumed from its checkpoint.
        """


def with_losses(progress: TrainingProgress | None) -> Progress | None:
    """The callback of a stage that has no losses, for one that takes those of trainings."""
    return None if progress is None else lambda stage, done, of: progress(stage, done, of, {})


@dataclass(frozen=True)
class Schedule:
    """How long and how fast a training goes: AdamW, linear warm-up, cosine decay to zero.

    AdamW: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019.

    Attributes:
        name: Of the training; a checkpoint belongs to the schedule of its name.
        steps: Of the optimiser.
        rate: The highest learning rate.
        warmup: Steps in which the rate rises from near 0.
        decay: Weight decay.
        checkpoint_every: Steps between two checkpoints.
        seed: Of every draw.
        momentum: With one it is plain stochastic gradient descent instead of AdamW.
        clip: Gradients are scaled down to this norm; None leaves them as they are.

    Examples:
        >>> from retouch_aes import Schedule
        >>> schedule = Schedule("demo", steps=100, rate=0.01, warmup=10)
        >>> [round(schedule.rate_at(step), 4) for step in (0, 10, 99)]
        [0.001, 0.01, 0.0]
    """

    name: str
    steps: int
    rate: float
    warmup: int = 50
    decay: float = 1e-4
    checkpoint_every: int = 100
    seed: int = 0
    momentum: float | None = None
    clip: float | None = 1.0

    def rate_at(self, step: int) -> float:
        """The learning rate of a step.

        Args:
            step: Counted from 0.

        Returns:
            Between 0 and `rate`.
        """
        if step < self.warmup:
            return self.rate * (step + 1) / self.warmup
        return self.rate * 0.5 * (1 + cos(pi * (step - self.warmup) / max(1, self.steps - self.warmup)))


@dataclass(frozen=True)
class ConstantRate(Schedule):
    """The same rate from the first step to the last: plain Adam unless told otherwise."""

    warmup: int = 0
    decay: float = 0.0
    clip: float | None = None

    def rate_at(self, step: int) -> float:  # noqa: ARG002
        """The learning rate of a step."""
        return self.rate


@dataclass(frozen=True)
class StepDecay(Schedule):
    """A rate that falls in steps, as older papers have it: times `factor` every `every` steps."""

    warmup: int = 0
    factor: float = 0.1
    every: int = 1000

    def rate_at(self, step: int) -> float:
        """The learning rate of a step."""
        return self.rate * self.factor ** (step // self.every)


@dataclass(frozen=True)
class Epochs:
    """Batches of `count` items, each once an epoch, in an order drawn by `seed`; a step never changes."""

    count: int
    batch: int
    seed: int = 0

    def __len__(self) -> int:
        """Steps an epoch."""
        return -(-self.count // self.batch)

    def at(self, step: int) -> Tensor:
        """The items of a step, `(batch,)` or the rest of an epoch."""
        epoch, place = divmod(step, len(self))
        order = torch.randperm(self.count, generator=Generator().manual_seed(self.seed * 1_000_003 + epoch))
        return order[place * self.batch : (place + 1) * self.batch]


def train(
    module: nn.Module,
    losses: Losses,
    schedule: Schedule,
    *,
    pace: Mapping[str, float] | None = None,
    checkpoint: Path | None = None,
    progress: TrainingProgress | None = None,
) -> None:
    """Minimise the sum of `losses(step, generator)` over the parameters of `module` that want a gradient.

    `pace` says which parts learn more slowly: the beginning of a parameter's name -> its share of the rate.
    With `checkpoint` the state is saved there every `checkpoint_every` steps and at the end, and a run
    resumes from it. `progress` gets the schedule's name, the step, the number of steps and the losses.
    """
    paces = pace or {}
    named = [(name, p) for name, p in module.named_parameters() if p.requires_grad]
    parameters = [p for _, p in named]
    shares = [next((v for start, v in paces.items() if name.startswith(start)), 1.0) for name, _ in named]
    groups = [{"params": [p], "share": share} for p, share in zip(parameters, shares, strict=True)]
    optimiser: Optimizer = torch.optim.AdamW(groups, lr=schedule.rate, weight_decay=schedule.decay)
    if schedule.momentum is not None:
        settings = (schedule.rate, schedule.momentum, 0.0, schedule.decay)
        optimiser = torch.optim.SGD(groups, *settings)
    first = _resume(checkpoint, module, optimiser, schedule) if checkpoint and checkpoint.exists() else 0
    share_state(module)
    rank, processes = rank_and_count()
    for step in range(first, schedule.steps):
        for group in optimiser.param_groups:
            group["lr"] = schedule.rate_at(step) * group["share"]
        chance = (schedule.seed * 1_000_003 + step) * processes + rank
        parts = losses(step, Generator().manual_seed(chance))
        optimiser.zero_grad(set_to_none=True)
        torch.stack([part.float() for part in parts.values()]).sum().backward()  # type: ignore[no-untyped-call]
        average_gradients(parameters)
        if schedule.clip is not None:
            nn.utils.clip_grad_norm_(parameters, schedule.clip)
        optimiser.step()
        if progress and rank == 0:
            progress(
                schedule.name, step + 1, schedule.steps, {k: float(v.detach()) for k, v in parts.items()}
            )
        done = step + 1
        if checkpoint and rank == 0 and (done % schedule.checkpoint_every == 0 or done == schedule.steps):
            _save(checkpoint, module, optimiser, schedule, done)
    share_state(module)


def _save(
    path: Path, module: nn.Module, optimiser: torch.optim.Optimizer, schedule: Schedule, step: int
) -> None:
    tensors = {f"module.{k}": v.detach().cpu().contiguous() for k, v in module.state_dict().items()}
    for index, state in optimiser.state_dict()["state"].items():
        kept = {k: v for k, v in state.items() if v is not None}  # no momentum is None
        tensors |= {f"optimiser.{index}.{k}": v.detach().cpu().contiguous() for k, v in kept.items()}
    with replacing(path) as temporary:
        save_tensors(tensors, temporary, metadata={"schedule": schedule.name, "step": str(step)})


def _resume(path: Path, module: nn.Module, optimiser: Optimizer, schedule: Schedule) -> int:
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - not a mapping
        if metadata.get("schedule") != schedule.name:
            raise WeightsError(
                f"{path}: expected a checkpoint of {schedule.name!r}, got {metadata.get('schedule')!r}"
            )
        module.load_state_dict(
            {k.removeprefix("module."): v for k, v in tensors.items() if k.startswith("module.")}
        )
        state: dict[int, dict[str, Tensor]] = {}
        for key, tensor in tensors.items():
            if key.startswith("optimiser."):
                _, index, name = key.split(".", 2)
                state.setdefault(int(index), {})[name] = tensor
        optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
        return int(metadata["step"])
    except (SafetensorError, RuntimeError, KeyError, OSError) as error:
        raise WeightsError(
            f"{path}: not a checkpoint of this training ({error}); remove it to start anew"
        ) from error

"""`--workers`, `--engine` and `--ray-address`: who does the work of a command that looks at many photos."""

from typing import TYPE_CHECKING

import click

from retouch_aes.cli import options

if TYPE_CHECKING:
    import torch

    from retouch_aes.executors import Executor

LOCAL, RAY = "local", "ray"
MANY = 100
"""Photos from which more than one worker pays, unless told: each takes seconds to start."""

engine = options.together(
    click.option(
        "--engine",
        type=click.Choice([LOCAL, RAY]),
        default=LOCAL,
        show_default=True,
        help="This machine, or a Ray cluster that sees the same folders (extra `ray`).",
    ),
    click.option("--ray-address", help="Of the cluster.  [default: a cluster of this machine]"),
)
choices = options.together(
    click.option(
        "--workers",
        type=click.IntRange(1, 1024),
        help=f"Photos at a time.  [default: what fits, for {MANY} photos and more on the CPU; else 1]",
    ),
    engine,
)


def executor(
    workers: int | None, engine: str, address: str | None, *, count: int, device: "torch.device"
) -> "Executor":
    """Who looks at `count` photos; without a number of `workers`, as many as pay."""
    from retouch_aes.executors.capacity import fitting_workers

    if workers is None and engine == LOCAL:
        workers = fitting_workers() if count >= MANY and device.type == "cpu" else 1
    return crew(None if workers is None else max(1, min(workers, count)), engine, address)


def crew(workers: int | None, engine: str, address: str | None) -> "Executor":
    """Workers on one thread each: results are the same, bit for bit, whoever makes them."""
    from retouch_aes.executors import InProcess, LocalExecutor

    if engine == RAY:
        from retouch_aes.executors.ray_executor import RayExecutor

        return RayExecutor(address, workers)
    return InProcess(threads=1) if workers in (None, 1) else LocalExecutor(workers)

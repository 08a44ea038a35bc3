"""How a batch is shared out: which photos one job takes, and who does them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retouch_aes.batch import BatchItem, Executor


def jobs(items: "Sequence[BatchItem]", gap: float | None, at_once: int) -> "Sequence[Sequence[BatchItem]]":
    """The photos of each job: those of a group (taken within `gap` seconds), or so many `at_once`."""
    if gap is None:
        return [items[first : first + at_once] for first in range(0, len(items), at_once)]
    from retouch_aes.batch import group_by_time

    of = {item.photo: item for item in items}
    return [[of[photo] for photo in photos] for photos in group_by_time(of, gap)]


def executor(
    engine: str, workers: int | None, max_memory: float | None, time_limit: float, address: str | None
) -> "Executor":
    """Who does them: by default as many workers as cores and memory carry, or a cluster's."""
    if engine == "ray":
        from retouch_aes.executors.ray_executor import RayExecutor

        return RayExecutor(address, workers, time_limit)
    from retouch_aes.batch import LocalExecutor
    from retouch_aes.executors.capacity import cores, fitting_workers

    fits = fitting_workers(None if max_memory is None else max_memory * 1e9)
    crew = fits if workers is None else workers
    return LocalExecutor(crew, max(1, cores() // crew), time_limit)

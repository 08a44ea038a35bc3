"""A function over many items, in this process or in several, results in the order they are finished."""

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import Any

_shared: Any = None
"""What every call in this process is given; set once, when a worker starts."""


def parallel_map(
    function: Callable[[Any, Any], Any], shared: Any, items: Sequence[Any], jobs: int
) -> Iterator[tuple[Any, Any]]:
    """`(item, function(shared, item))` for all `items`, in `jobs` processes.

    Workers are fresh interpreters, since PyTorch's threads do not survive a fork; so `function` must be
    found by name, and `shared` goes to each of them once.
    """
    if jobs < 2 or len(items) < 2:
        for item in items:
            yield item, function(shared, item)
        return
    context = get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(items)), context, _begin, (shared,)) as workers:
        waiting = {workers.submit(_call, function, item): item for item in items}
        try:
            for done in as_completed(waiting):
                yield waiting[done], done.result()
        finally:
            for future in waiting:
                future.cancel()


def _begin(shared: Any) -> None:
    global _shared
    _shared = shared
    if "torch" in sys.modules:  # with what was shared
        sys.modules["torch"].set_num_threads(1)


def _call(function: Callable[[Any, Any], Any], item: Any) -> Any:
    return function(_shared, item)

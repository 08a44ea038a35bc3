"""Photos that belong together: taken one soon after the other, in one folder."""

from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from retouch_aes.photo import CaptureTime, capture_time

_LARGEST = 24  # photos of a group, which is one job of one worker


def group_by_time(photos: Iterable[Path], gap: float, *, largest: int | None = _LARGEST) -> list[list[Path]]:
    """`photos` in groups: same folder, and each taken within `gap` seconds of the one before.

    The time is the one that the camera wrote (`capture_time`), in any format. A photo without it is alone.
    A group of more than `largest` is cut; None leaves it whole.
    """
    timed: dict[Path, list[tuple[CaptureTime, Path]]] = defaultdict(list)
    alone: list[list[Path]] = []
    for path in photos:
        moment = capture_time(path)
        if moment is None:
            alone.append([path])
        else:
            timed[path.parent].append((moment, path))
    groups = [group for folder in sorted(timed) for group in _close(_comparable(timed[folder]), gap, largest)]
    return [*groups, *alone]


def _comparable(timed: Sequence[tuple[CaptureTime, Path]]) -> list[tuple[float, Path]]:
    """Seconds that can be compared, in order.

    Clocks of which no file says the offset are compared as they are; where some do, a photo that does not is
    taken to have the offset of the one nearest to it by the clock.
    """
    known = sorted(
        ((moment.clock, moment.offset) for moment, _ in timed if moment.offset is not None),
    )

    def seconds(moment: CaptureTime) -> float:
        if moment.utc is not None or not known:
            return moment.clock if moment.utc is None else moment.utc
        after = bisect(known, (moment.clock,))
        beside = known[max(0, after - 1) : after + 1]
        return moment.clock - min(beside, key=lambda other: abs(other[0] - moment.clock))[1]

    return sorted((seconds(moment), path) for moment, path in timed)


def _close(timed: Sequence[tuple[float, Path]], gap: float, largest: int | None) -> Iterator[list[Path]]:
    group: list[Path] = []
    before = float("-inf")
    for moment, path in timed:
        if group and (moment - before > gap or len(group) == largest):
            yield group
            group = []
        group.append(path)
        before = moment
    if group:
        yield group

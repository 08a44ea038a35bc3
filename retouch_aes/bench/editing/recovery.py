"""`bench recovery`: photos are degraded by known amounts, repaired, and compared with themselves.

The number is the mean Delta E 2000 to the undegraded photo after the repair over that before it: 1 is the
identity, 0 a perfect repair. On undegraded photos the mean Delta E 2000 says how far a method moves what
needs no repair. It measures the way back to a well-made photo, not beauty: a tasteful change counts as an
error here.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from torch import Tensor

from retouch_aes.atomic_io import replacing
from retouch_aes.bench.common.degradations import Degradation, draw
from retouch_aes.bench.common.methods import Method, run
from retouch_aes.bench.common.photos import difference, load
from retouch_aes.bench.editing.recovery_report import RecoveryCase, RecoveryReport, UntouchedPhoto
from retouch_aes.errors import UsageError
from retouch_aes.export.side_by_side import contact_sheet
from retouch_aes.progress import Progress


def recovery(
    photos: Sequence[Path],
    methods: Mapping[str, Method],
    *,
    seed: int = 0,
    side: int = 384,
    per_kind: int = 2,
    progress: Progress | None = None,
    gallery_dir: Path | None = None,
) -> RecoveryReport:
    """Degrade every photo `per_kind` times in each way, repair it by every method, and compare.

    A method takes and returns `(1, 3, H, W)` sRGB [0, 1]; its answer is rounded to 8 bit, as a file would
    be. `side` is the long side in pixels at which everything happens.
    With `gallery_dir` one contact sheet per photo shows every case: undegraded, degraded, each method.
    """
    if not photos or not methods:
        raise UsageError(f"expected photos and methods, got {len(photos)} and {len(methods)}")
    cases: list[RecoveryCase] = []
    untouched: list[UntouchedPhoto] = []
    for index, path in enumerate(photos):
        photo = load(path, side)
        degradations = draw(path.name, seed=seed, per_kind=per_kind)
        degraded = [photo, *(degradation.apply(photo) for degradation in degradations)]
        repaired = [
            {name: run(name, method, image) for name, method in methods.items()} for image in degraded
        ]
        moved = [{name: difference(image, photo) for name, image in images.items()} for images in repaired]
        before = [difference(image, photo) for image in degraded]
        untouched.append(UntouchedPhoto(path.name, moved[0]))
        cases += map(RecoveryCase, [path.name] * len(degradations), degradations, before[1:], moved[1:])
        if gallery_dir is not None:
            rows = [
                [photo, image, *images.values()] for image, images in zip(degraded, repaired, strict=True)
            ]
            numbers = [[0.0, value, *after.values()] for value, after in zip(before, moved, strict=True)]
            target = gallery_dir / f"{index + 1:02d}_{path.stem}.jpg"
            _save_sheet(target, rows, numbers, list(methods), degradations)
        if progress is not None:
            progress("recovery", index + 1, len(photos))
    return RecoveryReport(seed, side, tuple(methods), tuple(cases), tuple(untouched))


def _save_sheet(
    path: Path,
    rows: Sequence[Sequence[Tensor]],
    numbers: Sequence[Sequence[float]],
    methods: Sequence[str],
    degradations: Sequence[Degradation],
) -> None:
    sheet = contact_sheet(
        rows,
        ["undegraded", "degraded", *methods],
        ["untouched", *map(str, degradations)],
        captions=[["", *(f"Delta E {value:.1f}" for value in row[1:])] for row in numbers],
    )
    with replacing(path) as temporary:
        sheet.save(temporary, quality=92)

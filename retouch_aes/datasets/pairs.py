"""Photos and what someone made of them: folders of pairs.

Two layouts: `input/` and `target/` with the same names (endings may differ), or one folder in which
`NAME_input.ext` lies beside exactly one `NAME_something.ext`, as FiveK is often cut. Every problem is listed.
A person's own edits (`edit_pairs`) may also lie in `before/` and `after/`, or as `NAME_before.ext` beside
`NAME_after.ext`, and what has no partner is only told.
"""

from collections import defaultdict
from pathlib import Path

from retouch_aes.datasets.problems import refuse
from retouch_aes.errors import DatasetError
from retouch_aes.photo import find_photos

INPUT, TARGET = "input", "target"
BEFORE, AFTER = "before", "after"


def read_pairs(folder: Path) -> list[tuple[Path, Path]]:
    """`(input, target)` for every pair in `folder`, in the order of names. `DatasetError` for odd ones."""
    if (folder / INPUT).is_dir() or (folder / TARGET).is_dir():
        sides = [_by_stem(folder / name) for name in (INPUT, TARGET)]
        problems = [
            f"{stem} is in only one of input/ and target/"
            for stem in sorted(sides[0].keys() ^ sides[1].keys())
        ]
        pairs = [(sides[0][stem], sides[1][stem]) for stem in sorted(sides[0].keys() & sides[1].keys())]
    else:
        groups: dict[str, list[Path]] = defaultdict(list)
        for path in sorted(find_photos(folder)):
            groups[path.stem.rpartition("_")[0]].append(path)
        pairs, problems = [], []
        for name, paths in groups.items():
            first = [path for path in paths if path.stem == f"{name}_{INPUT}"]
            if len(first) == 1 and len(paths) == 2:
                pairs.append((first[0], next(path for path in paths if path != first[0])))
            else:
                problems.append(
                    f"{', '.join(path.name for path in paths)}: expected NAME_input and one other"
                )
    refuse(folder, problems, "Complete the pairs, or move the odd photos elsewhere.")
    if not pairs:
        raise DatasetError(
            f"{folder}: no pairs; expected input/ and target/, or NAME_input beside NAME_other"
        )
    return pairs


def pair_up(before: Path, after: Path) -> tuple[list[tuple[Path, Path]], list[str]]:
    """Photos of two folders with one path but for the ending, and a word for each of `after` without one.

    What lies in `before` alone was not edited, and is passed over. Of several of one name in a folder, as
    RAW and JPEG of a camera, the first in the order of names is taken.

    Raises:
        DatasetError: No pair at all.
    """
    sides = []
    for folder in (before, after):
        named: dict[Path, Path] = {}
        for path in sorted(find_photos(folder)):
            named.setdefault(path.relative_to(folder).with_suffix(""), path)
        sides.append(named)
    first, second = sides
    pairs = [(first[name], second[name]) for name in second if name in first]
    if not pairs:
        raise DatasetError(
            f"{before} and {after}: no pairs; expected edited photos named as the photos as they were"
        )
    return pairs, [
        f"{path}: no photo of this name in {before}" for name, path in second.items() if name not in first
    ]


def edit_pairs(folder: Path) -> tuple[list[tuple[Path, Path]], list[str]]:
    """`(before, after)` for every edit in `folder`, and a word for each photo that has no partner.

    In `before/` and `after/` as `pair_up` has them, or `NAME_before.ext` beside `NAME_after.ext`, or as
    `read_pairs` has them.

    Raises:
        DatasetError: No pair at all, or an odd one of the layouts of `read_pairs`.
    """
    if (folder / BEFORE).is_dir() and (folder / AFTER).is_dir():
        return pair_up(folder / BEFORE, folder / AFTER)
    sides: dict[str, dict[Path, Path]] = {BEFORE: {}, AFTER: {}}
    for path in sorted(find_photos(folder)):
        name, _, side = path.stem.rpartition("_")
        if side in sides:
            sides[side].setdefault(path.with_name(name), path)
    if not sides[AFTER]:
        return read_pairs(folder), []
    first, second = sides[BEFORE], sides[AFTER]
    if not first.keys() & second.keys():
        raise DatasetError(f"{folder}: no pairs; expected NAME_before beside NAME_after")
    lonely = [f"{path}: no NAME_before beside it" for name, path in second.items() if name not in first]
    return [(first[name], second[name]) for name in second if name in first], lonely


def _by_stem(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise DatasetError(f"{folder}: expected this folder beside the other one, there is none")
    return {path.stem: path for path in find_photos(folder)}

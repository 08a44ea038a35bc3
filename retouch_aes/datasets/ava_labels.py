"""What AVA's authors publish beside `AVA.txt`: names of the tags, photographic styles, and their splits.

Murray, Marchesotti & Perronnin (CVPR 2012), release of June 2012:

    tags.txt                                 lines `ID name`, 66 semantic tags
    aesthetics_image_lists/NAME_train.jpgl   one photo id a line; NAME: generic_ls, generic_ss, animal, ...
    aesthetics_image_lists/NAME_test.jpgl    the two generic sizes share generic_test.jpgl
    style_image_lists/styles.txt             lines `ID name`, 14 styles
    style_image_lists/train.jpgl, train.lab        ids, and one style id each
    style_image_lists/test.jpgl, test.multilab     ids, and 14 zeros and ones each
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retouch_aes.datasets.problems import refuse
from retouch_aes.datasets.rows import read_lines
from retouch_aes.datasets.skipped import INCOMPLETE, LISTED_TWICE, NO_FILE, SkipLog
from retouch_aes.errors import DatasetError

LISTS, STYLES = "aesthetics_image_lists", "style_image_lists"
ADVICE = "expected the authors' release of June 2012; get the file again"


@dataclass(frozen=True, eq=False)
class Styles:
    """Styles by `names` (S); `ids` (N) of photos and `labels` `(N, S)`, true where a photo has the style."""

    names: tuple[str, ...]
    ids: tuple[str, ...]
    labels: NDArray[np.bool_]


@dataclass(frozen=True)
class AVALabels:
    """Reader of the files beside `AVA.txt` in `folder`. Photos are ids, as in `images/ID.jpg`.

    All problems of a file are one `DatasetError`; with a `log` they are noted there and left out instead.
    """

    folder: Path | str
    log: SkipLog | None = None

    def list_names(self) -> tuple[str, ...]:
        """The names that `split` knows: those with a training list."""
        lists = sorted((Path(self.folder) / LISTS).glob("*_train.jpgl"))
        return tuple(path.name.removesuffix("_train.jpgl") for path in lists)

    def tag_names(self) -> dict[int, str]:
        """The semantic tags by number."""
        return self._names(Path(self.folder) / "tags.txt")

    def tags(self) -> dict[str, tuple[int, ...]]:
        """The numbers of each photo's tags, none to two, the first the more important."""
        path = Path(self.folder) / "AVA.txt"
        found: dict[str, tuple[int, ...]] = {}
        problems: list[str] = []
        names = self.tag_names()
        for number, line in read_lines(path):
            words = line.split()
            if len(words) != 15 or not all(word.isdigit() for word in words):
                problems.append(f"{path}:{number}: expected 15 whole numbers, got {line[:60]!r}")
                continue
            tags = tuple(int(word) for word in words[12:14] if word != "0")
            unknown = [tag for tag in tags if tag not in names]
            if unknown:
                problems.append(f"{path}:{number}: tags.txt does not name the tag {unknown[0]}")
            found[words[1]] = tags
        self._tell(path, problems)
        return found

    def split(self, name: str = "generic_ls") -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The ids of `name`'s training and test photos; the two generic sizes share one test list."""
        folder = Path(self.folder) / LISTS
        test = "generic" if name.startswith("generic_") else name
        train_ids, test_ids = (
            self._ids(folder / f"{part}.jpgl") for part in (f"{name}_train", f"{test}_test")
        )
        both = set(train_ids) & set(test_ids)
        if both and self.log is None:
            raise DatasetError(f"{folder}: photo {min(both)} is in {name}'s training and in its test list")
        if both and self.log is not None:
            for photo in sorted(both):
                self.log.add(LISTED_TWICE, folder, f"photo {photo} is in {name}'s training and test list")
        return tuple(photo for photo in train_ids if photo not in both), test_ids

    def styles(self) -> tuple[Styles, Styles]:
        """Training photos with one style each, and test photos with any number of them."""
        folder = Path(self.folder) / STYLES
        names = self._names(folder / "styles.txt")
        numbers = sorted(names)
        ids = self._ids(folder / "train.jpgl")
        path = folder / "train.lab"
        problems, rows = [], []
        for number, line in read_lines(path):
            if line.isdigit() and int(line) in names:
                rows.append([int(line) == style for style in numbers])
            else:
                problems.append(f"{path}:{number}: expected the number of a style, got {line[:60]!r}")
        test_path, test_ids, test_rows = folder / "test.multilab", self._ids(folder / "test.jpgl"), []
        for number, line in read_lines(test_path):
            words = line.split()
            if len(words) == len(numbers) and set(words) <= {"0", "1"}:
                test_rows.append([word == "1" for word in words])
            else:
                problems.append(
                    f"{test_path}:{number}: expected {len(numbers)} zeros and ones, got {line[:60]!r}"
                )
        for place, known, found in ((path, ids, rows), (test_path, test_ids, test_rows)):
            if not problems and len(known) != len(found):
                problems.append(f"{place}: expected {len(known)} lines as in its list, got {len(found)}")
        refuse(folder, problems, ADVICE)
        titles = tuple(names[number] for number in numbers)
        return Styles(titles, ids, np.array(rows, bool)), Styles(titles, test_ids, np.array(test_rows, bool))

    def _names(self, path: Path) -> dict[int, str]:
        found: dict[int, str] = {}
        problems: list[str] = []
        for number, line in read_lines(path):
            first, _, name = line.partition(" ")
            if first.isdigit() and name.strip():
                found[int(first)] = name.strip()
            else:
                problems.append(f"{path}:{number}: expected a number and a name, got {line[:60]!r}")
        self._tell(path, problems)
        return found

    def _ids(self, path: Path) -> tuple[str, ...]:
        if self.log is not None and not path.is_file():
            self.log.add(NO_FILE, path, "a list of photo ids")
            return ()
        lines = read_lines(path)
        problems = [
            f"{path}:{n}: expected a photo id, got {line[:60]!r}" for n, line in lines if not line.isdigit()
        ]
        self._tell(path, problems)
        return tuple(line for _, line in lines if line.isdigit())

    def _tell(self, path: Path, problems: list[str]) -> None:
        if self.log is None:
            refuse(path, problems, ADVICE)
        else:
            for problem in problems:
                where, _, why = problem.partition(": ")
                self.log.add(INCOMPLETE, where, why)

"""AVA as its authors publish it: `AVA.txt`, names of tags, lists of photos, and a folder `images/`.

Murray, Marchesotti & Perronnin, "AVA: A Large-Scale Database for Aesthetic Visual Analysis" (CVPR 2012). A
line of `AVA.txt` has 15 numbers: a running number, the photo's id, how many gave it 1, 2, ..., 10, two tags
(0 for none) and the challenge. Single raters are not known, so the answer is distributions. The photos are to
be had from their owners under their terms; some have gone, and some files are damaged.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from retouch_aes.datasets.ava_labels import STYLES, AVALabels
from retouch_aes.datasets.rated_dataset import PhotoAttributes, PhotoTags, PublishedSplit, RatedDataset
from retouch_aes.datasets.reader import DatasetReader
from retouch_aes.datasets.rows import existing, nothing, read_lines
from retouch_aes.datasets.skipped import DUPLICATED, INCOMPLETE, SkipLog
from retouch_aes.errors import DatasetError

_NUMBERS = 15
_LISTED = "generic_ls"


@dataclass(frozen=True)
class AVA(DatasetReader):
    """Reader of the folder with `AVA.txt`; `images` where the photos lie elsewhere than in `images/`.

    Parts: `train` and `test` are the large generic ones; every other list of `aesthetics_image_lists/` is a
    part by its file's name, as `generic_ss_train` or `animal_test`.
    """

    folder: Path | str
    images: Path | str | None = None

    short_name: ClassVar[str] = "ava"
    title: ClassVar[str] = "AVA"
    layout: ClassVar[str] = "AVA.txt\ntags.txt\naesthetics_image_lists/*.jpgl\nimages/ID.jpg"
    source: ClassVar[str] = "https://github.com/imfing/ava_downloader"

    def read(self) -> RatedDataset:
        """Every photo that is there, in the order of the file."""
        path, log = Path(self.folder) / "AVA.txt", SkipLog()
        images = Path(self.folder) / "images" if self.images is None else Path(self.images)
        rows: dict[Path, tuple[str, list[int]]] = {}
        for number, line in read_lines(path):
            words, where = line.split(), f"{path}:{number}"
            if len(words) != _NUMBERS or not all(word.isdigit() for word in words):
                log.add(INCOMPLETE, where, f"expected {_NUMBERS} whole numbers, got {line[:60]!r}")
                continue
            photo, values = images / f"{words[1]}.jpg", [int(word) for word in words]
            if not any(values[2:12]):
                log.add(INCOMPLETE, where, f"nobody rated photo {words[1]}")
            elif photo in rows:
                log.add(DUPLICATED, where, f"photo {words[1]} is in {rows[photo][0]} already")
            else:
                rows[photo] = (where, values)
        there = existing(rows, lambda photo: rows[photo][0], log)
        kept = {photo: values for photo, (_, values) in rows.items() if photo in there}
        if not kept:
            raise nothing(path, "names no photo that is there", f"them as {images}/ID.jpg", log)
        votes = np.array([values[2:12] for values in kept.values()], np.float64)
        distributions = votes / votes.sum(1, keepdims=True)
        return RatedDataset(
            name=self.short_name,
            photos=tuple(kept),
            mean_scores=distributions @ np.arange(1, 11, dtype=np.float64),
            distributions=distributions,
            tags=self._tags([values[12:14] for values in kept.values()], log),
            styles=self._styles([photo.stem for photo in kept], log),
            splits=self._splits({photo.stem: photo for photo in kept}, log),
            skipped=log.closed(),
        )

    def _tags(self, numbers: list[list[int]], log: SkipLog) -> PhotoTags | None:
        if not (Path(self.folder) / "tags.txt").is_file():
            return None
        names = AVALabels(self.folder, log).tag_names()
        known = sorted(names)
        place = {number: index for index, number in enumerate(known)}
        index = [
            sorted((place.get(number, -1) for number in row), key=lambda found: found < 0) for row in numbers
        ]
        return PhotoTags(tuple(names[number] for number in known), np.array(index, np.intp))

    def _styles(self, ids: list[str], log: SkipLog) -> PhotoAttributes | None:
        """Those of `style_image_lists/`: one for each photo of its training list, any number for the test."""
        if not (Path(self.folder) / STYLES).is_dir():
            return None
        try:
            parts = AVALabels(self.folder).styles()
        except DatasetError as error:
            log.add(INCOMPLETE, Path(self.folder) / STYLES, " ".join(str(error).split())[:200])
            return None
        place = {photo: index for index, photo in enumerate(ids)}
        values = np.full((len(ids), len(parts[0].names)), np.nan)
        for part in parts:
            rows = [
                (place[photo], row)
                for photo, row in zip(part.ids, part.labels, strict=True)
                if photo in place
            ]
            for index, row in rows:
                values[index] = row
        return PhotoAttributes(parts[0].names, values)

    def _splits(self, photos: dict[str, Path], log: SkipLog) -> dict[str, PublishedSplit]:
        labels, found = AVALabels(self.folder, log), dict[str, PublishedSplit]()
        for name in labels.list_names():
            for part, ids in zip(("train", "test"), labels.split(name), strict=True):
                split = PublishedSplit(
                    tuple(photos[photo] for photo in dict.fromkeys(ids) if photo in photos)
                )
                found[f"{name}_{part}"] = split
                if name == _LISTED:
                    found[part] = split
        return found

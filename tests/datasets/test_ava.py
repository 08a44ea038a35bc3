import numpy as np
import pytest

from retouch_aes.datasets import AVA
from retouch_aes.errors import DatasetError


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "images").mkdir()
    for number in (953619, 953958):
        (tmp_path / "images" / f"{number}.jpg").write_bytes(b"a photo")
    lines = ["1 953619 0 1 5 17 38 36 15 6 5 1 1 22 1396", "2 953958 10 7 15 26 26 21 10 8 1 2 1 21 1396"]
    (tmp_path / "AVA.txt").write_text("\n".join(lines) + "\n")
    return tmp_path


def test_the_published_layout_is_read(folder):
    found = AVA(folder).read()
    assert [photo.name for photo in found.photos] == ["953619.jpg", "953958.jpg"]
    assert np.allclose(found.histograms.sum(1), 1)
    assert found.histograms[0, 4] == pytest.approx(38 / 124)


def test_all_problems_are_listed_or_missing_photos_left_out(folder):
    (folder / "images" / "953619.jpg").unlink()
    with pytest.raises(DatasetError, match=r"photo not found: .*953619"):
        AVA(folder).read()
    assert len(AVA(folder, missing_allowed=True).read().photos) == 1
    with (folder / "AVA.txt").open("a") as file:
        file.write("3 5 1 2\n4 953958 0 0 0 0 0 0 0 0 0 0 1 2 3\n")
    with pytest.raises(DatasetError, match="has 3 problems"):
        AVA(folder).read()
    with pytest.raises(DatasetError, match="cannot be read"):
        AVA(folder / "images").read()

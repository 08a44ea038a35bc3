"""A person's own edits in folders: three layouts, and a word for what has no partner."""

import pytest
from PIL import Image

from retouch_aes.datasets.pairs import edit_pairs
from retouch_aes.errors import DatasetError


def put(folder, *names) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 3)).save(folder / name)


@pytest.mark.parametrize(
    ("there", "word"),
    [
        (("before/a.jpg", "before/b.png", "after/a.png", "after/c.png"), "c.png"),
        (("a_before.jpg", "a_after.png", "b_before.png", "c_after.png"), "c_after.png"),
        (("in/a_before.jpg", "in/a_after.png", "c_after.png"), "c_after.png"),
    ],
)
def test_before_and_after(tmp_path, there, word) -> None:
    put(tmp_path, *there)
    pairs, lonely = edit_pairs(tmp_path)
    assert [tuple(p.stem[:1] for p in pair) for pair in pairs] == [("a", "a")]
    assert "before" in str(pairs[0][0])
    assert "after" in str(pairs[0][1])
    assert len(lonely) == 1
    assert word in lonely[0]


def test_the_layout_of_fivek_as_everywhere_else(tmp_path) -> None:
    put(tmp_path, "a_input.png", "a_expertC.png")
    assert [p.name for p in edit_pairs(tmp_path)[0][0]] == ["a_input.png", "a_expertC.png"]


@pytest.mark.parametrize("there", [(), ("a_before.png", "b_after.png"), ("before/a.png", "after/b.png")])
def test_folders_without_a_pair_are_refused(tmp_path, there) -> None:
    put(tmp_path, *there)
    with pytest.raises(DatasetError, match="no pairs"):
        edit_pairs(tmp_path)

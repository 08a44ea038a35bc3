import numpy as np
import pytest
import torch

from retouch_aes.errors import UsageError
from retouch_aes.export.picture import to_picture
from retouch_aes.export.side_by_side import contact_sheet, side_by_side

GROUND = (119, 119, 119)


def flat(colour, height=40, width=60):
    return torch.tensor(colour).reshape(1, 3, 1, 1).expand(1, 3, height, width)


def has_ink(picture):
    return bool((np.asarray(picture).min(axis=2) > 200).any())


def test_a_tensor_becomes_a_picture():
    picture = to_picture(torch.tensor([1.5, 0.5, -1]).reshape(3, 1, 1))
    assert (picture.mode, picture.size, picture.getpixel((0, 0))) == ("RGB", (1, 1), (255, 128, 0))
    with pytest.raises(UsageError, match=r"\(2, 3, 4, 4\)"):
        to_picture(torch.zeros(2, 3, 4, 4))


def test_pictures_stand_in_order_on_grey_with_captions():
    red, blue = flat((1.0, 0.0, 0.0)), flat((0.0, 0.0, 1.0), 80, 40)[0]
    sheet = side_by_side([red, blue], ["before", "after"], height=100)
    assert sheet.getpixel((0, 0)) == GROUND
    middle = sheet.height // 3
    assert sheet.getpixel((sheet.width // 4, middle)) == (255, 0, 0)
    assert sheet.getpixel((sheet.width - 30, middle)) == (0, 0, 255)
    assert has_ink(sheet.crop((0, sheet.height - 35, sheet.width, sheet.height)))


@pytest.mark.parametrize("height", [16, 90, 700])
def test_the_height_is_that_of_the_pictures(height):
    sheet = np.asarray(side_by_side([flat((1.0, 0.0, 0.0))], [""], height=height))
    red = (sheet == (255, 0, 0)).all(axis=2)
    assert red.any(axis=1).sum() == height
    assert red.any(axis=0).sum() == round(height * 1.5)


def test_a_long_label_is_cut_and_stays_over_its_picture():
    narrow, wide = flat((1.0, 0.0, 0.0), 40, 20), flat((0.0, 0.0, 1.0))
    sheet = side_by_side([narrow, wide], ["a label far too long for its picture", ""], height=120)
    caption = np.asarray(sheet)[-36:]
    assert not (caption[:, 80:].min(axis=2) > 150).any()


def test_a_sheet_has_a_cell_for_every_image():
    colours = [[(1.0, 0.0, 0.0), (0.0, 1.0, 0.0)], [(0.0, 0.0, 1.0), (1.0, 1.0, 0.0)]]
    rows = [[flat(colour) for colour in row] for row in colours]
    sheet = np.asarray(contact_sheet(rows, ["left", "right"], ["one", "two"], height=50))
    for colour in [colour for row in colours for colour in row]:
        cell = (sheet == np.array(colour) * 255).all(axis=2)
        assert cell.sum() == 50 * 75
    with_captions = contact_sheet(
        rows, ["left", "right"], ["one", "two"], height=50, captions=[["a", "b"]] * 2
    )
    assert with_captions.height > len(sheet)


def test_labels_that_do_not_fit_are_refused():
    red = flat((1.0, 0.0, 0.0))
    with pytest.raises(UsageError, match="1 images, 2 labels"):
        side_by_side([red], ["a", "b"], height=50)
    with pytest.raises(UsageError, match=r"rows of \[1, 2\]"):
        contact_sheet([[red], [red, red]], ["a"], ["b", "c"])
    with pytest.raises(UsageError, match="one caption for every image"):
        contact_sheet([[red]], ["a"], ["b"], captions=[[]])

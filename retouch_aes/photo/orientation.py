"""The eight EXIF orientations, undone on Pillow images and on arrays."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Orientation -> (transpose, flip rows, flip columns), in that order: what makes the stored pixels upright.
_STEPS = {
    2: (False, False, True),
    3: (False, True, True),
    4: (False, True, False),
    5: (True, False, False),
    6: (True, False, True),
    7: (True, True, True),
    8: (True, True, False),
}
_METHODS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def upright_image(image: Image.Image, orientation: int) -> Image.Image:
    """`image` turned upright; the same object where there is nothing to do."""
    method = _METHODS.get(orientation)
    return image if method is None else image.transpose(method)


def upright_array(array: NDArray[Any], orientation: int) -> NDArray[Any]:
    """`array` `(H, W)` or `(H, W, C)` turned upright, as a view: nothing is copied."""
    transpose, rows, columns = _STEPS.get(orientation, (False, False, False))
    if transpose:
        array = np.swapaxes(array, 0, 1)
    if rows:
        array = array[::-1]
    if columns:
        array = array[:, ::-1]
    return array

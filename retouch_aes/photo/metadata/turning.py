"""Where a point or rectangle of a stored picture lies in the upright one, by EXIF orientation."""

Rectangle = tuple[float, float, float, float]
"""Left, top, width, height."""

SIDEWAYS = (5, 6, 7, 8)
"""Orientations whose upright picture has the stored one's rows as columns."""


def turned_point(x: float, y: float, width: float, height: float, orientation: int) -> tuple[float, float]:
    """The point `x`, `y` of a stored picture `width` x `height`, in the upright one; 1 x 1 for shares."""
    across, down = width - x, height - y
    return {
        2: (across, y),
        3: (across, down),
        4: (x, down),
        5: (y, x),
        6: (down, x),
        7: (down, across),
        8: (y, across),
    }.get(orientation, (x, y))


def turned_size(width: float, height: float, orientation: int) -> tuple[float, float]:
    """Width and height of something upright that is stored `width` x `height`."""
    return (height, width) if orientation in SIDEWAYS else (width, height)


def turned_rectangle(box: Rectangle, width: float, height: float, orientation: int) -> Rectangle:
    """The rectangle `box` (left, top, width, height) of a stored picture, in the upright one."""
    left, top, across, down = box
    first = turned_point(left, top, width, height, orientation)
    second = turned_point(left + across, top + down, width, height, orientation)
    return (min(first[0], second[0]), min(first[1], second[1]), *turned_size(across, down, orientation))

"""The shapes in which photos are shown in training: those of people's photos, at a given long side.

The first is the shape of most photos that people have rated for research.
"""

SHAPES = ((4, 5), (5, 4), (1, 1), (2, 3), (3, 2), (3, 4), (4, 3))


def shape_of(ratio: tuple[int, int], side: int) -> tuple[int, int]:
    """Height and width of a photo of that ratio whose long side is `side`, in steps of 8 pixels."""
    unit = side / max(ratio)
    return round(ratio[0] * unit / 8) * 8, round(ratio[1] * unit / 8) * 8

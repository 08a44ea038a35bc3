"""Where a place of a picture lies in the picture that is made of it: turned upright, or cut."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

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


class Move(ABC):
    """How places of one picture become places of another, in pixels or in shares of the picture."""

    @abstractmethod
    def point(self, x: float, y: float, *, shares: bool = False) -> tuple[float, float]:
        """Where the place `x`, `y` lies in the new picture."""

    @abstractmethod
    def size(self, width: float, height: float, *, shares: bool = False) -> tuple[float, float]:
        """Sides of something upright in the new picture."""

    @abstractmethod
    def rectangle(self, box: Rectangle, *, shares: bool = False) -> Rectangle:
        """The upright rectangle in the new picture."""

    @abstractmethod
    def dimensions(self, width: float, height: float) -> tuple[float, float]:
        """The new picture's sides, of the old one's."""

    @abstractmethod
    def holds(self, x: float, y: float, *, shares: bool = False) -> bool:
        """Whether the place `x`, `y` is in the new picture."""


@dataclass(frozen=True)
class Turn(Move):
    """A stored picture of this size, turned upright by its EXIF orientation `turn`."""

    width: int
    height: int
    turn: int

    def _whole(self, shares: bool) -> tuple[int, int]:
        return (1, 1) if shares else (self.width, self.height)

    def point(self, x: float, y: float, *, shares: bool = False) -> tuple[float, float]:
        """See `Move.point`."""
        return turned_point(x, y, *self._whole(shares), self.turn)

    def size(self, width: float, height: float, *, shares: bool = False) -> tuple[float, float]:  # noqa: ARG002
        """See `Move.size`."""
        return turned_size(width, height, self.turn)

    def rectangle(self, box: Rectangle, *, shares: bool = False) -> Rectangle:
        """See `Move.rectangle`."""
        return turned_rectangle(box, *self._whole(shares), self.turn)

    def dimensions(self, width: float, height: float) -> tuple[float, float]:
        """See `Move.dimensions`."""
        return turned_size(width, height, self.turn)

    def holds(self, x: float, y: float, *, shares: bool = False) -> bool:  # noqa: ARG002
        """See `Move.holds`; nothing is lost."""
        return True


@dataclass(frozen=True)
class Cut(Move):
    """A picture `before` wide and high of which a frame is kept, `after` wide and high.

    `place` says where a pixel place lies in the frame. What is upright keeps its size: a face in a frame that
    is turned by a few degrees is where it was, about its middle.
    """

    before: tuple[int, int]
    after: tuple[int, int]
    place: Callable[[float, float], tuple[float, float]]

    def point(self, x: float, y: float, *, shares: bool = False) -> tuple[float, float]:
        """See `Move.point`."""
        if not shares:
            return self.place(x, y)
        there = self.place(x * self.before[0], y * self.before[1])
        return there[0] / self.after[0], there[1] / self.after[1]

    def size(self, width: float, height: float, *, shares: bool = False) -> tuple[float, float]:
        """See `Move.size`."""
        if not shares:
            return width, height
        return width * self.before[0] / self.after[0], height * self.before[1] / self.after[1]

    def rectangle(self, box: Rectangle, *, shares: bool = False) -> Rectangle:
        """See `Move.rectangle`; cut where it reaches beyond the frame."""
        x, y = self.point(box[0] + box[2] / 2, box[1] + box[3] / 2, shares=shares)
        across, down = self.size(box[2], box[3], shares=shares)
        ends = (1, 1) if shares else self.after
        left, top = max(0.0, x - across / 2), max(0.0, y - down / 2)
        return left, top, min(ends[0], x + across / 2) - left, min(ends[1], y + down / 2) - top

    def dimensions(self, width: float, height: float) -> tuple[float, float]:  # noqa: ARG002
        """See `Move.dimensions`."""
        return self.after

    def holds(self, x: float, y: float, *, shares: bool = False) -> bool:
        """See `Move.holds`."""
        there = self.point(x, y, shares=shares)
        ends = (1, 1) if shares else self.after
        return 0 <= there[0] <= ends[0] and 0 <= there[1] <= ends[1]

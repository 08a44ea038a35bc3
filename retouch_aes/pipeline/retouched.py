"""What comes out of a retoucher: the photo, its recipe, and how that was found."""

from dataclasses import dataclass

from retouch_aes.editing.solve import Solution
from retouch_aes.operators import Recipe
from retouch_aes.photo import Photo


@dataclass(frozen=True)
class Retouched:
    """A photo after its recipe, and how that was found.

    Attributes:
        photo: The retouched photo, at full size and in its own depth; its pixels are computed when they are
            asked for or written.
        recipe: The edit, to be saved as JSON.
        solution: Scores before and after, the outcome, and the way of the search.
    """

    photo: Photo
    recipe: Recipe
    solution: Solution

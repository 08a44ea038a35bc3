"""What a person chooses between: a photo, or a photo as a recipe edits it."""

from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from retouch_aes.errors import RecipeError, UsageError
from retouch_aes.operators import Recipe, installed


@dataclass(frozen=True)
class Rendition:
    """A photo, or a photo as a recipe edits it: what a person chooses between.

    Attributes:
        photo: Its path, absolute or relative to the person's photo folder.
        recipe: The edit; None for the photo as it is. Steps that change nothing are left out, and a recipe
            without steps is none: what looks the same is equal.

    Raises:
        UsageError: No path.

    Examples:
        >>> from retouch_aes import Recipe, Rendition
        >>> Rendition("a.jpg", Recipe()) == Rendition("a.jpg")
        True
    """

    photo: str
    recipe: Recipe | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.photo, str) or not self.photo.strip() or "\0" in self.photo:
            raise UsageError(f"expected the path of a photo, got {self.photo!r}")
        object.__setattr__(self, "photo", PurePath(self.photo).as_posix())
        if self.recipe is not None:
            effective = self.recipe.effective()
            object.__setattr__(self, "recipe", effective if effective.steps else None)

    def to_json(self) -> Any:
        """The path alone, or `{"photo": path, "recipe": recipe}`."""
        if self.recipe is None:
            return self.photo
        return {"photo": self.photo, "recipe": self.recipe.to_json()}

    @staticmethod
    def from_json(value: Any) -> "Rendition":
        """Read `to_json`'s value.

        Args:
            value: A path, or an object with a photo and a recipe.

        Returns:
            An equal rendition.

        Raises:
            UsageError: Neither of these.
            RecipeError: A malformed recipe.
        """
        if isinstance(value, str):
            return Rendition(value)
        if not isinstance(value, dict) or not {"photo"} <= value.keys() <= {"photo", "recipe"}:
            raise UsageError(f'expected a path or {{"photo": path, "recipe": recipe}}, got {value!r}')
        recipe = value.get("recipe")
        try:
            return Rendition(
                value["photo"], None if recipe is None else Recipe.from_json(recipe, installed())
            )
        except TypeError as error:  # a recipe with a malformed step
            raise RecipeError(f"malformed recipe: {error}") from None

    def __str__(self) -> str:
        return self.photo if self.recipe is None else f"{self.photo} (edited)"

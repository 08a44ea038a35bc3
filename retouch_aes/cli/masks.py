"""`--mask`: an edit that applies only where the photo is so."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from retouch_aes.errors import RecipeError

if TYPE_CHECKING:
    from retouch_aes.operators import Recipe


@dataclass(frozen=True)
class Bound:
    """A mask as it was typed, and the operator that it is for; "" for all."""

    operator: str
    mask: str


def _read(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[Bound, ...]:  # noqa: ARG001
    found = []
    for value in values:
        before, equals, after = value.partition("=")
        named = equals and ":" not in before and "," not in before
        found.append(Bound(before.strip(), after) if named else Bound("", value))
    return tuple(found)


choice = click.option(
    "--mask",
    multiple=True,
    callback=_read,
    metavar="[OPERATOR=]MASK",
    help="Apply the edit, or one of its operators, only there: KIND[:SETTING=NUMBER,...], with `not` "
    "before it for everywhere else; again for where both hold. Kinds: luminance, colour, linear, radial, "
    "subject, sky, skin; settings: docs/formats.md.",
)


def bind(recipe: "Recipe", wanted: tuple[Bound, ...]) -> "Recipe":
    """`recipe` bound to the masks that were typed."""
    from retouch_aes.operators.masks.mask_files import parse_mask

    for one in wanted:
        mask = parse_mask(one.mask)
        try:
            recipe = recipe.within([mask], [one.operator] if one.operator else ())
        except RecipeError as error:
            raise click.BadParameter(str(error), param_hint="--mask") from None
    return recipe

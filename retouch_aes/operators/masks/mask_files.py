"""Masks as recipes and the command line write them.

    {"kind": "luminance", "low": 60, "feather": 15}      luminance:low=60,feather=15
    {"kind": "sky", "invert": true}                      not sky

A setting that is not named has its default.
"""

from typing import Any

from retouch_aes.errors import RecipeError, UsageError
from retouch_aes.operators.masks.automatic import SkinMask, SkyMask, SubjectMask
from retouch_aes.operators.masks.gradients import LinearMask, RadialMask
from retouch_aes.operators.masks.mask import Mask, settings_of
from retouch_aes.operators.masks.ranges import ColourMask, LuminanceMask

MASKS: dict[str, type[Mask]] = {
    kind.kind: kind
    for kind in (LuminanceMask, ColourMask, LinearMask, RadialMask, SubjectMask, SkyMask, SkinMask)
}
"""The kinds of masks by name."""


def read_masks(value: Any) -> tuple[Mask, ...]:
    """The masks of a step.

    Args:
        value: What JSON gave: one mask, or a list of masks that must all hold.

    Returns:
        The masks in order.

    Raises:
        RecipeError: Anything else: an unknown kind or setting, or a value outside its range.
    """
    if isinstance(value, list):
        return tuple(_read(one) for one in value)
    return (_read(value),)


def _read(value: Any) -> Mask:
    if not isinstance(value, dict):
        raise RecipeError(f'expected a mask as {{"kind": ...}}, got {str(value)[:60]}')
    name = value.get("kind")
    if not isinstance(name, str) or name not in MASKS:
        raise RecipeError(f"unknown mask {str(name)[:60]!r}; there are: {', '.join(MASKS)}")
    known = [*settings_of(MASKS[name]), "invert"]
    given = {key: one for key, one in value.items() if key != "kind"}
    if not set(given) <= set(known):
        raise RecipeError(f"mask {name}: expected settings among {', '.join(known)}, got {', '.join(given)}")
    return MASKS[name](**given)


def parse_mask(text: str) -> Mask:
    """A mask as it is typed.

    Args:
        text: `KIND`, `KIND:setting=value,...`, and `not ` before it for the inverse.

    Returns:
        The mask.

    Raises:
        UsageError: Anything else.

    Examples:
        >>> from retouch_aes.operators.masks.mask_files import parse_mask
        >>> parse_mask("not luminance:low=60,high=90").to_json()
        {'kind': 'luminance', 'low': 60.0, 'high': 90.0, 'feather': 10.0, 'invert': True}
    """
    bare = text.strip().removeprefix("not ").strip()
    kind, _, rest = bare.partition(":")
    value: dict[str, Any] = {"kind": kind.strip()}
    for part in filter(None, (one.strip() for one in rest.split(","))):
        name, equals, number = part.partition("=")
        try:
            value[name.strip()] = float(number)
        except ValueError:
            raise UsageError(f"mask {text!r}: expected SETTING=NUMBER, got {part!r}") from None
        if not equals:
            raise UsageError(f"mask {text!r}: expected SETTING=NUMBER, got {part!r}")
    if text.strip().startswith("not "):
        value["invert"] = True
    try:
        return _read(value)
    except RecipeError as error:
        raise UsageError(str(error)) from None

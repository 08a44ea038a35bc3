"""`--straighten`, `--crop` and `--crop-ratio`, for every command that retouches photos."""

from typing import TYPE_CHECKING, Any

import click

from retouch_aes.cli import options
from retouch_aes.cli.optional_value import OptionalValue

if TYPE_CHECKING:
    from retouch_aes.pipeline import FramingChoice

AUTO = "auto"
Edges = tuple[float, float, float, float]


def _degrees(ctx: click.Context, param: click.Parameter, value: str | None) -> float | str | None:
    if value is None or value == AUTO:
        return value
    numbers = _numbers(value, 1)
    if numbers is None or abs(numbers[0]) > 45:
        raise click.BadParameter(f"expected degrees from -45 to 45, got {value!r}.", ctx, param)
    return numbers[0]


def _edges(ctx: click.Context, param: click.Parameter, value: str | None) -> Edges | str | None:
    if value is None or value == AUTO:
        return value
    numbers = _numbers(value, 4)
    if numbers is None:
        raise click.BadParameter(
            f"expected left,top,right,bottom in percent, as 10,0,90,100, got {value!r}.", ctx, param
        )
    left, top, right, bottom = (number / 100 for number in numbers)
    if not (0 <= left <= right - 0.05 <= 0.95 and 0 <= top <= bottom - 0.05 <= 0.95):
        raise click.BadParameter(
            f"expected edges from 0 to 100 that leave 5 or more of each side, got {value}.", ctx, param
        )
    return left, top, right, bottom


def _ratio(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    if value is None:
        return None
    parts = _numbers(value.replace(":", ","), 2)
    if parts is None or min(parts) <= 0 or not 0.05 <= parts[0] / parts[1] <= 20:
        raise click.BadParameter(f"expected WIDTH:HEIGHT, as 3:2, got {value!r}.", ctx, param)
    return parts[0] / parts[1]


def _numbers(text: str, count: int) -> list[float] | None:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        return None
    return numbers if len(numbers) == count and all(abs(number) < 1e6 for number in numbers) else None


choices = options.together(
    click.option(
        "--straighten",
        cls=OptionalValue,
        flag_value=AUTO,
        callback=_degrees,
        metavar="[DEGREES]",
        help="Turn the photo level, by its long lines, and not at all where they do not agree; or by so many "
        "degrees, clockwise (--straighten=-1.5 the other way). No corner is left black.",
    ),
    click.option(
        "--crop",
        cls=OptionalValue,
        flag_value=AUTO,
        callback=_edges,
        metavar="[LEFT,TOP,RIGHT,BOTTOM]",
        help="Keep what lies between these edges, in percent; without them, the frame that the score likes.",
    ),
    click.option(
        "--crop-ratio",
        callback=_ratio,
        metavar="WIDTH:HEIGHT",
        help="Cut to this shape, as 3:2 or 1:1, about the middle, or where --crop says.",
    ),
)


def choice(straighten: Any, crop: Any, ratio: float | None) -> "FramingChoice | None":
    """The options as a value; None where nothing is asked for."""
    from retouch_aes.pipeline import FramingChoice

    return None if straighten is crop is ratio is None else FramingChoice(straighten, crop, ratio)

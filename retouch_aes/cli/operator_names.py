"""The names of our operators, known without PyTorch, so that a wrong one is told at once; a test compares."""

import click

FILL_LIGHT = "fill_light"

NAMES = (
    "denoise",
    "dehaze",
    "white_balance",
    "exposure",
    FILL_LIGHT,
    "tones",
    "contrast",
    "tone_curve",
    "saturation",
    "vibrance",
    "hsl",
    "clarity",
    "sharpening",
)


def check(ctx: click.Context, param: click.Parameter, names: list[str] | None) -> list[str] | None:
    """`names` themselves; refused where one is unknown and no other package could have brought it."""
    from importlib.metadata import entry_points

    unknown = [name for name in names or () if name not in NAMES]
    if unknown and not entry_points(group="retouch_aes.operators"):
        raise click.BadParameter(
            f"unknown operator {unknown[0]!r}; there are: {', '.join(NAMES)}.", ctx, param
        )
    return names

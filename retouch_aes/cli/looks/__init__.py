"""`retouch-aes looks`: recipes and tastes by name, and presets made of them."""

import click

from retouch_aes.cli.lazy import LazyGroup


@click.group(
    cls=LazyGroup,
    modules={
        "list": "retouch_aes.cli.looks.list_looks",
        "add": "retouch_aes.cli.looks.add",
        "export": "retouch_aes.cli.looks.export",
    },
)
def command() -> None:
    """Named looks: recipes laid over every edit, and tastes, by `retouch --look NAME`."""

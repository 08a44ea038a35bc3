"""`retouch-aes stars`: what photographers say about photos, and taking back what was written."""

import click

from retouch_aes.cli.lazy import LazyGroup


@click.group(
    cls=LazyGroup,
    modules={
        "show": "retouch_aes.cli.stars.show_stars",
        "undo": "retouch_aes.cli.stars.undo",
    },
)
def command() -> None:
    """Star ratings in photos and sidecars: shown, and set back.

    They are written by `score --write-stars` and `rank --write-stars`, and learned from by `learn --stars`.
    """

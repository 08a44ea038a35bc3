"""`retouch-aes taste`: look into taste files, blend and compare them."""

import click

from retouch_aes.cli.lazy import LazyGroup

TASTES = {name: f"retouch_aes.cli.taste.{name}" for name in ("info", "merge", "diff", "upgrade", "tune")}


@click.group(cls=LazyGroup, modules=TASTES)
def command() -> None:
    """Look into tastes, blend and compare them."""

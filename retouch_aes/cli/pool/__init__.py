"""`retouch-aes pool`: rated photos to learn from, seen once and kept."""

import click

from retouch_aes.cli.lazy import LazyGroup

POOLS = {name: f"retouch_aes.cli.pool.{name}" for name in ("build", "info")}


@click.group(cls=LazyGroup, modules=POOLS)
def command() -> None:
    """Prepare rated photos by other people for training."""

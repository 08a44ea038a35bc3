"""`retouch-aes bench`: one file per benchmark."""

import click

from retouch_aes.cli.lazy import LazyGroup

BENCHES = {
    name: f"retouch_aes.cli.bench.{name}"
    for name in ("recovery", "brackets", "generic", "landscape", "enhance", "rank", "stability", "speed")
}


@click.group(cls=LazyGroup, modules=BENCHES)
def command() -> None:
    """Measure the score and the retouch."""

"""`retouch-aes train`: one file per thing that can be trained."""

import click

from retouch_aes.cli.lazy import LazyGroup

NAMES = (
    "score",
    "generic",
    "attributes",
    "pam",
    "head",
    "kong",
    "cfan",
    "enhancer",
    "one-pass",
    "prior",
)
TRAININGS = {name: f"retouch_aes.cli.train.{name.replace('-', '_')}" for name in NAMES}


@click.group(cls=LazyGroup, modules=TRAININGS)
def command() -> None:
    """Train what the package ships, from your own photos and ratings."""

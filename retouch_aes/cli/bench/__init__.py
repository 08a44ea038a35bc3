"""`retouch-aes bench`: one file per benchmark."""

import click

from retouch_aes.cli.lazy import LazyGroup

NAMES = (
    "recovery",
    "brackets",
    "expert",
    "frontier",
    "gallery",
    "generic",
    "faults",
    "culling",
    "score-folds",
    "landscape",
    "enhance",
    "plus",
    "rank",
    "stability",
    "speed",
    "collection",
    "loss-overhead",
    "loss-in-training",
    "taste",
    "personal-retouch",
    "one-pass",
    "piaa",
    "active",
    "preference-map",
    "knn",
    "scale",
    "kong",
    "cfan",
    "planted",
)
BENCHES = {name: f"retouch_aes.cli.bench.{name.replace('-', '_')}" for name in NAMES}


@click.group(cls=LazyGroup, modules=BENCHES)
def command() -> None:
    """Measure the score and the retouch."""

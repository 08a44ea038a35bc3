"""`retouch-aes bench`: one file per benchmark."""

import click

from retouch_aes.cli.lazy import LazyGroup

NAMES = ("recovery", "brackets", "generic", "landscape", "enhance", "rank", "stability", "speed", "taste")
BENCHES = {name: f"retouch_aes.cli.bench.{name}" for name in (*NAMES, "piaa", "active", "kong", "cfan")} | {
    "preference-map": "retouch_aes.cli.bench.preference_map",
    "personal-retouch": "retouch_aes.cli.bench.personal_retouch",
}


@click.group(cls=LazyGroup, modules=BENCHES)
def command() -> None:
    """Measure the score and the retouch."""

"""Options that several benchmarks share, in the order of their help texts."""

import click

from retouch_aes.cli import options

steps = click.option(
    "--steps", type=click.IntRange(0, 10_000), default=40, show_default=True, help="Of the search."
)
reports = options.together(options.json, options.markdown, options.overwrite)
search = options.together(
    options.model, options.prior, options.device, options.operators, steps, options.seed, options.side
)

"""Options that several benchmarks share, in the order of their help texts."""

import click

from retouch_aes.cli import datasets, options

reports = options.together(options.json, options.markdown, options.overwrite)
search = options.together(
    options.editing_model,
    options.prior,
    options.device,
    options.operators,
    options.steps,
    options.seed,
    options.side,
)
rated = options.together(datasets.published, datasets.table)
scale = click.option(
    "--scale", type=(float, float), metavar="LOW HIGH", help="Of --ratings. Default: detected."
)

"""Options that several benchmarks share, in the order of their help texts."""

from pathlib import Path

import click

from retouch_aes.cli import options

reports = options.together(options.json, options.markdown, options.overwrite)
search = options.together(
    options.model, options.prior, options.device, options.operators, options.steps, options.seed, options.side
)
rated = options.together(
    click.option(
        "--ratings",
        "table",
        required=True,
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="CSV with the columns user, photo, rating.",
    ),
    click.option(
        "--photos",
        "folder",
        required=True,
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="Folder from which the CSV names its photos.",
    ),
)
scale = click.option(
    "--scale", type=(float, float), metavar="LOW HIGH", help="Of the ratings. Default: detected."
)

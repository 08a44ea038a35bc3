"""`retouch-aes bench preference-map`."""

from pathlib import Path

import click

from retouch_aes.cli import options
from retouch_aes.cli.bench import common
from retouch_aes.cli.bench import people as asked
from retouch_aes.cli.datasets import Published, check_source


@click.command()
@asked.ratings
@asked.asked(100)
@click.option(
    "--printed",
    is_flag=True,
    help="Ren et al.'s figure 2 as printed: offsets from the mean rating, attributes and contents, and two "
    "average users of which nothing but noise sets them apart.",
)
@options.seed
@common.reported
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the heat map here, as PNG.",
)
def command(
    published: Published,
    table: Path | None,
    folder: Path | None,
    scale: tuple[float, float] | None,
    backbone: str,
    population: float | None,
    pool: Published,
    device: str,
    people: int,
    printed: bool,
    seed: int,
    overwrite: bool,
    output: Path | None,
) -> common.Measured:
    """Show what sets people apart, beside random users.

    The correlation of each person's offsets from the generic score with each attribute, as a heat map.

    \b
    retouch-aes bench preference-map --ratings ratings.csv --photos photos/ -o map.png
    retouch-aes bench preference-map --dataset flickr-aes FLICKR-AES/ --printed -o map.png
    """
    check_source(published, table, folder, scale)

    from retouch_aes.bench.papers.preference_figure import preference_figure
    from retouch_aes.bench.papers.preference_map import preference_map
    from retouch_aes.papers.pam.attributes import ATTRIBUTES

    common.check_picture(output, overwrite)
    study, persons, seen_by = asked.study(
        published, table, folder, scale, backbone, population, people, seed, device=device, pool=pool
    )
    names = ATTRIBUTES if seen_by.traits is None else seen_by.traits.attribute_names
    drawn = preference_figure if printed else preference_map
    report = drawn(study, persons, attributes=names, seed=seed)
    if output is not None:
        common.save_picture(report.picture(), output, overwrite)
    made_by = {"backbone": seen_by.name, "fingerprint": seen_by.fingerprint}
    return common.Measured(report, made_by)

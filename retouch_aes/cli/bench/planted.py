"""`retouch-aes bench planted`."""

import click

from retouch_aes.cli import options, show
from retouch_aes.cli.bench import common

PAPERS = ("pam", "zhang", "kong", "cfan")


def _papers(ctx: click.Context, param: click.Parameter, value: str) -> list[str]:
    names = list(dict.fromkeys(name.strip() for name in value.split(",") if name.strip()))
    if not names or set(names) - set(PAPERS):
        raise click.BadParameter(f"expected names out of {', '.join(PAPERS)}, got {value!r}.", ctx, param)
    return names


@click.command()
@click.option(
    "--papers",
    default=",".join(PAPERS),
    show_default=True,
    callback=_papers,
    metavar="A,B,...",
    help="Whose claims.",
)
@click.option(
    "--people", type=click.IntRange(2), default=40, show_default=True, help="Of PAM's and Zhang's worlds."
)
@click.option(
    "--worlds", type=click.IntRange(1), default=4, show_default=True, help="Of Zhang's, people shared out."
)
@click.option("--seeds", type=click.IntRange(1), default=8, show_default=True, help="Of Kong's world.")
@click.option(
    "--cfan-seeds",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="Of CFAN's world, minutes each.",
)
@options.seed
@common.reported
def command(
    papers: list[str], people: int, worlds: int, seeds: int, cfan_seeds: int, seed: int
) -> common.Measured:
    """Test the papers' claims on made-up ratings.

    PAM over FPMF over direct regression; Zhang over no rankings over no population; ranking within raters
    over regression; CFAN over VBPR over BPR, and over CFAN without reviews. No photos are needed: the worlds
    are made of tables in which the claims ought to hold.

    \b
    retouch-aes bench planted --json planted.json
    retouch-aes bench planted --papers pam,kong --people 20
    """
    from retouch_aes.bench.papers.planted import PlantedPlan, planted

    plan = PlantedPlan(people=people, worlds=worlds, seeds=seeds, cfan_seeds=cfan_seeds, seed=seed)
    with show.bar() as progress:
        report = planted(papers, plan, progress=progress)
    return common.Measured(report, {"data": "planted worlds"})

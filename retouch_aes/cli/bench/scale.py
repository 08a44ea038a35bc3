"""`retouch-aes bench scale`."""

import click

from retouch_aes.cli import show
from retouch_aes.cli.bench import common

STAGES = ("neighbours", "maps", "zhang", "svr", "gp")


def _sizes(ctx: click.Context, param: click.Parameter, value: str) -> tuple[int, ...]:
    try:
        return tuple(sorted({int(part) for part in value.split(",")}))
    except ValueError:
        raise click.BadParameter(
            f"expected numbers with commas between them, got {value!r}.", ctx, param
        ) from None


def _stages(ctx: click.Context, param: click.Parameter, value: str) -> list[str]:
    names = list(dict.fromkeys(name.strip() for name in value.split(",") if name.strip()))
    if not names or set(names) - set(STAGES):
        raise click.BadParameter(f"expected names out of {', '.join(STAGES)}, got {value!r}.", ctx, param)
    return names


@click.command()
@click.option(
    "--rows",
    default="1000,10000,100000",
    show_default=True,
    callback=_sizes,
    metavar="N,N,...",
    help="Photos, or answers.",
)
@click.option(
    "--stages", default=",".join(STAGES), show_default=True, callback=_stages, metavar="A,B,...", help="What."
)
@common.reported
def command(rows: tuple[int, ...], stages: list[str]) -> common.Measured:
    """Show how time and memory grow.

    neighbours: features on disk, the nearest to 100 photos. maps: feature maps on disk, CFAN trained on them
    for 50 steps. zhang: the same with Zhang's network, and a person in it. svr, gp: a person with that many
    answers. On made data, each in a process of its own; the largest size needs 1 GB of disk for a while.

    \b
    retouch-aes bench scale --json scale.json
    retouch-aes bench scale --rows 1000,10000 --stages svr,gp
    """
    from retouch_aes.bench.system.scale import scale
    from retouch_aes.user_cache import user_cache

    with show.bar() as progress:
        report = scale(rows, stages, folder=user_cache("maps"), progress=progress)
    return common.Measured(report, {"data": "made rows"})

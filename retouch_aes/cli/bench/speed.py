"""`retouch-aes bench speed`."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from retouch_aes.cli import options, show
from retouch_aes.cli.bench import common
from retouch_aes.errors import MissingExtraError, RetouchError, UsageError

_MOST_WORKERS = 1024


def _sizes(ctx: click.Context, param: click.Parameter, value: str) -> list[float]:
    try:
        return [float(text) for text in value.split(",")]
    except ValueError:
        raise click.BadParameter(
            f"expected numbers with commas between them, got {value}.", ctx, param
        ) from None


def _counts(ctx: click.Context, param: click.Parameter, value: str | None) -> list[int] | None:
    if value is None:
        return None
    counts = [int(text) for text in value.split(",") if text.strip().isdecimal()]
    if len(counts) != value.count(",") + 1 or not all(1 <= count <= _MOST_WORKERS for count in counts):
        raise click.BadParameter(
            f"expected whole numbers from 1 to {_MOST_WORKERS} with commas between them, got {value}.",
            ctx,
            param,
        )
    return counts


@click.command()
@click.argument("photo", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--megapixels",
    callback=_sizes,
    default="1,6,24",
    show_default=True,
    metavar="A,B,...",
    help="Sizes to which the photo is brought.",
)
@click.option(
    "--batch", type=click.IntRange(0), default=0, help="Also so many photos of 6 MP by `retouch-aes batch`."
)
@click.option(
    "--workers",
    callback=_counts,
    metavar="A,B,...",
    help="How many workers do that batch, in turn.  [default: 1,2]",
)
@click.option("--ray", is_flag=True, help="Let workers of a Ray cluster on this machine do it, too.")
@click.option(
    "--repeats", type=click.IntRange(1), default=3, show_default=True, help="The least of so many counts."
)
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The --json of an earlier run: how the ratios have changed since.",
)
@options.editing_model
@options.prior
@options.device
@common.reported
def command(
    photo: Path,
    megapixels: list[float],
    batch: int,
    workers: list[int] | None,
    ray: bool,
    repeats: int,
    against: Path | None,
    model: str,
    prior: str,
    device: str,
) -> common.Measured:
    """Time and memory by size of the photo.

    Whole processes and stages, beside Pillow's open and save and other programs where they are installed;
    the search on a device, one photo at a time and 32 together; a batch by the number of its workers. Run it
    on an idle machine.

    \b
    retouch-aes bench speed photo.jpg --megapixels 1,6,24,45,100 --batch 12 --json speed.json
    retouch-aes bench speed photo.jpg --device cuda --json cuda.json
    retouch-aes bench speed photo.jpg --batch 12 --workers 1,2,4 --ray
    retouch-aes bench speed photo.jpg --against speed.json
    """
    from retouch_aes.bench.system.speed import speed

    if not batch and (workers is not None or ray):
        raise UsageError("--workers and --ray say who does a batch; expected --batch N beside them, got none")
    if ray and find_spec("ray") is None:
        raise MissingExtraError("--ray", "ray")
    earlier = None if against is None else _earlier(against)
    candidate = common.Candidate.load(model, prior, "cpu")
    with show.bar() as progress:
        report = speed(
            photo,
            megapixels,
            model=model,
            prior=prior,
            batch=batch,
            workers=workers or (1, 2),
            engines=("local", "ray") if ray else ("local",),
            device=device,
            repeats=repeats,
            earlier=earlier,
            progress=progress,
        )
    return common.Measured(report, candidate.made_by)


def _earlier(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RetouchError(f"{path} cannot be read as JSON: {error}") from None
    ratios = found.get("ratios") if isinstance(found, dict) else None
    if not isinstance(ratios, dict) or not all(isinstance(one, int | float) for one in ratios.values()):
        raise RetouchError(f"{path} holds no ratios; give a file that `bench speed --json` wrote")
    return dict(found)

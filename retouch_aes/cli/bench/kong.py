"""`retouch-aes bench kong`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from retouch_aes.cli import datasets, loading, options, show
from retouch_aes.cli.bench import common, people, settings

if TYPE_CHECKING:
    import torch

    from retouch_aes.bench.papers.kong_fitting import KongFitter
    from retouch_aes.datasets import RatedDataset
    from retouch_aes.papers.kong.data import KongData
    from retouch_aes.papers.kong.whole import KongTraining

HOLDOUT = 0.25
TABLES = ("ablations", "weights", "pairs", "clusters", "raters", "transfer")


def _tables(ctx: click.Context, param: click.Parameter, value: str) -> list[str]:
    names = [name.strip() for name in value.split(",") if name.strip()]
    names = list(TABLES) if names == ["all"] else names
    if not names or set(names) - set(TABLES):
        text = f"expected names out of {', '.join(TABLES)}, or all, got {value!r}."
        raise click.BadParameter(text, ctx, param)
    return names


@click.command()
@settings.rated
@settings.scale
@click.option(
    "--backbone",
    default="aesthetic",
    show_default=True,
    metavar="NAME_OR_FILE",
    help="A model with features, torchvision:NAME or timm:NAME, or a file of MobileNetV2.",
)
@options.device
@click.option("--seeds", type=click.IntRange(1), default=5, show_default=True, help="Splits and trainings.")
@click.option(
    "--holdout",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Share of the photos to be predicted, whole themes.  [default: 0.25; the authors' test photos where "
    "a --dataset has such]",
)
@click.option(
    "--raters",
    type=click.IntRange(1),
    help="Keep so many ratings of each training photo, of few people; AADB has 5.  [default: all]",
)
@click.option(
    "--tables",
    default="ablations",
    show_default=True,
    callback=_tables,
    metavar="A,B,...",
    help="ablations (tables 2 and 3), weights (4), pairs (5), clusters (figure 5), raters (6), transfer (7), "
    "or all.",
)
@click.option(
    "--other",
    type=(str, click.Path(exists=True, file_okay=False, path_type=Path)),
    metavar="NAME DIR",
    help="For transfer: a second dataset, as aadb is to ava.",
)
@click.option(
    "--whole",
    is_flag=True,
    help="Fine-tune the whole network for every row, as the paper does, not a head on frozen features.",
)
@click.option(
    "--steps",
    type=click.IntRange(1),
    help="Of each stage of --whole.  [default: 20000, the paper's schedule]",
)
@common.reported
@people.kept
def command(
    published: datasets.Published,
    table: Path | None,
    folder: Path | None,
    scale: tuple[float, float] | None,
    backbone: str,
    device: str,
    seeds: int,
    holdout: float | None,
    raters: int | None,
    tables: list[str],
    other: datasets.Published,
    whole: bool,
    steps: int | None,
    output: Path | None,
    overwrite: bool,
) -> common.Measured:
    """Compare Kong's ablations on mean ratings.

    Regression alone, with ranking across and within raters, with attributes and with content; Spearman and
    accuracy on kept-back themes, or on the authors' test photos. The attributes are those of the dataset
    (AADB's, AVA's styles) where it has some, else measured ones.

    \b
    retouch-aes bench kong --ratings ratings.csv --photos photos/ --json kong.json
    retouch-aes bench kong --ratings ratings.csv --photos photos/ --backbone mobilenet_v2.safetensors
    retouch-aes bench kong --dataset aadb AADB/ --tables all --other ava AVA/ -o kong.jsonl
    retouch-aes bench kong --dataset aadb AADB/ --whole --backbone torchvision:alexnet --device cuda
    """
    datasets.check_source(published, table, folder, scale)
    if other is not None and "transfer" not in tables:
        raise click.UsageError("--other is for --tables transfer.")
    if steps is not None and not whole:
        raise click.UsageError("--steps is for --whole: heads on frozen features have their own schedule.")

    from retouch_aes.bench.common.resumable import ResumableResults
    from retouch_aes.bench.papers.kong import KongPlan, kong
    from retouch_aes.bench.papers.kong_variants import variants
    from retouch_aes.papers.kong.whole import KongTraining

    where = loading.pick_device(device)
    training = KongTraining() if steps is None else KongTraining().steps(steps, steps)
    of_whole = training if whole else None
    dataset = datasets.read_rated(published, table, folder, scale)
    fitter, data, made_by = _seen(dataset, backbone, where, of_whole)
    second = None
    if other is not None:
        second = _seen(datasets.read_rated(other, None, None), backbone, where, of_whole)[:2]
    plan = KongPlan(seeds, HOLDOUT if holdout is None else holdout, raters, "raters" in tables)
    if holdout is not None:
        from dataclasses import replace

        data = replace(data, split=None)
    what = {"bench": "kong", "photos": len(data.ratings.photos), "holdout": holdout, "raters": raters}
    kept = ResumableResults(
        output,
        {**what, **made_by, "whole": whole, "steps": steps, "ratings": len(data.ratings)},
        overwrite=overwrite,
    )
    with show.bar() as progress:
        rows = variants(data, tables)
        report = kong(fitter, data, rows, plan, kept=kept, other=second, progress=progress)
    return common.Measured(report, made_by)


def _seen(
    dataset: "RatedDataset", backbone: str, device: "torch.device", training: "KongTraining | None"
) -> "tuple[KongFitter, KongData, dict[str, str]]":
    """What trains on the photos of `dataset`, what is known of them, and what they are seen by."""
    from dataclasses import replace

    import torch

    from retouch_aes.bench.papers.kong_fitting import HeadFitter, WholeFitter
    from retouch_aes.models import load_model
    from retouch_aes.papers.kong.data import kong_data, to_range
    from retouch_aes.papers.kong.whole import SIDE
    from retouch_aes.papers.personal.study_backbone import StudyBackbone
    from retouch_aes.training.photo_pool import square_photos

    if training is not None:
        body = load_model(backbone).to(device)
        dataset = datasets.readable(dataset)
        data = kong_data(dataset)
        pool = square_photos(data.ratings.photos, SIDE)
        fitter = WholeFitter(body, lambda some: pool.some(some.tolist()), training)
        return fitter, data, {"backbone": backbone, "fingerprint": body.fingerprint}
    found = StudyBackbone.load(backbone, device)
    ratings, seen = people.see(found, dataset.single_ratings())
    data = kong_data(dataset, ratings)
    if data.attributes is None:
        data = replace(data, attributes=to_range(seen.attributes))
    features = torch.from_numpy(seen.features).float().to(device)
    return HeadFitter(features), data, {"backbone": found.name, "fingerprint": found.fingerprint}

"""`retouch-aes bench kong`."""

from pathlib import Path

import click

from retouch_aes.cli import show
from retouch_aes.cli.bench import settings


@click.command()
@settings.rated
@settings.scale
@click.option(
    "--backbone",
    default="aesthetic",
    show_default=True,
    metavar="NAME_OR_FILE",
    help="A model with features, or ImageNet weights of MobileNetV2 under torchvision's names.",
)
@click.option("--seeds", type=click.IntRange(1), default=5, show_default=True, help="Splits and trainings.")
@click.option(
    "--holdout",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.25,
    show_default=True,
    help="Share of the photos to be predicted, whole themes.",
)
@click.option(
    "--raters",
    type=click.IntRange(1),
    help="Keep so many ratings of each training photo, of few people; AADB has 5.  [default: all]",
)
@settings.reports
def command(
    table: Path,
    folder: Path,
    scale: tuple[float, float] | None,
    backbone: str,
    seeds: int,
    holdout: float,
    raters: int | None,
    json: str | None,
    markdown: Path | None,
    overwrite: bool,
) -> int:
    """Compare Kong's ablations on mean ratings.

    Regression alone, with ranking across and within raters, with attributes and with content, trained on
    frozen features; Spearman on kept-back themes. The attributes are measured ones, not AADB's.

    \b
    retouch-aes bench kong --ratings ratings.csv --photos photos/ --json kong.json
    retouch-aes bench kong --ratings ratings.csv --photos photos/ --backbone mobilenet_v2.safetensors
    """
    import torch

    from retouch_aes.bench.papers.kong import ARMS, kong
    from retouch_aes.bench.papers.study_backbone import StudyBackbone
    from retouch_aes.cli.bench import common
    from retouch_aes.datasets import RatingsCSV
    from retouch_aes.taste.feature_cache import default_cache_folder

    common.check_places(json, markdown, overwrite)
    ratings = RatingsCSV(table, folder, scale).read()
    found = StudyBackbone.load(backbone)
    with show.progress("seeing photos", len(ratings.photos)) as advance:
        seen = found.see(ratings.photos, default_cache_folder(), progress=lambda done, _: advance(done))
    with show.progress("training", seeds * len(ARMS)) as advance:
        report = kong(
            torch.from_numpy(seen.features).float(),
            ratings,
            seen.attributes,
            seeds=seeds,
            holdout=holdout,
            raters=raters,
            progress=lambda done, _: advance(done),
        )
    made_by = {"backbone": found.name, "fingerprint": found.fingerprint}
    common.publish_by(report, made_by, json, markdown, overwrite)
    return 0

"""`retouch-aes bench kong`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from retouch_aes.cli import datasets, loading, options, show
from retouch_aes.cli.bench import common, people, settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from retouch_aes.datasets import RatedDataset, Ratings

HOLDOUT = 0.25


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
@common.reported
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
) -> common.Measured:
    """Compare Kong's ablations on mean ratings.

    Regression alone, with ranking across and within raters, with attributes and with content, trained on
    frozen features; Spearman on kept-back themes, or on the authors' test photos. The attributes are those of
    the dataset, as AADB's, where it has some, else measured ones.

    \b
    retouch-aes bench kong --ratings ratings.csv --photos photos/ --json kong.json
    retouch-aes bench kong --ratings ratings.csv --photos photos/ --backbone mobilenet_v2.safetensors
    retouch-aes bench kong --dataset aadb AADB/
    """
    datasets.check_source(published, table, folder, scale)

    import torch

    from retouch_aes.bench.papers.kong import kong
    from retouch_aes.bench.papers.study_backbone import StudyBackbone

    dataset = datasets.read_rated(published, table, folder, scale)
    found = StudyBackbone.load(backbone, loading.pick_device(device))
    ratings, seen = people.see(found, dataset.single_ratings())
    parts = [dataset.splits[name].photos for name in ("train", "test") if name in dataset.splits]
    whole = holdout is None and len(parts) == 2
    attributes = _attributes(dataset, ratings)
    with show.bar() as progress:
        report = kong(
            torch.from_numpy(seen.features).float(),
            ratings,
            seen.attributes if attributes is None else attributes,
            seeds=seeds,
            holdout=HOLDOUT if holdout is None else holdout,
            split=(parts[0], parts[1]) if whole else None,
            themes=people.groups_of(dataset, ratings),
            raters=raters,
            progress=progress,
        )
    made_by = {"backbone": found.name, "fingerprint": found.fingerprint}
    return common.Measured(report, made_by)


def _attributes(dataset: "RatedDataset", ratings: "Ratings") -> "NDArray[np.float64] | None":
    """The dataset's own attributes `(P, A)` of the photos of `ratings`; None where it has none.

    What is unknown of a photo is the mean of that attribute.
    """
    import numpy as np

    if dataset.attributes is None:
        return None
    place = {photo: index for index, photo in enumerate(dataset.photos)}
    values = dataset.attributes.values[[place[photo] for photo in ratings.photos]]
    values = values[:, np.isfinite(values).any(0)]
    return np.where(np.isfinite(values), values, np.nanmean(values, axis=0)) if values.shape[1] else None

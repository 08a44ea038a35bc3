"""`retouch-aes pool build`."""

from pathlib import Path

import click

from retouch_aes.cli import datasets, executing, failures, loading, options, show


@click.command()
@click.argument("dataset", required=False, type=click.Path(exists=True, path_type=Path))
@datasets.published
@datasets.part
@click.option(
    "--photos",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where the photos lie. Default: beside the table, or AVA's images/.",
)
@datasets.missing_allowed
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the pool.",
)
@options.model
@options.device
@executing.choices
def command(
    dataset: Path | None,
    published: datasets.Published,
    part: str | None,
    photos: Path | None,
    missing_allowed: bool,  # noqa: ARG001 - kept for old scripts
    output: Path,
    model: str,
    device: str,
    workers: int | None,
    engine: str,
    ray_address: str | None,
) -> int:
    """See the rated photos of DATASET once and keep features and distributions.

    DATASET is a folder in AVA's published layout (AVA.txt, images/) or a table user,photo,rating; others are
    given as --dataset NAME DIR. A stopped build goes on where it stopped.

    \b
    retouch-aes pool build AVA_dataset/ -o pool/
    retouch-aes pool build ratings.csv --photos photos/ -o pool/
    retouch-aes pool build --dataset flickr-aes FLICKR-AES/ --part train -o pool/ --workers 8
    """
    if (dataset is None) == (published is None):
        raise click.UsageError("Give DATASET, or --dataset NAME DIR.")

    from retouch_aes.taste.rated_pool import build_pool

    if dataset is not None and dataset.is_dir():
        published = ("ava", dataset)
    if published is None and dataset is not None:
        rated = datasets.read_rated(None, dataset, photos or dataset.parent, part=part)
    else:
        rated = datasets.read_rated(published, None, None, part=part, images=photos)
    unreadable = datasets.Unreadable()
    where = loading.pick_device(device)
    generic = loading.model(model, where)
    crew = executing.executor(workers, engine, ray_address, count=len(rated.photos), device=where)
    with show.bar() as progress:
        pool = build_pool(
            rated.photos,
            rated.histograms(),
            generic,
            output,
            executor=crew,
            progress=progress,
            failed=unreadable,
        )
    unreadable.count()
    show.line(f"{output}: {len(pool) - len(unreadable.photos)} photos")
    return failures.FAILED if unreadable.photos and published is None else 0

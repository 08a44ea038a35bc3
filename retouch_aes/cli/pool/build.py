"""`retouch-aes pool build`."""

from pathlib import Path

import click

from retouch_aes.cli import addresses, datasets, executing, failures, loading, options, show


@click.command()
@click.argument("dataset", required=False, type=addresses.PathOrAddress(exists=True))
@datasets.published_in(addresses.PathOrAddress(exists=True, file_okay=False))
@datasets.part
@click.option(
    "--photos",
    type=addresses.PathOrAddress(exists=True, file_okay=False),
    help="Where the photos lie. Default: beside the table, or AVA's images/.",
)
@datasets.missing_allowed
@click.option(
    "-o",
    "--output",
    required=True,
    type=addresses.PathOrAddress(file_okay=False),
    help="Folder of the pool.",
)
@options.model
@options.device
@executing.choices
def command(
    dataset: Path | str | None,
    published: tuple[str, Path | str] | None,
    part: str | None,
    photos: Path | str | None,
    missing_allowed: bool,  # noqa: ARG001 - kept for old scripts
    output: Path | str,
    model: str,
    device: str,
    workers: int | None,
    engine: str,
    ray_address: str | None,
) -> int:
    """See the rated photos of DATASET once and keep features and distributions.

    DATASET is a folder in AVA's published layout (AVA.txt, images/) or a table user,photo,rating; others are
    given as --dataset NAME DIR. A stopped build goes on where it stopped. All folders may be addresses:
    tables are fetched first, each photo when its turn comes, and the pool is put there when it is done.

    \b
    retouch-aes pool build AVA_dataset/ -o pool/
    retouch-aes pool build ratings.csv --photos photos/ -o pool/
    retouch-aes pool build --dataset flickr-aes FLICKR-AES/ --part train -o pool/ --workers 8
    retouch-aes pool build s3://sets/AVA_dataset -o s3://sets/pool
    """
    if (dataset is None) == (published is None):
        raise click.UsageError("Give DATASET, or --dataset NAME DIR.")

    from retouch_aes.photo import READ_SUFFIXES
    from retouch_aes.taste.rated_pool import build_pool

    def no_photo(name: str) -> bool:
        return Path(name).suffix.lower() not in READ_SUFFIXES

    remote = addresses.RemoteFolders()
    folder = remote.source(photos) if photos is not None else None
    if published is not None:
        rated = datasets.read_rated(
            (published[0], remote.source(published[1], no_photo)), None, None, part=part, images=folder
        )
    else:
        table = remote.source(dataset or Path(), no_photo)
        if table.is_dir():
            rated = datasets.read_rated(("ava", table), None, None, part=part, images=folder)
        else:
            rated = datasets.read_rated(None, table, folder or table.parent, part=part)
    pool_folder = addresses.working_folder(output) if isinstance(output, str) else output
    unreadable = datasets.Unreadable()
    where = loading.pick_device(device)
    generic = loading.model(model, where)
    crew = remote.executor(
        executing.executor(workers, engine, ray_address, count=len(rated.photos), device=where)
    )
    with show.bar() as progress:
        pool = build_pool(
            rated.photos,
            rated.histograms(),
            generic,
            pool_folder,
            executor=crew,
            progress=progress,
            failed=unreadable,
            called=show.as_called,
        )
    if isinstance(output, str):
        addresses.put_folder(pool_folder, output)
    unreadable.count()
    show.line(f"{output}: {len(pool) - len(unreadable.photos)} photos")
    return failures.FAILED if unreadable.photos and published is None else 0

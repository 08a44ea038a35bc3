"""`retouch-aes pool build`."""

from pathlib import Path

import click

from retouch_aes.cli import failures, loading, options, show


@click.command()
@click.argument("dataset", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--photos",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where the photos lie. Default: beside the table, or AVA's images/.",
)
@click.option("--missing-allowed", is_flag=True, help="Leave out photos of AVA that are not there.")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the pool.",
)
@options.model
@options.device
def command(
    dataset: Path, photos: Path | None, missing_allowed: bool, output: Path, model: str, device: str
) -> int:
    """See the rated photos of DATASET once and keep features and distributions.

    DATASET is a folder in AVA's published layout (AVA.txt, images/) or a table user,photo,rating. A stopped
    build goes on where it stopped.

    \b
    retouch-aes pool build AVA_dataset/ -o pool/
    retouch-aes pool build ratings.csv --photos photos/ -o pool/
    """
    from retouch_aes.datasets import AVA, RatingsCSV
    from retouch_aes.taste.rated_pool import build_pool

    if dataset.is_dir():
        rated = AVA(dataset, photos, missing_allowed).read()
        paths, histograms = rated.photos, rated.histograms
    else:
        ratings = RatingsCSV(dataset, photos or dataset.parent).read()
        paths, histograms = ratings.photos, ratings.histograms()
    broken: list[Path] = []

    def told(path: Path, error: Exception) -> None:
        broken.append(path)
        show.line(f"failed: {show.readable(failures.about(path, error))}", err=True)

    generic = loading.model(model, loading.pick_device(device))
    with show.progress("seeing photos", len(paths)) as advance:
        pool = build_pool(
            paths, histograms, generic, output, progress=lambda _stage, done, _of: advance(done), failed=told
        )
    show.line(f"{output}: {len(pool) - len(broken)} photos")
    return failures.FAILED if broken else 0

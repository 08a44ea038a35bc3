"""`retouch-aes train head`: a score on any backbone, from rated photos, in minutes."""

from pathlib import Path

import click

from retouch_aes.cli import loading, options, show


@click.command()
@click.option(
    "--backbone",
    required=True,
    metavar="NAME",
    help="timm:NAME or torchvision:NAME, whose weights were fetched (see `weights fetch`).",
)
@click.option(
    "--ratings",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV with the columns user,photo,rating; photo is relative to --photos.",
)
@options.photo_folder
@click.option(
    "--side",
    type=click.IntRange(32, 4096),
    help="Long side in pixels it sees.  [default: the backbone's own]",
)
@click.option(
    "--maps", type=click.IntRange(1), default=1, show_default=True, help="How many maps, from the deepest on."
)
@click.option("--deviations", is_flag=True, help="Standard deviations of the maps beside their means.")
@click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The score's file."
)
@click.option("--licence", required=True, help="Of the result, written on its card.")
@click.option("--data", "data", multiple=True, help="A line of the card on the data; repeatable.")
@options.device
@options.seed
@options.overwrite
def command(
    backbone: str,
    ratings: Path,
    folder: Path,
    side: int | None,
    maps: int,
    deviations: bool,
    output: Path,
    licence: str,
    data: tuple[str, ...],
    device: str,
    seed: int,
    overwrite: bool,
) -> int:
    """Make a score of a backbone trained to recognise objects.

    Each photo is seen once; a linear head is fitted to the mean ratings. The rank correlation reported, and
    written on the card, is of photos whose themes (file names without number) neither the head nor the choice
    of its penalty had seen.

    \b
    retouch-aes weights fetch timm:tf_efficientnet_lite2
    retouch-aes train head --backbone timm:tf_efficientnet_lite2 --side 320 \\
        --ratings ratings.csv --photos rated/ --licence Apache-2.0 -o lite2.safetensors
    retouch-aes score holiday/ --model lite2.safetensors
    """
    from retouch_aes.cli import output_paths

    output_paths.check_weights(output, overwrite)

    from retouch_aes.datasets import RatingsCSV
    from retouch_aes.models import ModelCard, PooledScorer, save_model
    from retouch_aes.models.catalogue import card_of
    from retouch_aes.training.score.pooled_head import fit_pooled

    table = RatingsCSV(ratings, folder).read()
    model = PooledScorer.pretrained(backbone, side=side, maps=maps, deviations=deviations)
    with show.progress("seeing photos", len(table.photos)) as advance:
        found = fit_pooled(
            model,
            table,
            device=loading.pick_device(device),
            seed=seed,
            progress=lambda done, _: advance(done),
        )
    about = card_of(backbone)
    card = ModelCard(
        licence,
        f"`retouch-aes train head`, penalty {found.penalty:g}, on {about.provenance} under: {about.licence}",
        (*data, f"{found.photos} rated photos of {found.themes} themes"),
        {"rho with the mean rating, themes apart": found.rho},
    )
    save_model(output, model.cpu(), card, overwrite=overwrite)
    show.line(f"{output}: rho {found.rho:.3f} on themes apart, {found.photos} photos")
    return 0

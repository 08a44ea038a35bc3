"""`retouch-aes train kong`: Kong's network, whole, from rated photos."""

from pathlib import Path

import click

from retouch_aes.cli import datasets, loading, options, show
from retouch_aes.cli.train import networks
from retouch_aes.cli.train.progress import ProgressPrinter


@click.command()
@datasets.published
@datasets.table
@datasets.part
@click.option(
    "--model",
    "body",
    default="aesthetic-compact",
    show_default=True,
    metavar="NAME_OR_FILE",
    help="The network that is fine-tuned: a model with features, torchvision:alexnet as in the paper, or "
    "timm:NAME. The weights of the trunk of `aesthetic` stay as they are.",
)
@click.option(
    "--preset",
    type=click.Choice(["aadb", "ava"]),
    help="The paper's weights and margin.  [default: ava for AVA, else aadb]",
)
@click.option(
    "--contents",
    type=click.IntRange(0),
    default=10,
    show_default=True,
    help="Clusters of content; AVA's categories take their place.",
)
@click.option(
    "--regression-steps", type=click.IntRange(0), default=20000, show_default=True, help="Of the first stage."
)
@click.option(
    "--joint-steps",
    type=click.IntRange(0),
    default=20000,
    show_default=True,
    help="Of the second stage: regression, ranking and attributes.",
)
@click.option(
    "--crop",
    type=click.IntRange(32, 256),
    default=227,
    show_default=True,
    help="Pixels it sees, cut out of 256.",
)
@networks.file
@click.option(
    "--checkpoints",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder from which a stopped run goes on.  [default: beside the output]",
)
@options.device
@options.seed
@networks.licence
@options.overwrite
def command(
    published: datasets.Published,
    table: Path | None,
    folder: Path | None,
    part: str | None,
    body: str,
    preset: str | None,
    contents: int,
    regression_steps: int,
    joint_steps: int,
    crop: int,
    output: Path,
    checkpoints: Path | None,
    device: str,
    seed: int,
    licence: str,
    overwrite: bool,
) -> int:
    """Fine-tune a whole network as Kong et al. do.

    First by regression alone, then by regression, ranking within and across raters, and attributes or styles,
    with a branch for each content. The authors' training photos are learned from where a --dataset has such;
    rank correlation and accuracy on their test photos are told and written on the card. The result is a
    --model, and a --taste, of every command.

    \b
    retouch-aes train kong --dataset aadb AADB/ --model torchvision:alexnet --device cuda -o kong.safetensors
    retouch-aes train kong --dataset ava AVA/ -o kong-ava.safetensors
    retouch-aes score holiday/ --model kong.safetensors
    """
    from retouch_aes.cli import output_paths

    datasets.check_source(published, table, folder, None, part)
    output_paths.check_weights(output, overwrite)

    from retouch_aes.models import ModelCard, load_model, save_model
    from retouch_aes.models.catalogue import card_of
    from retouch_aes.papers.kong.on_dataset import train_on_dataset
    from retouch_aes.papers.kong.whole import KongTraining

    network = load_model(body).to(loading.pick_device(device))
    dataset = datasets.readable(datasets.read_rated(published, table, folder, part=part))
    kept = checkpoints or output.with_suffix(".checkpoints")
    kept.mkdir(parents=True, exist_ok=True)
    found = train_on_dataset(
        network,
        dataset,
        KongTraining(contents=contents, crop=crop).steps(regression_steps, joint_steps),
        preset=preset,
        seed=seed,
        folder=kept,
        progress=ProgressPrinter(),
    )
    about = card_of(body)
    card = ModelCard(
        licence,
        f"`retouch-aes train kong`, {regression_steps} and {joint_steps} steps, on {about.provenance} under: "
        f"{about.licence}",
        (f"{found.photos} rated photos of {dataset.name}",),
        found.metrics,
    )
    save_model(output, found.model.cpu(), card, overwrite=overwrite)
    told = "".join(f"{name} {value:.3f}, " for name, value in found.metrics.items())
    show.line(f"{output}: {told}{found.photos} photos")
    return 0

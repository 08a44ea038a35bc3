"""`retouch-aes train cfan`: who likes which photo, from reviews."""

from pathlib import Path

import click

from retouch_aes.cli import datasets, loading, options, show
from retouch_aes.cli.train import networks
from retouch_aes.cli.train.progress import ProgressPrinter
from retouch_aes.errors import UsageError


@click.command()
@datasets.published
@datasets.part
@click.option(
    "--model",
    "body",
    default="aesthetic",
    show_default=True,
    metavar="NAME_OR_FILE",
    help="The network whose last feature map is read: a model with maps, torchvision:vgg16 as in the paper, "
    "or timm:NAME.",
)
@click.option(
    "--preset",
    type=click.Choice(["small", "paper"]),
    default="small",
    show_default=True,
    help="paper: SGD at the paper's rate, weights from N(0, 1), kernels as large as maps; for 10^6 reviews.",
)
@click.option(
    "--whole", is_flag=True, help="Train the network that sees photos as well; they are read at every step."
)
@click.option("--no-review", is_flag=True, help="Without reading reviews: the ablation CFN, 3 tasks.")
@click.option("--steps", type=click.IntRange(1), help="Of the training.  [default: the preset's]")
@click.option(
    "--side",
    type=click.IntRange(64, 1024),
    default=320,
    show_default=True,
    help="Pixels to which photos are squashed; VGG16 then has maps of 10 x 10.",
)
@networks.file
@click.option(
    "--checkpoint",
    type=click.Path(dir_okay=False, path_type=Path),
    help="From which a stopped run goes on.  [default: beside the output]",
)
@options.device
@options.seed
@networks.licence
@options.overwrite
def command(
    published: datasets.Published,
    part: str | None,
    body: str,
    preset: str,
    whole: bool,
    no_review: bool,
    steps: int | None,
    side: int,
    output: Path,
    checkpoint: Path | None,
    device: str,
    seed: int,
    licence: str,
    overwrite: bool,
) -> int:
    """Train CFAN on all reviews of a dataset.

    `learn --method cfan --from FILE` then makes anybody one more user of it, from choices or ratings, and the
    taste drives `score` and `retouch`. How well it predicts is measured by `bench cfan`.

    \b
    retouch-aes train cfan --dataset review-ava AVA/ -o cfan.safetensors
    retouch-aes train cfan --dataset review-ava AVA/ --model torchvision:vgg16 --preset paper --whole \\
        --device cuda -o cfan.safetensors
    retouch-aes learn holiday/ --choices choices.jsonl --method cfan --from cfan.safetensors -o me.taste
    """
    from retouch_aes.cli import output_paths

    if published is None:
        raise click.UsageError("Missing --dataset NAME DIR, with reviews: review-ava.")
    output_paths.check_weights(output, overwrite)

    from dataclasses import replace

    from retouch_aes.models import ModelCard, load_model, save_model
    from retouch_aes.models.catalogue import card_of
    from retouch_aes.papers.cfan.training import PAPER, CFANSettings
    from retouch_aes.papers.cfan.whole import train_cfan

    network = load_model(body).to(loading.pick_device(device))
    dataset = datasets.load_published(published)
    dataset = datasets.readable(dataset if part is None else dataset.part(part))
    if dataset.reviews is None:
        raise UsageError(f"expected a dataset with reviews (review-ava), {dataset.name} has none")
    settings = replace(PAPER if preset == "paper" else CFANSettings(), review=not no_review)
    if steps is not None:
        settings = replace(settings, schedule=replace(settings.schedule, steps=steps))
    found = train_cfan(
        network,
        dataset.reviews,
        settings,
        side=side,
        whole=whole,
        seed=seed,
        checkpoint=checkpoint or output.with_suffix(".checkpoint"),
        progress=ProgressPrinter(),
    )
    about, reviews = card_of(body), dataset.reviews
    card = ModelCard(
        licence,
        f"`retouch-aes train cfan`, {settings.schedule.steps} steps, on {about.provenance} under: "
        f"{about.licence}",
        (f"{len(reviews)} reviews of {len(reviews.photos)} photos of {dataset.name}",),
    )
    save_model(output, found.cpu(), card, overwrite=overwrite)
    show.line(f"{output}: {len(reviews.users)} users, {len(reviews)} reviews")
    return 0

"""`retouch-aes train attributes`."""

from pathlib import Path

import click

from retouch_aes.cli import datasets, options, show
from retouch_aes.cli.train import networks


@click.command()
@click.option(
    "--dataset",
    "published",
    required=True,
    type=(str, click.Path(exists=True, file_okay=False, path_type=Path)),
    metavar="NAME DIR",
    help="The dataset with attributes to learn, such as aadb.",
)
@networks.backbone
@click.option(
    "--scores",
    type=(str, click.Path(exists=True, file_okay=False, path_type=Path)),
    metavar="NAME DIR",
    help="The dataset whose scores are learned beside, such as flickr-aes.  [default: those of --dataset]",
)
@networks.trait_steps
@networks.folder
@options.device
@options.seed
@networks.licence
def command(
    published: tuple[str, Path],
    backbone: str | None,
    scores: datasets.Published,
    trait_steps: int,
    output: Path,
    device: str,
    seed: int,
    licence: str,
) -> int:
    """Train a network that tells a photo's aesthetic attributes.

    After Ren et al. (ICCV 2017): the earlier layers stay as they are; a last shared layer and the heads learn
    ten attributes of AADB and the score together. With --scores content is learned too, as clusters of its
    photos. The rank correlation told is of the dataset's test photos.

    \b
    retouch-aes train attributes --dataset aadb AADB/ --backbone run/generic.safetensors -o run/
    """
    if backbone is None:
        raise click.UsageError("Missing option '--backbone'.")

    from dataclasses import asdict

    from retouch_aes.models import save_model
    from retouch_aes.papers.pam.networks import held_photos, train_traits_on
    from retouch_aes.papers.pam.training import TraitsSchedule

    described = datasets.read_rated(published, None, None)
    rated = None if scores is None else datasets.read_rated(scores, None, None)
    schedule = TraitsSchedule(steps=trait_steps, seed=seed)
    unreadable = datasets.Unreadable()
    generic, _ = networks.scorer(backbone)
    run = networks.run(
        output,
        device,
        unreadable,
        train="attributes",
        backbone=backbone,
        attributes=networks.identity(described),
        scores=networks.identity(rated),
        schedule=asdict(schedule),
    )
    model, rho = train_traits_on(generic, described, rated, schedule, run)
    held = held_photos(described, model, schedule.seed, run)
    unreadable.count()
    path = output / "attributes.safetensors"
    card = networks.card(licence, backbone, "trained by `retouch-aes train attributes`", [described, rated])
    save_model(path, model.cpu(), networks.with_metrics(card, rho))
    for line in networks.told(rho, held):
        show.line(line)
    show.line(str(path))
    return 0

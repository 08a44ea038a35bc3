"""`retouch-aes train pam`."""

from pathlib import Path

import click

from retouch_aes.cli import datasets, options, show
from retouch_aes.cli.train import networks


@click.command()
@datasets.published
@datasets.table
@networks.of_attributes
@networks.generic_options
@networks.trait_steps
@networks.folder
@options.device
@networks.amp
@options.seed
@networks.licence
def command(
    published: datasets.Published,
    table: Path | None,
    folder: Path | None,
    described: datasets.Published,
    backbone: str | None,
    preset: str,
    epochs: int | None,
    trait_steps: int,
    output: Path,
    device: str,
    amp: bool,
    seed: int,
    licence: str,
) -> int:
    """Train what PAM reads: generic score, attributes and content.

    After Ren et al. (ICCV 2017), on any backbone: the generic network on the dataset's mean ratings, the
    attribute network on AADB and those, the content network on clusters of the dataset's photos. Without
    --attributes there are none to learn, and methods measure stand-ins. A stopped run goes on.

    \b
    retouch-aes train pam --dataset flickr-aes FLICKR-AES/ --attributes aadb AADB/ \\
        --backbone torchvision:mobilenet_v2 -o run/
    retouch-aes bench piaa --dataset flickr-aes FLICKR-AES/ --backbone run/pam.safetensors
    """
    datasets.check_source(published, table, folder)
    if backbone is None:
        raise click.UsageError("Missing option '--backbone'.")

    from dataclasses import asdict

    from retouch_aes.models import load_model, save_model
    from retouch_aes.papers.pam.networks import held_photos, train_generic_on, train_traits_on
    from retouch_aes.papers.pam.training import TraitsSchedule

    rated = datasets.read_rated(published, table, folder)
    attributes = None if described is None else datasets.read_rated(described, None, None)
    plan = networks.schedule(preset, epochs, amp, seed)
    traits = TraitsSchedule(steps=trait_steps, seed=seed)
    unreadable = datasets.Unreadable()
    generic, known = networks.scorer(backbone)
    run = networks.run(
        output,
        device,
        unreadable,
        train="pam",
        backbone=backbone,
        scores=networks.identity(rated),
        attributes=networks.identity(attributes),
        schedule=asdict(plan),
        traits=asdict(traits),
    )
    first, card = (
        output / "generic.safetensors",
        networks.card(licence, backbone, "trained by `retouch-aes train pam`", [rated, attributes]),
    )
    if first.is_file() and not known:
        generic, known = networks.scorer(str(first))
    if not known:
        rho = train_generic_on(generic, rated, plan, run)
        save_model(first, generic.cpu(), networks.with_metrics(card, {"score": rho}))
        show.line(f"{first}: rho {rho:.3f} on photos kept back")
    model, found = train_traits_on(generic, attributes, rated, traits, run)
    held = 0 if attributes is None else held_photos(attributes, model, traits.seed, run)
    unreadable.count()
    path = output / "pam.safetensors"
    save_model(path, model.cpu(), networks.with_metrics(card, found))
    for line in networks.told(found, held):
        show.line(line)
    show.line(f"{load_model(path).fingerprint}  {path}")
    return 0

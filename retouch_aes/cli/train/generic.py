"""`retouch-aes train generic`: the aesthetic model and the edit prior, from ratings and photos."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from retouch_aes.cli import datasets, options, show
from retouch_aes.cli.train import networks
from retouch_aes.cli.train.progress import ProgressPrinter

if TYPE_CHECKING:
    from retouch_aes.datasets import RatedDataset
    from retouch_aes.models import ModelCard
    from retouch_aes.papers.pam.training import GenericSchedule


@click.command()
@datasets.published
@datasets.part
@datasets.table
@networks.generic_options
@click.option(
    "--unlabelled",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Folder of photos without ratings; may be given several times.",
)
@click.option(
    "--teacher",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="torchvision's mobilenet_v2 as safetensors: the backbone learns to see from it.",
)
@click.option(
    "--critic",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="NIMA on MobileNetV1 as safetensors: beside the teacher it tells how photos would be rated.",
)
@click.option(
    "--init",
    "begin",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Go on from this edit prior of ours instead of random weights, or from a score, then made alone.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for checkpoints and the trained files. A stopped run goes on from there.",
)
@click.option(
    "--apprentice-steps", type=click.IntRange(0), default=6000, show_default=True, help="Of the first stage."
)
@click.option(
    "--score-steps", type=click.IntRange(0), default=800, show_default=True, help="Of the second stage."
)
@click.option(
    "--prior-steps", type=click.IntRange(0), default=1500, show_default=True, help="Of the last stage."
)
@click.option(
    "--crops",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help="Of each photo, which the teacher is asked about before the first stage.",
)
@click.option("--side", type=click.IntRange(64, 512), default=192, show_default=True, help="Pixels it sees.")
@click.option(
    "--holdout",
    type=click.FloatRange(0.05, 0.9),
    default=0.25,
    show_default=True,
    help="Share of the themes (file names without number) kept for validation.",
)
@options.device
@click.option("--amp", is_flag=True, help="Mixed precision (bfloat16): faster on a GPU, slower on most CPUs.")
@options.seed
@click.option("--licence", default="Apache-2.0", show_default=True, help="Written on the model card.")
@click.option("--data", "data", multiple=True, help="A line of the model card on the data; repeatable.")
def command(
    published: datasets.Published,
    part: str | None,
    table: Path | None,
    folder: Path | None,
    backbone: str | None,
    preset: str,
    epochs: int | None,
    unlabelled: tuple[Path, ...],
    teacher: Path | None,
    critic: Path | None,
    begin: Path | None,
    output: Path,
    apprentice_steps: int,
    score_steps: int,
    prior_steps: int,
    crops: int,
    side: int,
    holdout: float,
    device: str,
    amp: bool,
    seed: int,
    licence: str,
    data: tuple[str, ...],
) -> int:
    """Train the aesthetic model and the edit prior, or with --backbone a score on any backbone.

    With --backbone: a regressor of mean ratings after Ren et al. (ICCV 2017), by --preset; the rank
    correlation told is of the dataset's test part, or of a tenth of the photos kept back.

    Without: stages, each with a checkpoint in the output folder: learn from the teacher to see, to judge
    and to restore; learn which photos people like and which edits must not win; learn to restore whole
    photos. Going on from a score, only the second is taken, and no edit prior is made. Everything is seeded.
    Measure the result with `bench generic --holdout` on the themes that were kept back.

    \b
    retouch-aes train generic --ratings ratings.csv --photos rated/ \\
        --unlabelled more/ --teacher mobilenet_v2_imagenet.safetensors -o run/
    retouch-aes train generic --dataset flickr-aes FLICKR-AES/ --backbone timm:inception_v3 --preset paper \\
        --device cuda --amp -o run/
    torchrun --nproc-per-node 4 -m retouch_aes.cli train generic --device cuda --amp ... (four GPUs)
    """
    datasets.check_source(published, table, folder, None, part)
    if backbone is not None:
        return _on_backbone(
            datasets.read_rated(published, table, folder, part=part),
            backbone,
            networks.schedule(preset, epochs, amp, seed),
            output,
            device,
            networks.card(licence, backbone, "trained by `retouch-aes train generic`", []),
        )

    from retouch_aes.optim.distributed import join_processes
    from retouch_aes.photo import find_photos
    from retouch_aes.training.generic import GenericTraining, TrainingSource, train_generic

    if critic and not teacher:
        raise click.UsageError("--critic gives its view beside a --teacher: name one, or leave it out")
    settings = GenericTraining(side=side, amp=amp, holdout=holdout, seed=seed)
    # What has learned already would forget at the pace of a fresh start.
    rate = 1.5e-3 if begin else settings.student.rate
    settings = replace(
        settings,
        plan=replace(settings.plan, crops=crops),
        student=replace(settings.student, steps=apprentice_steps, rate=rate, seed=seed),
        score=replace(settings.score, steps=score_steps, seed=seed),
        prior=replace(settings.prior, steps=prior_steps, seed=seed),
    )
    source = TrainingSource(
        ratings=datasets.read_rated(published, table, folder, part=part).single_ratings(),
        others=find_photos(unlabelled) if unlabelled else [],
        teacher=teacher,
        critic=critic,
        begin=begin,
        licence=licence,
        data=data,
        provenance="trained by `retouch-aes train generic`, "
        + (f"going on from {begin.name}" if begin else "from random weights"),
    )
    output.mkdir(parents=True, exist_ok=True)
    with join_processes(device) as own:
        paths = train_generic(source, output, settings, ProgressPrinter(), own)
    for path in paths:
        show.line(str(path))
    return 0


def _on_backbone(
    data: "RatedDataset",
    backbone: str,
    schedule: "GenericSchedule",
    output: Path,
    device: str,
    card: "ModelCard",
) -> int:
    """Ren et al.'s generic network."""
    from dataclasses import asdict, replace

    from retouch_aes.models import save_model
    from retouch_aes.papers.pam.networks import train_generic_on

    unreadable = datasets.Unreadable()
    model, _ = networks.scorer(backbone)
    settings = {"backbone": backbone, "data": networks.identity(data), "schedule": asdict(schedule)}
    run = networks.run(output, device, unreadable, train="generic", **settings)
    rho = train_generic_on(model, data, schedule, run)
    unreadable.count()
    path = output / "generic.safetensors"
    told = replace(card, data=(f"{data.name}, {len(data)} photos",), metrics={"rho on photos kept back": rho})
    save_model(path, model.cpu(), told)
    show.line(f"{path}: rho {rho:.3f} on photos kept back")
    return 0

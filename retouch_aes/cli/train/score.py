"""`retouch-aes train score`: the default score on a frozen trunk, from ratings, photos and NIMA."""

from dataclasses import replace
from pathlib import Path

import click

from retouch_aes.cli import options, show
from retouch_aes.cli.train.progress import ProgressPrinter
from retouch_aes.errors import UsageError


@click.command()
@click.option(
    "--ratings",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV with the columns user,photo,rating; photo is relative to --photos.",
)
@click.option(
    "--photos",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the rated photos.",
)
@click.option(
    "--unlabelled",
    required=True,
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Folder of photos without ratings; may be given several times.",
)
@click.option(
    "--critic",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="NIMA on MobileNetV1 as safetensors: its opinion is learned beside people's.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for what was seen and the trained file. A stopped run goes on from there.",
)
@click.option(
    "--trunk",
    default="lite2",
    show_default=True,
    metavar="NAME",
    help="What sees: lite0, lite1, lite2, or torchvision:NAME or timm:NAME once fetched (`weights fetch`).",
)
@click.option(
    "--adapters",
    type=click.IntRange(1, 64),
    metavar="RANK",
    help="Teach the trunk's last stages NIMA's opinion first, by low-rank adapters, which the file will hold;"
    " 16 is usual. With lite0, lite1 and lite2 only.",
)
@click.option(
    "--adapter-steps", type=click.IntRange(1), help="Of the adapters' training; 600 unless said otherwise."
)
@click.option("--nima", type=click.FloatRange(0), help="Weight of NIMA's opinion against people's.")
@click.option("--light", type=click.FloatRange(0), help="What faults of light count for.")
@click.option("--rounds", type=click.IntRange(0), default=0, show_default=True, help="Of adversaries.")
@click.option("--steps", type=click.IntRange(1), help="Of each network's fitting.")
@click.option("--heads", type=click.IntRange(1), help="How many heads are averaged.")
@click.option("--parts", type=click.IntRange(1), help="Learn from this many parts of 32 photos only.")
@options.seed
@click.option("--licence", default="Apache-2.0", show_default=True, help="Written on the model card.")
@click.option("--data", "data", multiple=True, help="A line of the model card on the data; repeatable.")
def command(
    ratings: Path,
    photos: Path,
    unlabelled: tuple[Path, ...],
    critic: Path,
    output: Path,
    trunk: str,
    adapters: int | None,
    adapter_steps: int | None,
    nima: float | None,
    light: float | None,
    rounds: int,
    steps: int | None,
    heads: int | None,
    parts: int | None,
    seed: int,
    licence: str,
    data: tuple[str, ...],
) -> int:
    """Train the default score: a head on a frozen ImageNet trunk.

    What the trunk sees of every photo and of its renditions is computed once and kept in the output folder;
    the head is fitted in minutes. With --adapters the trunk is taught before, on all photos without ratings.
    Measure it on themes that nothing was fitted on with `bench score-folds`.

    \b
    retouch-aes train score --ratings ratings.csv --photos rated/ \\
        --unlabelled more/ --critic nima_mobilenet_ava.safetensors -o run/
    """
    from retouch_aes.datasets import RatingsCSV
    from retouch_aes.models.trunks import trunk_version
    from retouch_aes.models.weights import ModelCard
    from retouch_aes.photo import find_photos
    from retouch_aes.training.score.adapters import AdapterTraining
    from retouch_aes.training.score.trunk_training import TrunkSource, TrunkTraining, train_score

    if adapter_steps is not None and adapters is None:
        raise UsageError("expected --adapters RANK beside --adapter-steps, got none")
    settings = TrunkTraining(trunk=trunk, rounds=rounds, seed=seed)
    if adapters is not None:
        taught = AdapterTraining(rank=adapters)
        schedule = replace(taught.schedule, steps=adapter_steps or taught.schedule.steps, seed=seed)
        settings = replace(settings, adapters=replace(taught, schedule=schedule))
    fitting = settings.fitting
    schedule = replace(fitting.schedule, steps=steps or fitting.schedule.steps, seed=seed)
    fitting = replace(fitting, schedule=schedule, heads=heads or fitting.heads)
    if nima is not None:
        fitting = replace(fitting, worth=replace(fitting.worth, nima=nima))
    lit = fitting.lit if light is None else replace(fitting.lit, worth=light)
    schedule = replace(lit.schedule, steps=steps or lit.schedule.steps, seed=seed)
    fitting = replace(fitting, lit=replace(lit, schedule=schedule))
    source = TrunkSource(RatingsCSV(ratings, photos).read(), find_photos(unlabelled), critic)
    option = "" if adapters is None else f" --adapters {adapters}"
    card = ModelCard(
        licence=licence,
        provenance=f"`retouch-aes train score{option}`, on {trunk_version(trunk)}, which is not inside",
        data=data,
    )
    path = train_score(
        source, output, replace(settings, fitting=fitting), card, ProgressPrinter(), parts=parts
    )
    show.line(str(path))
    return 0

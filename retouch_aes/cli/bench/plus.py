"""`retouch-aes bench plus`."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from retouch_aes.cli import loading, options, show
from retouch_aes.cli.bench import common
from retouch_aes.errors import UsageError

if TYPE_CHECKING:
    import torch

    from retouch_aes.bench.editing.plus import PlusNetwork


@click.command()
@options.photo_folder
@click.option(
    "--tests",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Well-made photos, none of them among --photos.",
)
@click.option(
    "--network",
    "names",
    multiple=True,
    required=True,
    metavar="NAME[,WEIGHTS]",
    help="A network, and the weights that it begins from. Repeatable.",
)
@click.option(
    "--scorer", "others", multiple=True, metavar="NAME_OR_FILE", help="A held-out score. Repeatable."
)
@click.option("--people", type=click.IntRange(0), default=4, show_default=True, help="Simulated people.")
@click.option("--answers", type=click.IntRange(1), default=60, show_default=True, help="Of each.")
@click.option("--train-steps", type=click.IntRange(1), default=150, show_default=True, help="Of a training.")
@click.option(
    "--rate", type=click.FloatRange(0, min_open=True), default=1e-3, show_default=True, help="Of learning."
)
@click.option("--batch", type=click.IntRange(1, 512), default=4, show_default=True, help="Photos a step.")
@click.option("--weight", type=click.FloatRange(0), default=0.1, show_default=True, help="Of the taste.")
@click.option("--fidelity", type=click.FloatRange(0), help="Its weight.  [default: by the network]")
@click.option(
    "--side", type=click.IntRange(64, 1024), default=128, show_default=True, help="Of crops and tests, px."
)
@click.option(
    "--gallery", type=click.Path(file_okay=False, path_type=Path), help="Save a contact sheet per network."
)
@options.editing_model
@options.device
@options.seed
@options.limit
@common.reported
def command(
    folder: Path,
    tests: Path,
    names: tuple[str, ...],
    others: tuple[str, ...],
    people: int,
    answers: int,
    train_steps: int,
    rate: float,
    batch: int,
    weight: float,
    fidelity: float | None,
    side: int,
    gallery: Path | None,
    model: str,
    device: str,
    seed: int,
    limit: int | None,
    overwrite: bool,
) -> common.Measured:
    """Train networks to tastes, and let people judge.

    From one start, with the same steps: without a taste, to the generic score, and to each simulated
    person's, learned from their answers. On unseen photos: the gains in that taste, in another taste of the
    same person that was learned apart, in their hidden utility, and in held-out scores. --limit is for the
    training photos.

    \b
    retouch-aes bench plus --photos train/ --tests kodak/ --network zero-dce++,Epoch99.pth \\
        --network lut3d,LUTs.pth --network aod-net,dehazer.pth --scorer held_out.safetensors --json plus.json
    """
    from retouch_aes.bench.editing.plus import PlusTraining, plus

    common.check_gallery(gallery, overwrite)
    candidate = common.Candidate.load(model, loading.NO_PRIOR, device)
    subjects = [_subject(text, weight, fidelity, candidate.device) for text in names]
    if len({subject.name for subject in subjects}) < len(subjects):
        raise UsageError("expected every --network once")
    scorers = {
        Path(name).stem: common.Candidate.load(name, loading.NO_PRIOR, device).score for name in others
    }
    photos, code = common.sound_photos(folder, limit)
    unseen, other_code = common.sound_photos(tests, None)
    with show.bar() as progress:
        report = plus(
            subjects,
            photos,
            unseen,
            candidate.model,
            scorers,
            people=people,
            answers=answers,
            settings=PlusTraining(train_steps, rate, batch, side),
            seed=seed,
            progress=progress,
            gallery_dir=gallery,
        )
    return common.Measured(report, candidate.made_by, max(code, other_code))


def _subject(text: str, weight: float, fidelity: float | None, device: "torch.device") -> "PlusNetwork":
    from retouch_aes.bench.editing.plus import PlusNetwork
    from retouch_aes.training.enhancer.degradations import DEGRADATIONS
    from retouch_aes.training.enhancer.presets import preset

    name, _, weights = text.partition(",")
    chosen = preset(name)
    begin = partial(loading.new_enhancer, chosen.name, Path(weights) if weights else None, device)
    begin()
    return PlusNetwork(chosen.name, begin, DEGRADATIONS[chosen.degradation], chosen.weights(weight, fidelity))

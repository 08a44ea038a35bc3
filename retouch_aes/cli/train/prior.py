"""`retouch-aes train prior`: the first guess of every slider, from photos alone."""

from collections.abc import Sequence
from pathlib import Path

import click

from retouch_aes.cli import loading, options, show
from retouch_aes.cli.train.progress import ProgressPrinter
from retouch_aes.errors import UsageError


@click.command()
@click.option(
    "--photos",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Well-made photos; no ratings are needed. Needed without --pairs. Repeatable.",
)
@click.option(
    "--finished",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Finished photos of difficult kinds (night, low key, fog), shown six times as often. Repeatable.",
)
@click.option(
    "--lacking-light",
    "lacking",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Photos that are too dark, or their subject is; they are shown lifted by rule. Repeatable.",
)
@click.option(
    "--sorted",
    "kinds",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help='JSON that sorts --photos by lists of names: "finished", "lacking light", "apart" (to be measured '
    'on) and "left out", as pretrained/edit-prior-photos.json.',
)
@click.option(
    "--pairs",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Your own edits: before/ and after/ with the same names, or NAME_before beside NAME_after (or as "
    "`bench expert` takes them). Useful from 10 on; a quarter is kept apart, and says when to stop.",
)
@click.option(
    "--prior", default=options.PRIOR, show_default=True, help="Whose backbone, and where it begins."
)
@click.option("--steps", type=click.IntRange(1), default=300, show_default=True, help="Of the head.")
@click.option(
    "--rate", type=click.FloatRange(0, min_open=True), default=5e-4, show_default=True, help="Learning rate."
)
@click.option(
    "--kept",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.2,
    show_default=True,
    help="Share of the weights that it began with, averaged with what was learned; with --pairs a half.",
)
@click.option(
    "--doubt",
    type=click.FloatRange(0),
    default=None,
    help="How far a guess is weakened where its spread is large: u^3 / (u^2 + (doubt spread)^2); as --prior.",
)
@click.option(
    "--most",
    type=click.IntRange(8),
    default=1200,
    show_default=True,
    help="Photos that are looked at; of more so many are drawn. Seeing one takes a third of a second.",
)
@click.option(
    "--seen",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder that keeps what was seen of the photos, for the next run: one with other "
    "--steps, --rate or --doubt begins where the head learns.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="A .safetensors file.",
)
@options.device
@options.seed
@click.option("--licence", default="not stated", show_default=True, help="Written on the model card.")
@click.option("--data", "data", multiple=True, help="A line of the model card on the data; repeatable.")
@options.overwrite
def command(
    photos: tuple[Path, ...],
    finished: tuple[Path, ...],
    lacking: tuple[Path, ...],
    kinds: Path | None,
    pairs: Path | None,
    prior: str,
    steps: int,
    rate: float,
    kept: float,
    doubt: float | None,
    most: int,
    seen: Path | None,
    output: Path,
    device: str,
    seed: int,
    licence: str,
    data: tuple[str, ...],
    overwrite: bool,
) -> int:
    """Train the edit prior's head.

    Each photo is seen as it is, with looks laid over it, taken back to before its development, with
    faults, and with too little light on its subject; the head learns to restore the last three and to leave
    the first two alone. It learns light on dark parts (fill_light), too, where --prior does not know it. With
    --pairs it also learns to do what you did, and is never written worse, on pairs kept apart, than it was
    before.

    \b
    retouch-aes train prior --photos holiday/ --finished best/ --seen seen/ -o mine.safetensors
    retouch-aes train prior --pairs edits/ -o mine.safetensors
    retouch-aes retouch photo.jpg --prior mine.safetensors
    """
    if not photos and pairs is None:
        raise click.UsageError("Give --photos, --pairs or both.")
    if output.suffix != ".safetensors":
        raise UsageError(f"{output}: expected a name that ends in .safetensors")
    from retouch_aes.cli import output_paths

    output_paths.check_free([output], overwrite)

    import torch

    from retouch_aes.datasets.pairs import edit_pairs
    from retouch_aes.models import ModelCard, save_model
    from retouch_aes.models.catalogue import find_weights
    from retouch_aes.models.edit_prior import load_prior
    from retouch_aes.models.weights import read_header
    from retouch_aes.photo import find_photos
    from retouch_aes.training.photo_pool import PhotoPool
    from retouch_aes.training.prior.edit_pairs import load_pairs
    from retouch_aes.training.prior.sorted_photos import sort_photos
    from retouch_aes.training.prior.train import AT_THE_START, PriorTraining, knowing_fill_light, train_prior

    where = loading.pick_device(device)
    torch.manual_seed(seed)
    network = knowing_fill_light(load_prior(prior)).to(where)
    network.doubt = network.doubt if doubt is None else doubt
    settings = PriorTraining(steps=steps, rate=rate, kept=kept, seed=seed, most=most)
    found = [find_photos(given) if given else [] for given in (photos, finished, lacking)]
    apart: Sequence[Path] = ()
    if kinds is not None:
        by_kind = sort_photos(found[0], kinds)
        apart = by_kind.apart
        found = [[*by_kind.plain], [*found[1], *by_kind.finished], [*found[2], *by_kind.lacking]]
    own = PhotoPool((), ())
    if pairs is not None:
        there, lonely = edit_pairs(pairs)
        own, problems = load_pairs(there, settings.long_side)
        for problem in (*lonely, *problems):
            show.line(f"left out: {problem}", err=True)
    left = train_prior(
        network,
        found[0],
        found[1],
        settings,
        lacking=found[2],
        apart=apart,
        pairs=own,
        folder=seen,
        progress=ProgressPrinter(),
    )
    if AT_THE_START in left:
        start, now = left.pop(AT_THE_START), left["pair"]
        unchanged = "" if now < start else ", so the head stays as it was"
        show.line(f"of the pairs kept apart it left {start:.3f} and leaves {now:.3f}{unchanged}", err=True)
    summary = ", ".join(f"{name} {value:.3f}" for name, value in left.items())
    looked = sum(map(len, found[1:])) + min(most, len(found[0]))
    learned = f"{looked} photos" + f" and {len(own)} pairs" * bool(len(own))
    began = read_header(find_weights(prior)).sha256[:12]
    made = f"`retouch-aes train prior` on {learned}, seed {seed}, going on from {began}"
    save_model(output, network.cpu(), ModelCard(licence, made, data), dtype="float16")
    show.line(f"left of the distance (as it is, look: moved): {summary}", err=True)
    show.line(str(output))
    return 0

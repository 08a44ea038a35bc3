"""`retouch-aes bench cfan`."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from retouch_aes.cli import datasets, loading, options, show
from retouch_aes.cli.bench import common, people

if TYPE_CHECKING:
    from retouch_aes.bench.papers.planted_reviews import ReviewedMaps


@click.command()
@click.option(
    "--reviews",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="AVA's folder with reviews.csv (user,photo,review). Default: a made-up world of planted tastes.",
)
@datasets.published
@datasets.missing_allowed
@click.option(
    "--backbone",
    default="aesthetic",
    show_default=True,
    metavar="NAME_OR_FILE",
    help="Whose feature maps, with --reviews: a model with a backbone, torchvision:NAME or timm:NAME, or a "
    "file of MobileNetV2.",
)
@options.device
@click.option("--seeds", type=click.IntRange(1), default=3, show_default=True, help="Splits and trainings.")
@click.option(
    "--steps", type=click.IntRange(1), help="Of each CFAN's training.  [default: the settings' own]"
)
@click.option(
    "--preset",
    type=click.Choice(["small", "paper"]),
    default="small",
    show_default=True,
    help="paper: SGD at the paper's rate, weights from N(0, 1), kernels as large as maps; for 10^6 reviews.",
)
@click.option("--figures", is_flag=True, help="The paper's figures 7 (tags) and 9 (fewer reviews) as well.")
@click.option(
    "--side",
    type=click.IntRange(64, 1024),
    default=320,
    show_default=True,
    help="Pixels at which photos are seen; VGG16 then has maps of 10 x 10.",
)
@common.reported
@people.kept
def command(
    folder: Path | None,
    published: datasets.Published,
    missing_allowed: bool,  # noqa: ARG001 - kept for old scripts
    backbone: str,
    device: str,
    seeds: int,
    steps: int | None,
    preset: str,
    figures: bool,
    side: int,
    output: Path | None,
    overwrite: bool,
) -> common.Measured:
    """Compare CFAN, its ablations, BPR and VBPR.

    AUC per user: who thinks which photo good? On photos kept back whole, and on known ones; and as the paper
    has it, over all users, by tag.

    \b
    retouch-aes bench cfan --json cfan.json
    retouch-aes bench cfan --reviews AVA_dataset/ --backbone mobilenet_v2.safetensors
    retouch-aes bench cfan --dataset review-ava AVA/ --figures -o cfan.jsonl
    retouch-aes bench cfan --dataset review-ava AVA/ --backbone torchvision:vgg16 --preset paper --device cuda
    """
    from dataclasses import replace

    from retouch_aes.bench.common.resumable import ResumableResults
    from retouch_aes.bench.papers.cfan import cfan
    from retouch_aes.bench.papers.planted_reviews import ReviewedMaps, planted_reviews
    from retouch_aes.papers.cfan.training import PAPER, CFANSettings

    made_by = {"data": "planted tastes"}
    world: Callable[[int], ReviewedMaps] = planted_reviews
    title = "planted tastes"
    if folder is not None and published is not None:
        raise click.UsageError("--dataset stands for --reviews: give one or the other.")
    if folder is not None:
        published = ("review-ava", folder)
    if published is not None:
        real, made_by = _read(published, backbone, device, side)
        world, title = (lambda _: real), published[1].name
    chosen = PAPER if preset == "paper" else CFANSettings()
    if steps is not None:
        chosen = replace(chosen, schedule=replace(chosen.schedule, steps=steps))
    what = {"bench": "cfan", **made_by, "preset": preset, "steps": chosen.schedule.steps, "side": side}
    kept = ResumableResults(output, what, overwrite=overwrite)
    with show.bar() as progress:
        report = cfan(
            world,
            seeds=seeds,
            settings=chosen,
            title=title,
            figures=figures,
            device=loading.pick_device(device),
            kept=kept,
            progress=progress,
        )
    return common.Measured(report, made_by)


def _read(
    published: tuple[str, Path], name: str, device: str, side: int
) -> "tuple[ReviewedMaps, dict[str, str]]":
    from retouch_aes.bench.papers.planted_reviews import ReviewedMaps
    from retouch_aes.errors import UsageError
    from retouch_aes.papers.personal.study_backbone import StudyBackbone
    from retouch_aes.papers.stored_maps import StoredMaps
    from retouch_aes.user_cache import user_cache

    backbone, unreadable = StudyBackbone.load(name, loading.pick_device(device)), datasets.Unreadable()
    dataset = datasets.load_published(published)
    datasets.tell_skipped(dataset)
    reviews = dataset.reviews
    if reviews is None:
        raise UsageError(f"expected a dataset with reviews (review-ava), {dataset.name} has none")
    maps = StoredMaps(user_cache("maps"))
    with show.bar() as progress:
        seen = backbone.see(
            reviews.photos,
            None,
            map_side=side,
            each_maps=lambda levels: maps.append(levels[-1]),
            progress=progress,
            failed=unreadable,
        )
    sound = seen.readable()
    if not sound.all():
        unreadable.count()
        reviews = reviews.subset([p for p, kept in zip(reviews.photos, sound, strict=True) if kept])
    if reviews is None:
        raise UsageError(f"expected reviews of photos that can be read, {dataset.name} has none")
    made_by = {
        "data": show.name(published[1]),
        "backbone": backbone.name,
        "fingerprint": backbone.fingerprint,
    }
    return ReviewedMaps(reviews, maps, None), made_by

"""`retouch-aes apply`: an edit found before, on other photos or again."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from retouch_aes.cli import edit_files, finishing, loading, masks, options, result_names, show
from retouch_aes.cli.run_jobs import Record, failed, run_jobs

if TYPE_CHECKING:
    from torch import Tensor

    from retouch_aes.cli.output_paths import OutputJob
    from retouch_aes.operators import Recipe


@click.command()
@options.recipe_argument
@options.photos
@options.output
@options.strength
@masks.choice
@options.taste
@click.option(
    "--model",
    metavar="NAME_OR_FILE",
    help="Show this score before and after.  [with --taste: that of the taste]",
)
@options.ignored_prior
@options.device
@options.recipe_proxy
@edit_files.choices
@finishing.choices
@result_names.choices
@options.seed
@options.pairs
@options.quality
@options.json
@options.overwrite
def command(
    recipe: Path,
    paths: tuple[Path, ...],
    output: Path | None,
    strength: float,
    mask: tuple[masks.Bound, ...],
    taste: Path | None,
    model: str | None,
    device: str,
    proxy: int | None,
    sidecars: tuple[str, ...],
    lut: Path | None,
    resize: int | None,
    keep_time: bool,
    copy_sidecars: bool,
    result_format: str | None,
    name_template: str | None,
    dry_run: bool,
    seed: int,
    pairs: str,
    quality: int,
    json: str | None,
    overwrite: bool,
) -> int:
    """Apply a saved edit to photos, at full size.

    RECIPE is a file saved by `retouch-aes retouch --recipe`; it says on how small a copy its operators
    measure. No model is needed; with --taste or --model the score is shown before and after.

    \b
    retouch-aes apply edit.json photo.jpg -o again.jpg
    retouch-aes apply edit.json series/ -o series_edited/ --strength 0.5
    retouch-aes apply edit.json series/ -o series_edited/ --taste me.taste
    retouch-aes apply darker.json photo.jpg --mask linear:zero_y=0.4
    retouch-aes apply edit.json photo.jpg --mask "exposure=not luminance:high=30"
    """
    from retouch_aes.cli import output_paths
    from retouch_aes.photo import Prefetcher, write

    found = output_paths.without_results(output_paths.find(paths, pairs=pairs), paths, output)
    names = result_names.result_names(result_format, name_template, taste)
    jobs = output_paths.plan(found, output, overwrite=overwrite, reports=show.files(json), names=names)
    if dry_run:
        return result_names.told((job.photo, job.output) for job in jobs)
    extra = edit_files.plan(((job.photo, job.output) for job in jobs), sidecars, lut, overwrite)
    photos = Prefetcher(job.photo for job in jobs)  # the first one while PyTorch is imported

    from retouch_aes.editing.framed import framed
    from retouch_aes.editing.render import PROXY, develop
    from retouch_aes.operators import installed, read_recipe

    edit = masks.bind(read_recipe(recipe, installed()).scaled(strength), mask)
    side = proxy or edit.proxy or PROXY
    photos.small_copies_too(side)
    finished = finishing.finishing(resize, keep_time, copy_sidecars)
    scores = None
    if taste is not None or model is not None:
        scores = _scores(taste, model or "aesthetic-compact", device)

    def one(job: "OutputJob") -> Record:
        whole = next(photos)
        photo = framed(whole, edit.framing)
        small = photo.proxy(side)
        told: Record = {}
        text = ""
        if scores is not None:
            before, after = scores(small, edit.unframed())
            told = {"score_before": before, "score_after": after}
            text = f": score {before:.2f} -> {after:.2f}"
        edited = develop(photo, edit.unframed(), small=small)
        write(finished.photo(edited), job.output, quality=quality, overwrite=overwrite, seed=seed)
        finishing.finish(finished, job.photo, job.output, overwrite=overwrite)
        files = extra.write(show.name(job.photo), edit, size=(whole.height, whole.width), overwrite=overwrite)
        show.line(f"{show.shown(job.photo)}{text} -> {show.shown(job.output)}", err=json == options.STDOUT)
        return {"output": show.name(job.output), **told, **files, **show.warned(photo)}

    records = run_jobs("applying", jobs, lambda job: job.photo, one)
    show.report_json(records, json, overwrite=overwrite)
    return failed(records)


def _scores(taste: Path | None, model: str, device: str) -> "Callable[[Tensor, Recipe], tuple[float, float]]":
    """What tells the score of a small copy `(1, 3, H, W)` as it is and with a recipe."""
    return loading.retoucher(model, taste, loading.NO_PRIOR, None, loading.pick_device(device)).scores

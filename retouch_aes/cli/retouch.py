"""`retouch-aes retouch`: photos in, better photos out."""

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from retouch_aes.cli import edit_files, finishing, framing, loading, options, result_names, show
from retouch_aes.cli.optional_value import OptionalValue
from retouch_aes.cli.run_jobs import Record, failed, run_jobs

BESIDE = "-"

if TYPE_CHECKING:
    from retouch_aes.cli.output_paths import OutputJob
    from retouch_aes.export.finishing import Finishing
    from retouch_aes.photo import Prefetcher
    from retouch_aes.pipeline import Retoucher


@click.command()
@options.photos
@options.output
@options.operators
@options.keep
@options.strength
@options.levels
@options.editing_model
@options.taste
@options.look
@framing.choices
@options.prior
@options.fast
@click.option(
    "--recipe",
    "recipes",
    type=click.Path(path_type=Path),
    metavar="FILE_OR_DIR",
    help="Save the edit, to be used again with `retouch-aes apply`.",
)
@click.option(
    "--compare",
    cls=OptionalValue,
    flag_value=BESIDE,
    metavar="[FILE_OR_DIR]",
    help="Save before and after side by side (last on the line: as NAME_compare.jpg beside the result).",
)
@click.option(
    "--certificate",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Also say what each edit did, as .json or .html: scores of several judges, distance, clipping.",
)
@edit_files.choices
@finishing.choices
@result_names.choices
@options.device
@options.seed
@options.steps
@options.proxy
@options.pairs
@options.quality
@options.json
@options.overwrite
def command(
    paths: tuple[Path, ...],
    output: Path | None,
    operators: list[str] | None,
    keep: list[str] | None,
    strength: float,
    levels: bool | None,
    model: str,
    taste: Path | None,
    look: str | None,
    straighten: float | str | None,
    crop: framing.Edges | str | None,
    crop_ratio: float | None,
    prior: str,
    fast: str | None,
    recipes: Path | None,
    compare: str | None,
    certificate: Path | None,
    sidecars: tuple[str, ...],
    lut: Path | None,
    resize: int | None,
    keep_time: bool,
    copy_sidecars: bool,
    result_format: str | None,
    name_template: str | None,
    dry_run: bool,
    device: str,
    seed: int,
    steps: int | None,
    proxy: int,
    pairs: str,
    quality: int,
    json: str | None,
    overwrite: bool,
) -> int:
    """Find and apply the edit that the score likes.

    It is sought on a small copy and applied at full size. Folders are walked. The result is NAME_retouched
    beside the photo, or goes where -o says. A photo that would gain nothing is left alone: its pixels are
    written as they are.

    \b
    retouch-aes retouch photo.jpg
    retouch-aes retouch photo.jpg -o better.jpg --recipe edit.json --compare before_after.jpg
    retouch-aes retouch holiday/ -o better/ --strength 0.7
    retouch-aes retouch holiday/ -o better/ --taste me.taste
    retouch-aes retouch holiday/ -o better/ --taste me.taste --fast me.fast.safetensors
    retouch-aes retouch *.NEF --operators exposure,tones,white_balance -o out/
    retouch-aes retouch holiday/ -o better/ --keep saturation,vibrance
    retouch-aes retouch holiday/ -o better/ --json report.json
    retouch-aes retouch photo.jpg --sidecar pp3 --lut look.cube
    retouch-aes retouch photo.jpg --taste me.taste --certificate why.html
    retouch-aes retouch holiday/ -o better/ --look wedding
    retouch-aes retouch sea.jpg --crop-ratio 3:2 --straighten -o level.jpg
    """
    from retouch_aes.cli import output_paths
    from retouch_aes.photo import Prefetcher

    if certificate is not None:
        from retouch_aes.export.certificates import check_certificate_file

        check_certificate_file(certificate)
    reports = show.files(json, certificate)
    found = output_paths.without_results(output_paths.find(paths, pairs=pairs), paths, output)
    jobs = output_paths.plan(
        found,
        output,
        recipe=recipes,
        compare=compare,
        overwrite=overwrite,
        reports=reports,
        names=result_names.result_names(result_format, name_template, taste),
    )
    if dry_run:
        return result_names.told((job.photo, job.output) for job in jobs)
    extra = edit_files.plan(((job.photo, job.output) for job in jobs), sidecars, lut, overwrite)
    photos = Prefetcher(job.photo for job in jobs)  # the first one while PyTorch is imported
    photos.small_copies_too(proxy)

    from retouch_aes.editing.solve import RetouchSettings

    taste, over = loading.look(look, taste)
    fill = loading.may_fill_light(operators, keep)
    operators = loading.without_kept(operators, keep, taste)
    where = loading.pick_device(device)
    settings = RetouchSettings(
        proxy=proxy, solver=loading.solver(steps, fast), strength=strength, seed=seed, levels=levels
    )
    frame = framing.choice(straighten, crop, crop_ratio)
    retoucher = loading.retoucher(
        model,
        taste,
        prior,
        fast,
        where,
        operators=operators,
        look=over,
        framing=frame,
        denoise=loading.may_denoise(keep),
        light=fill,
        settings=settings,
    )
    finished = finishing.finishing(resize, keep_time, copy_sidecars)
    writing = _Writing(
        quality, overwrite, seed, json == options.STDOUT, certificate is not None, extra, finished
    )
    records = run_jobs(
        "retouching", jobs, lambda job: job.photo, lambda job: _one(job, photos, retoucher, writing)
    )
    show.report_json(records, json, overwrite=overwrite)
    if certificate is not None:
        from retouch_aes.export.certificates import write_certificates

        write_certificates(records, certificate, overwrite=overwrite)
    counts = Counter(record.get("outcome", "failed") for record in records)
    if records[1:]:
        show.line(", ".join(f"{count} {outcome}" for outcome, count in counts.items()), err=True)
    return failed(records)


@dataclass(frozen=True)
class _Writing:
    """How results are written and told."""

    quality: int
    overwrite: bool
    seed: int
    to_stderr: bool
    certify: bool
    edit_files: edit_files.EditFilePlan
    finishing: "Finishing"


def _one(job: "OutputJob", photos: "Prefetcher", retoucher: "Retoucher", writing: _Writing) -> Record:
    from retouch_aes.export.comparison import save_comparison
    from retouch_aes.operators.describe import main_edits
    from retouch_aes.photo import write

    began = time.monotonic()
    photo = next(photos)
    done = retoucher(photo)
    edited, found = done.photo, done.solution
    result = writing.finishing.photo(edited)
    write(result, job.output, quality=writing.quality, overwrite=writing.overwrite, seed=writing.seed)
    finishing.finish(writing.finishing, job.photo, job.output, overwrite=writing.overwrite)
    if job.recipe is not None:
        found.recipe.effective().save(job.recipe, overwrite=writing.overwrite)
    before, after = found.score_before, found.score_after
    if job.compare is not None:
        labels = (f"before {before:.2f}", f"after {after:.2f}")
        save_comparison(job.compare, (photo, edited), labels, overwrite=writing.overwrite)
    extra = writing.edit_files.write(
        show.name(job.photo),
        found.recipe,
        size=(photo.height, photo.width),
        overwrite=writing.overwrite,
    )
    if writing.certify:
        from retouch_aes.pipeline import certify

        extra = {**extra, "certificate": certify(retoucher, photo, found.recipe).to_json()}
    edits = main_edits(found.recipe)
    why = f" ({found.reason})" if found.reason else ""
    text = f"{show.shown(job.photo)}: {found.outcome}{why}, score {before:.2f} -> {after:.2f}"
    show.line(f"{text}{edits and f' ({edits})'} -> {show.shown(job.output)}", err=writing.to_stderr)
    return {
        "output": show.name(job.output),
        "outcome": found.outcome,
        "reason": found.reason,
        "score_before": before,
        "score_after": after,
        "difference": found.difference,
        "recipe": found.recipe.effective().to_json(),
        "fingerprint": retoucher.fingerprint,
        **extra,
        "seconds": round(time.monotonic() - began, 3),
        **show.warned(photo),
    }

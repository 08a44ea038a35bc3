"""`retouch-aes bench gallery`."""

from pathlib import Path

import click

from retouch_aes.cli import loading, options
from retouch_aes.cli.bench import common
from retouch_aes.cli.run_jobs import Record, failed, run_jobs
from retouch_aes.errors import RetouchError


@click.command()
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="SHEET.html",
    help="The page; its full-size pictures go into SHEET_files beside it.",
)
@click.option(
    "--tally",
    "tallies",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE.json",
    help="Instead: print what was judged, by kind, from a file that the page downloads. May be given again.",
)
@options.taste
@options.editing_model
@options.prior
@options.device
@options.steps
@options.levels
@options.seed
@options.proxy
@options.limit
@common.reported
def command(
    folder: Path | None,
    output: Path | None,
    tallies: tuple[Path, ...],
    taste: Path | None,
    model: str,
    prior: str,
    device: str,
    steps: int | None,
    levels: bool | None,
    seed: int,
    proxy: int,
    limit: int | None,
    overwrite: bool,
) -> common.Measured:
    """Lay out a sheet of the photos in FOLDER, to be judged blind.

    Each photo stands beside our retouch, the personal one with --taste, Pillow's autocontrast with the tone
    kept, RawTherapee's auto exposure, and of camera RAW darktable's default, where those programs are
    installed. On the page, "Judge blind" shows two at a time in random order: 1 left is better, 2 same,
    3 right. The folder that a photo lies in is its kind.

    \b
    retouch-aes bench gallery photos/ --taste me.taste -o sheet.html
    retouch-aes bench gallery --tally tally.json
    """
    from retouch_aes.bench.editing.gallery_report import read_tally

    if tallies and (folder is not None or output is not None):
        raise click.UsageError("--tally FILE.json prints what was judged; give it without FOLDER and -o.")
    if tallies:
        return common.Measured(read_tally(tallies))
    if folder is None or output is None:
        raise click.UsageError("Give a folder of photos and -o SHEET.html, or --tally FILE.json.")
    if output.suffix.lower() not in (".html", ".htm"):
        raise click.BadParameter(f"{output} does not end in .html.", param_hint="--output")
    from retouch_aes.bench.editing.gallery import files_of, gallery_row, write_gallery
    from retouch_aes.bench.editing.gallery_methods import gallery_methods
    from retouch_aes.cli import output_paths
    from retouch_aes.editing.solve import RetouchSettings

    output_paths.check_free([output], overwrite)
    common.check_gallery(files_of(output), overwrite)
    found = output_paths.find([folder])
    made_before = files_of(output).resolve()
    jobs = [job for job in found if made_before not in job.path.resolve().parents][:limit]
    where = loading.pick_device(device)
    settings = RetouchSettings(proxy=proxy, solver=loading.solver(steps), seed=seed, levels=levels)
    generic = loading.retoucher(model, None, prior, None, where, settings=settings)
    personal = (
        None if taste is None else loading.retoucher(model, taste, prior, None, where, settings=settings)
    )
    methods, rows = gallery_methods(generic, personal), []

    def laid_out(number: int) -> Record:
        rows.append(gallery_row(jobs[number].path, jobs[number].relative, number, methods, output))
        return {}

    records = run_jobs("gallery", range(len(jobs)), lambda number: jobs[number].path, laid_out)
    if not rows:
        raise RetouchError(f"{folder}: no photo could be laid out; {output} was not written")
    report = write_gallery(
        rows, output, list(methods), seed=seed, title=f"Gallery of {folder.name}", overwrite=overwrite
    )
    made_by = {"model": model, "prior": prior, "fingerprint": generic.fingerprint}
    return common.Measured(report, made_by, failed(records))

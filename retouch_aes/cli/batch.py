"""`retouch-aes batch`: a library of photos, overnight."""

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from retouch_aes.cli import (
    addresses,
    batch_jobs,
    edit_files,
    executing,
    finishing,
    framing,
    loading,
    local_paths,
    options,
    result_names,
    show,
    watching,
)
from retouch_aes.cli.batch_places import BESIDE, BatchPlaces
from retouch_aes.cli.batch_progress import BatchProgress
from retouch_aes.cli.optional_value import OptionalValue
from retouch_aes.cli.run_jobs import Record, failed
from retouch_aes.errors import RetouchError

if TYPE_CHECKING:
    from retouch_aes.batch import BatchItem, Manifest


@click.command()
@click.argument("source", metavar="IN", type=addresses.PathOrAddress(exists=True, file_okay=False))
@click.argument("target", metavar="OUT", type=addresses.PathOrAddress(file_okay=False))
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
    "--group",
    cls=OptionalValue,
    flag_value="60",
    type=click.FloatRange(0),
    metavar="[SECONDS]",
    help="Give photos taken that soon after one another one shared edit.  [60 if no number is given]",
)
@click.option(
    "--recipes",
    callback=local_paths.not_an_address,
    metavar="DIR|beside",
    help="Save the edits there, or beside the results.",
)
@click.option(
    "--compare",
    cls=OptionalValue,
    flag_value=BESIDE,
    callback=local_paths.not_an_address,
    metavar="[DIR|beside]",
    help="Save before and after side by side there, or as NAME_compare.jpg beside the results.",
)
@click.option(
    "--watch",
    is_flag=True,
    help="Do not end: photos that come into IN are done as soon as they are whole, until Ctrl-C.",
)
@edit_files.choices
@finishing.choices
@result_names.choices
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.html",
    help="One page over the run: before and after, scores, recipes, sorted by change.",
)
@click.option("--workers", type=click.IntRange(1, 1024), help="Photos at a time.  [default: what fits]")
@click.option(
    "--at-once",
    type=click.IntRange(1, 1024),
    metavar="N",
    help="Photos that a worker looks at together, which a GPU needs.  [default: 32 with CUDA, else 1]",
)
@click.option("--max-memory", type=click.FloatRange(0), metavar="GB", help="For all workers together.")
@click.option(
    "--time-limit",
    type=click.FloatRange(0, min_open=True),
    default=300.0,
    show_default=True,
    help="Seconds a photo (or group) may take.",
)
@executing.engine
@options.device
@options.seed
@options.steps
@options.proxy
@options.pairs
@options.quality
@options.json
@options.overwrite
def command(
    source: Path | str,
    target: Path | str,
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
    group: float | None,
    recipes: str | None,
    compare: str | None,
    watch: bool,
    sidecars: tuple[str, ...],
    lut: Path | None,
    resize: int | None,
    keep_time: bool,
    copy_sidecars: bool,
    result_format: str | None,
    name_template: str | None,
    dry_run: bool,
    report: Path | None,
    workers: int | None,
    at_once: int | None,
    max_memory: float | None,
    time_limit: float,
    engine: str,
    ray_address: str | None,
    device: str,
    seed: int,
    steps: int | None,
    proxy: int,
    pairs: str,
    quality: int,
    json: str | None,
    overwrite: bool,
) -> int:
    """Retouch all photos of a folder into another; both may be addresses, such as s3://bucket/photos.

    The tree of IN is kept in OUT. Run it again and it goes on where it ended: a photo that was done with
    these settings and this taste, and has not changed since, is not done again; one that was done with
    others stays as it is, and is reported, without --overwrite. A bad photo is reported and skipped. The run
    may be stopped at any time.

    \b
    retouch-aes batch holiday/ better/
    retouch-aes batch archive/ done/ --fast --recipes beside --workers 2
    retouch-aes batch wedding/ done/ --group --strength 0.7 --json night.json
    retouch-aes batch archive/ mine/ --taste me.taste --report mine.html
    retouch-aes batch archive/ done/ --fast --compare sheets/
    retouch-aes batch tethered/ done/ --fast --watch
    retouch-aes batch s3://studio/2026 s3://studio/done --fast
    """
    from retouch_aes.batch import BatchRun, RetouchWorker
    from retouch_aes.batch.manifest import NAME
    from retouch_aes.cli import output_paths
    from retouch_aes.devices import at_once_on, pick_device
    from retouch_aes.editing.solve import RetouchSettings
    from retouch_aes.pipeline import Retoucher, RetoucherSpec

    taste, over = loading.look_file(look, taste)
    fill = loading.may_fill_light(operators, keep)
    chosen = loading.without_kept(operators, keep, taste)
    names = result_names.result_names(result_format, name_template, taste)
    if watch:
        watching.check(engine, group, lut, names)
    remote = addresses.RemoteFolders()
    remote.refuse(
        (source, target),
        {
            "--group": group is not None,
            "--watch": watch,
            "--report": report,
            "--keep-time": keep_time,
            "--copy-sidecars": copy_sidecars,
            "{date} in --name": names.template is not None and "date" in names.template.fields,
        },
    )
    source, target = remote.source(source), remote.target(target)
    if not dry_run:
        target.mkdir(parents=True, exist_ok=True)
    places = BatchPlaces(source, target, recipes, compare, pairs, names)
    output_paths.check_free(show.files(json, report), overwrite)
    items = places.items(places.photos(waiting=watch), show.files(json, report))
    if dry_run:
        return result_names.told((item.photo, item.output) for item in items)

    def sidecar_plan(of: "Iterable[BatchItem]") -> edit_files.EditFilePlan:
        jobs = [(item.photo, item.output) for item in of]
        return edit_files.plan(jobs, sidecars, lut, overwrite=True, below=target)

    extra = sidecar_plan(items)
    at_once = at_once or at_once_on(pick_device(device))
    limit = time_limit if watch or group is not None else time_limit * max(1, at_once / 4)
    executor = batch_jobs.executor(engine, workers, max_memory, limit, ray_address)
    settings = RetouchSettings(
        proxy=proxy, solver=loading.solver(steps, fast), strength=strength, seed=seed, levels=levels
    )
    spec = RetoucherSpec(
        model=model,
        taste=None if taste is None else str(taste.absolute()),
        prior=None if prior == loading.NO_PRIOR else prior,
        fast=fast if fast is None or fast == options.PRIOR else str(Path(fast).absolute()),
        operators=None if chosen is None else tuple(chosen),
        look=over,
        framing=framing.choice(straighten, crop, crop_ratio),
        denoise=loading.may_denoise(keep),
        light=fill,
        settings=settings,
        device=device,
        at_once=at_once,
    )
    if taste is not None or spec.one_pass is not None or levels:  # before any work: do they fit?
        Retoucher.of(replace(spec, device="cpu"))
    finish = finishing.finishing(resize, keep_time, copy_sidecars)
    work = RetouchWorker(spec, quality, finish, shared=group is not None)
    signature = f"{work.signature}{'' if group is None else f' group {group:g}'}"
    output_paths.check_free([target / NAME], overwrite=True)
    edits = _edit_files(extra, remote)
    telling = BatchProgress(None if watch else len(items), err=json == options.STDOUT)
    with _manifest(target / NAME, signature, remote) as manifest:
        night = BatchRun(remote.executor(executor, manifest), work, manifest, overwrite)
        if watch:
            rounds = watching.rounds(lambda: places.photos(waiting=True), places.items)
            records = watching.run(night, rounds, telling, lambda new: extra.add(sidecar_plan(new)), edits)
        else:
            with closing(telling.told(night.run(batch_jobs.jobs(items, group, at_once)))) as running:
                every = (record | edits(record) for record in running)
                reported = json is not None or report is not None  # else only what went wrong is kept
                records = [record for record in every if reported or "error" in record]
    telling.end()
    records.sort(key=lambda record: record["path"])
    show.report_json(records, json, overwrite=overwrite)
    if report is not None:
        from retouch_aes.cli.report import write_report

        write_report(records, report, title=f"{source.name} retouched", overwrite=overwrite)
        show.line(f"report: {report}", err=json == options.STDOUT)
    return failed(records)


def _manifest(path: Path, signature: str, remote: addresses.RemoteFolders) -> "Manifest":
    if remote:
        from retouch_aes.batch.remote import RemoteManifest

        return RemoteManifest(path, signature, remote.stamps(), remote.store(path.parent))
    from retouch_aes.batch import Manifest

    return Manifest(path, signature)


def _edit_files(
    extra: edit_files.EditFilePlan, remote: addresses.RemoteFolders
) -> Callable[[Record], Record]:
    """What writes the sidecars of a photo that was done now; those of one done before lie there already."""

    def written(record: Record) -> Record:
        recipe = record.get("recipe")
        if recipe is None or record.get("outcome") == "done before":
            return {}
        from retouch_aes.operators import Recipe, installed

        try:
            edit, size = Recipe.from_json(recipe, installed()), record.get("pixels")
            written = extra.write(record["path"], edit, size=size and (size[0], size[1]), overwrite=True)
            if isinstance(files := written.get("edit_files"), list):
                remote.put(files)
            return written
        except (RetouchError, OSError) as error:
            show.line(f"failed: {record['path']}: its sidecar was not written ({error})", err=True)
            return {"error": f"its sidecar was not written ({error})"}

    return written

"""`retouch-aes enhance`: photos through an enhancement network."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from retouch_aes.cli import finishing, loading, options, result_names, show
from retouch_aes.cli.run_jobs import Record, failed, run_jobs

if TYPE_CHECKING:
    from torch import Tensor

    from retouch_aes.cli.output_paths import OutputJob


@click.command()
@options.photos
@options.output
@click.option(
    "--enhancer",
    "name",
    required=True,
    metavar="NAME|PKG.MODULE:CLASS|FILE",
    help="A network by its short name, a class of yours, or a file: one that `train enhancer` wrote, "
    "TorchScript, ExportedProgram or ONNX.",
)
@click.option(
    "--enhancer-weights",
    "weights",
    type=click.Path(exists=True, path_type=Path),
    help="Its weights: of `train enhancer`, or as the authors published them. Never run as code.",
)
@options.trust
@options.strength
@click.option(
    "--tiles",
    type=click.IntRange(64, 8192),
    metavar="SIDE",
    help="Go by tiles of that many pixels with overlap.  [default: as the network declares]",
)
@click.option(
    "--as-recipe",
    type=click.Path(path_type=Path),
    metavar="FILE_OR_DIR",
    help="Also save the result as the nearest recipe of named sliders, and what it leaves as "
    "NAME.residual.cube beside it.",
)
@finishing.choices
@result_names.choices
@options.device
@options.seed
@options.pairs
@options.quality
@options.json
@options.overwrite
def command(
    paths: tuple[Path, ...],
    output: Path | None,
    name: str,
    weights: Path | None,
    trust: bool,
    strength: float,
    tiles: int | None,
    as_recipe: Path | None,
    resize: int | None,
    keep_time: bool,
    copy_sidecars: bool,
    result_format: str | None,
    name_template: str | None,
    dry_run: bool,
    device: str,
    seed: int,
    pairs: str,
    quality: int,
    json: str | None,
    overwrite: bool,
) -> int:
    """Enhance photos by a network, at full size.

    Folders are walked. The result is NAME_retouched beside the photo, or goes where -o says. A network
    program (TorchScript, ExportedProgram, a class) is code: use only those that you trust. TorchScript is
    named in a warning, an ExportedProgram (.pt2) is read with --trust alone, and never with pickled objects.

    \b
    retouch-aes enhance photo.jpg --enhancer zero-dce --enhancer-weights Epoch99.pth
    retouch-aes enhance holiday/ -o better/ --enhancer mine.safetensors --strength 0.7
    retouch-aes enhance photo.jpg --enhancer mypackage.nets:Brighten --tiles 1024
    retouch-aes enhance photo.jpg --enhancer network.onnx
    """
    from retouch_aes.cli import output_paths

    found = output_paths.without_results(output_paths.find(paths, pairs=pairs), paths, output)
    names = result_names.result_names(result_format, name_template, None)
    jobs = output_paths.plan(
        found, output, recipe=as_recipe, overwrite=overwrite, reports=show.files(json), names=names
    )
    if dry_run:
        return result_names.told((job.photo, job.output) for job in jobs)
    where = loading.pick_device(device)
    network = loading.enhancer(name, weights, where, trust=trust)

    from retouch_aes.enhancers import Tiles, enhance
    from retouch_aes.photo import read, write

    finished = finishing.finishing(resize, keep_time, copy_sidecars)
    way = None if tiles is None else Tiles(tiles, tiles, reach=min(32, tiles // 8))

    def one(job: "OutputJob") -> Record:
        began = time.monotonic()
        photo = read(job.photo)
        image = enhance(network, photo.image.to(where), strength=strength, full_size=way).cpu()
        result = finished.photo(photo.with_image(image))
        write(result, job.output, quality=quality, overwrite=overwrite, seed=seed)
        finishing.finish(finished, job.photo, job.output, overwrite=overwrite)
        show.line(f"{show.shown(job.photo)} -> {show.shown(job.output)}", err=json == options.STDOUT)
        explained: Record = {}
        if job.recipe is not None:
            explained = _as_recipe(photo.image, image, job.recipe, overwrite, err=json == options.STDOUT)
        return {
            "output": show.name(job.output),
            **explained,
            "seconds": round(time.monotonic() - began, 3),
            **show.warned(photo),
        }

    records = run_jobs("enhancing", jobs, lambda job: job.photo, one)
    show.report_json(records, json, overwrite=overwrite)
    return failed(records)


def _as_recipe(before: "Tensor", after: "Tensor", target: Path, overwrite: bool, *, err: bool) -> Record:
    """Save the nearest recipe and what it leaves; how much it explains."""
    from retouch_aes.cli.explain import as_record, summary
    from retouch_aes.color.resize import proxy
    from retouch_aes.export.projection import SIDE, project

    found = project(proxy(before, SIDE), proxy(after, SIDE))
    found.recipe.save(target, overwrite=overwrite)
    found.cube.save(target.with_name(f"{target.stem}.residual.cube"), overwrite=overwrite)
    show.line(f"{target}: {summary(found)}", err=err)
    return as_record(found)

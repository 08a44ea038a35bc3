"""`retouch-aes apply`: an edit found before, on other photos or again."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from retouch_aes.cli import options, show
from retouch_aes.cli.run_jobs import Record, failed, run_jobs

if TYPE_CHECKING:
    from retouch_aes.cli.places import Job


@click.command()
@options.recipe_argument
@options.photos
@options.output
@options.strength
@options.proxy
@options.seed
@options.quality
@options.json
@options.overwrite
def command(
    recipe: Path,
    paths: tuple[Path, ...],
    output: Path | None,
    strength: float,
    proxy: int,
    seed: int,
    quality: int,
    json: str | None,
    overwrite: bool,
) -> int:
    """Apply a saved edit to photos, at full size.

    RECIPE is a file saved by `retouch-aes retouch --recipe`. Use the --proxy of that run. No model is needed.

    \b
    retouch-aes apply edit.json photo.jpg -o again.jpg
    retouch-aes apply edit.json series/ -o series_edited/ --strength 0.5
    """
    from retouch_aes.cli import places
    from retouch_aes.operators import installed, read_recipe
    from retouch_aes.photo import read, write
    from retouch_aes.retouch import develop

    edit = read_recipe(recipe, installed()).scaled(strength)
    found = places.without_results(places.find(paths), paths, output)
    jobs = places.plan(found, output, overwrite=overwrite, reports=show.files(json))

    def one(job: "Job") -> Record:
        edited = develop(read(job.photo), edit, side=proxy, in_place=True)
        write(edited, job.output, quality=quality, overwrite=overwrite, seed=seed)
        show.line(f"{job.photo} -> {job.output}", err=json == options.STDOUT)
        return {"output": show.name(job.output)}

    records = run_jobs("applying", jobs, lambda job: job.photo, one)
    show.report_json(records, json, overwrite=overwrite)
    return failed(records)

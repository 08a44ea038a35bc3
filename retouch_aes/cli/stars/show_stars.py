"""`retouch-aes stars show`: what photos and sidecars say."""

from pathlib import Path

import click

from retouch_aes.cli import options, show
from retouch_aes.cli.run_jobs import Record, failed, run_jobs


@click.command()
@options.photos
@options.json
@options.overwrite
def command(paths: tuple[Path, ...], json: str | None, overwrite: bool) -> int:
    """Show the stars, flags and labels of photos, and which file says so.

    \b
    retouch-aes stars show holiday/
    """
    from retouch_aes.cli import output_paths
    from retouch_aes.export.star_reading import read_stars

    found = output_paths.find(paths)
    output_paths.check_reports(show.files(json), found, overwrite)

    def one(item: output_paths.FoundPhoto) -> Record:
        said = read_stars(item.path)
        source = None if said.source is None or not said.said else show.name(said.source)
        return {"stars": said.stars, "flag": said.flag, "label": said.label, "source": source}

    records = run_jobs("reading", found, lambda item: item.path, one)
    if json != options.STDOUT:
        rows = [
            [str(record["stars"] or ""), record["flag"], record["label"], record["path"]]
            for record in records
            if record.get("source")
        ]
        show.table(["stars", "flag", "label", "photo"], rows, right=1)
        show.line(f"{len(rows)} of {len(records)} photos say something", err=True)
    show.report_json(records, json, overwrite=overwrite)
    return failed(records)

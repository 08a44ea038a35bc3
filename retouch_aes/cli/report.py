"""`retouch-aes report`: a page over what a run did."""

from pathlib import Path

import click

from retouch_aes.cli import options, show
from retouch_aes.errors import UsageError


@click.command()
@click.argument(
    "records", metavar="RESULTS.json", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The page.  [default: report.html; none with --contact-sheet alone]",
)
@click.option(
    "--contact-sheet",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.jpg",
    help="A picture to print or send: small copies, before and after, with names; 24 photos a page.",
)
@options.overwrite
def command(records: Path, output: Path | None, contact_sheet: Path | None, overwrite: bool) -> int:
    """Make one HTML page of the results that `retouch` or `batch` wrote with --json.

    Before and after, scores, recipes, sorted by change. It needs no network and no other file; links lead to
    the results.

    \b
    retouch-aes batch archive/ done/ --json night.json
    retouch-aes report night.json -o night.html
    retouch-aes report night.json --contact-sheet night.jpg
    """
    import json

    try:
        values = json.loads(records.read_text(encoding="utf-8"))
        if not isinstance(values, list) or not all(
            isinstance(value, dict) and "path" in value for value in values
        ):
            raise ValueError("expected a list of results")
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{records} is not what --json of retouch or batch writes: {error}") from None
    if contact_sheet is not None:
        from retouch_aes.export.contact_sheets import write_contact_sheets
        from retouch_aes.export.html_report import entry_of

        entries = [entry_of(value) for value in values]
        with show.progress("thumbnails", len(entries)) as advance:
            for sheet in write_contact_sheets(entries, contact_sheet, overwrite=overwrite, progress=advance):
                show.line(str(sheet))
    if output is not None or contact_sheet is None:
        output = output or Path("report.html")
        write_report(values, output, title=records.stem, overwrite=overwrite)
        show.line(str(output))
    return 0


def write_report(records: list[dict[str, object]], output: Path, *, title: str, overwrite: bool) -> None:
    """The page over `records`, with a progress bar."""
    from retouch_aes.export.html_report import entry_of, write_html_report

    entries = [entry_of(record) for record in records]
    with show.progress("thumbnails", len(entries)) as advance:
        write_html_report(entries, output, title=title, overwrite=overwrite, progress=advance)

"""`retouch-aes score`: how well photos suit the taste, from 1 to 10."""

import csv as csv_files
import io
from collections.abc import Sequence
from pathlib import Path

import click

from retouch_aes.cli import loading, options, show, star_writing
from retouch_aes.cli.run_jobs import Record, failed, run_jobs

_COLUMNS = ("path", "score", "spread", "percentile", "fingerprint", "error")


@click.command()
@options.photos
@click.option("--relative", is_flag=True, help="Add each photo's percentile among those scored, 0 to 100.")
@options.model
@options.taste
@options.device
@options.proxy
@options.pairs
@options.json
@options.csv
@star_writing.rule
@star_writing.confirmation
@options.overwrite
def command(
    paths: tuple[Path, ...],
    relative: bool,
    model: str,
    taste: Path | None,
    device: str,
    proxy: int,
    pairs: str,
    json: str | None,
    csv: str | None,
    stars: str | None,
    yes: bool,
    replace_stars: bool,
    undo_file: Path | None,
    overwrite: bool,
) -> int:
    """Score photos from 1 to 10, best first. Folders are walked.

    The spread is the standard deviation of the distribution behind the score. The fingerprint names the
    weights and the preprocessing: scores with equal fingerprints can be compared.

    \b
    retouch-aes score photo.jpg
    retouch-aes score holiday/ --relative --csv scores.csv
    retouch-aes score holiday/ --taste me.taste
    retouch-aes score holiday/ --json - | jq '.[0].path'
    retouch-aes score holiday/ --taste me.taste --write-stars percentile --yes
    """
    from retouch_aes.cli import output_paths

    if json == options.STDOUT and csv == options.STDOUT:
        raise click.UsageError("--json and --csv cannot both go to stdout; give one of them a file.")
    found = output_paths.find(paths, pairs=pairs)
    output_paths.check_reports(show.files(json, csv), found, overwrite)
    where = loading.pick_device(device)
    scorer = loading.scorer(model, taste, where, proxy)

    def one(item: output_paths.FoundPhoto) -> Record:
        scored = scorer(item.path)
        known = {"score": scored.score, "spread": scored.spread, "fingerprint": scorer.fingerprint}
        return known | show.warned(scored)

    records = run_jobs("scoring", found, lambda item: item.path, one)
    if relative:
        _add_percentiles(records)
    if options.STDOUT not in (json, csv):
        _show(records, relative)
    show.report_json(records, json, overwrite=overwrite)
    show.report_text(_as_csv(records, relative), csv, overwrite=overwrite)
    problems = 0
    if stars is not None:
        from retouch_aes.export.star_rules import parse_rule

        scores = {
            item.path: record["score"]
            for item, record in zip(found, records, strict=True)
            if "score" in record
        }
        problems = star_writing.write_stars(
            parse_rule(stars)(scores),
            yes=yes,
            replace=replace_stars,
            undo=undo_file,
            err=options.STDOUT in (json, csv),
        )
    return failed(records) or bool(problems)


def _add_percentiles(records: Sequence[Record]) -> None:
    """`percentile`: the share of the other photos that score less, ties counting half; 50 for one alone."""
    scores = [record["score"] for record in records if "score" in record]
    others = max(1, len(scores) - 1)
    for record in records:
        if "score" in record:
            below = sum(score < record["score"] for score in scores)
            ties = sum(score == record["score"] for score in scores) - 1
            record["percentile"] = 100 * (below + ties / 2) / others if scores[1:] else 50.0


def _show(records: Sequence[Record], relative: bool) -> None:
    scored = sorted((r for r in records if "score" in r), key=lambda r: -r["score"])
    columns = ["score", "spread", *(["percentile"] if relative else []), "photo"]
    rows = []
    for record in scored:
        percentile = [f"{record['percentile']:.0f}"] if relative else []
        rows.append([f"{record['score']:.2f}", f"{record['spread']:.2f}", *percentile, record["path"]])
    if rows:
        show.table(columns, rows, right=len(columns) - 1)


def _as_csv(records: Sequence[Record], relative: bool) -> str:
    columns = [column for column in _COLUMNS if relative or column != "percentile"]
    page = io.StringIO()
    writer = csv_files.DictWriter(page, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return page.getvalue()

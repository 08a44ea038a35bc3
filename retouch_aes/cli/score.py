"""`retouch-aes score`: how well photos suit the taste, from 1 to 10."""

import csv as csv_files
import io
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from retouch_aes.cli import addresses, culling, executing, loading, options, show, star_writing
from retouch_aes.cli.run_jobs import Record, failed, run_jobs

if TYPE_CHECKING:
    from retouch_aes.culling import PhotoVerdict

_COLUMNS = ("path", "score", "spread", "percentile", "fingerprint", "error", *culling.COLUMNS)


@click.command()
@addresses.photos
@click.option("--relative", is_flag=True, help="Add each photo's percentile among those scored, 0 to 100.")
@culling.best_of
@options.model
@options.taste
@options.device
@options.proxy
@options.pairs
@executing.choices
@click.option(
    "--log",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.jsonl",
    help="Keep each result here as it is finished, and go on from there after a stop.",
)
@options.json
@options.csv
@star_writing.rule
@star_writing.confirmation
@options.overwrite
def command(
    paths: tuple[Path | str, ...],
    relative: bool,
    best_of: float | str | None,
    model: str,
    taste: Path | None,
    device: str,
    proxy: int,
    pairs: str,
    workers: int | None,
    engine: str,
    ray_address: str | None,
    log: Path | None,
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
    weights and the preprocessing: scores with equal fingerprints can be compared. Technical, 1 to 10, is
    measured, not learned: the blur of the sharpest parts (pixels of a copy of 1,536), the light of the frame
    (stops from middle grey), its noise (levels of 255) and what is clipped.

    \b
    retouch-aes score photo.jpg
    retouch-aes score holiday/ --relative --csv scores.csv
    retouch-aes score holiday/ --taste me.taste
    retouch-aes score holiday/ --json - | jq '.[0].path'
    retouch-aes score holiday/ --best-of 2
    retouch-aes score holiday/ --best-of similar --write-stars best:4,reject
    retouch-aes score holiday/ --taste me.taste --write-stars percentile --yes
    retouch-aes score archive/ --workers 8 --log scores.jsonl --csv scores.csv
    retouch-aes score s3://studio/2026 --csv scores.csv
    """
    from retouch_aes.cli import output_paths
    from retouch_aes.cli.score_log import ScoreLog

    if json == options.STDOUT and csv == options.STDOUT:
        raise click.UsageError("--json and --csv cannot both go to stdout; give one of them a file.")
    culling.check(best_of, stars)
    remote = addresses.RemoteFolders()
    remote.refuse(paths, {"--write-stars": stars, "--best-of SECONDS": isinstance(best_of, float)})
    found = output_paths.find([remote.source(path) for path in paths], pairs=pairs)
    output_paths.check_reports(show.files(json, csv), found, overwrite)
    where = loading.pick_device(device)
    judge = loading.judge(model, taste, device, proxy, thumbnails=best_of == culling.SIMILAR)
    crew = remote.executor(executing.executor(workers, engine, ray_address, count=len(found), device=where))
    grouping = culling.Grouping(best_of)
    kept = ScoreLog(log, judge, overwrite=overwrite)

    def told(path: Path, said: "PhotoVerdict") -> Record:
        kept.add(path, said)
        for text in said.scored.warnings:
            show.line(f"Warning: {show.name(path)}: {show.readable(text)}", err=True)
        known = {"score": said.scored.score, "spread": said.scored.spread, "fingerprint": kept.fingerprint}
        return known | grouping.add(said.judged) | show.warned(said.scored)

    paths_found = [item.path for item in found]
    records = run_jobs("scoring", paths_found, Path, judge, executor=crew, told=told, known=kept.find)
    grouping.add_groups(records, paths_found)
    if relative:
        _add_percentiles(records)
    if options.STDOUT not in (json, csv):
        _show(records, relative, grouped=best_of is not None)
    show.report_json(records, json, overwrite=overwrite)
    show.report_text(_as_csv(records, relative, grouped=best_of is not None), csv, overwrite=overwrite)
    problems = 0
    if stars is not None:
        scores = {
            path: record["score"]
            for path, record in zip(paths_found, records, strict=True)
            if "score" in record
        }
        problems = star_writing.write_stars(
            grouping.stars(stars, scores),
            yes=yes,
            replace=replace_stars,
            undo=undo_file,
            err=options.STDOUT in (json, csv),
        )
    return failed(records) or bool(problems)


def _add_percentiles(records: Sequence[Record]) -> None:
    """`percentile`: the share of the other photos that score less, ties counting half; 50 for one alone."""
    scores = sorted(record["score"] for record in records if "score" in record)
    others = len(scores) - 1
    for record in records:
        if "score" in record:
            below, upto = bisect_left(scores, record["score"]), bisect_right(scores, record["score"])
            record["percentile"] = 100 * (below + (upto - below - 1) / 2) / others if others else 50.0


def _show(records: Sequence[Record], relative: bool, *, grouped: bool) -> None:
    scored = [record for record in records if "score" in record]
    if grouped:
        scored = culling.in_groups(scored)
    else:
        scored.sort(key=lambda record: -record["score"])
    numbers = {"score": ".2f", "spread": ".2f"} | ({"percentile": ".0f"} if relative else {})
    shown = [*numbers, *culling.SHOWN, *(culling.GROUP if grouped else ()), "photo"]
    rows = []
    for record in scored:
        row = [format(record[name], style) for name, style in numbers.items()]
        rows.append([*row, *culling.cells(record, grouped=grouped), record["path"]])
    if rows:
        show.table(shown, rows, right=len(shown) - 1)


def _as_csv(records: Sequence[Record], relative: bool, *, grouped: bool) -> str:
    left_out = {*(() if relative else ("percentile",)), *(() if grouped else culling.GROUP)}
    columns = [column for column in _COLUMNS if column not in left_out]
    page = io.StringIO()
    writer = csv_files.DictWriter(page, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return page.getvalue()

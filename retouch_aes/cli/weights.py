"""`retouch-aes weights`: the weight files of this installation, what they are and whether they are sound."""

from dataclasses import asdict
from pathlib import Path

import click

from retouch_aes.cli import failures, options, show
from retouch_aes.cli.run_jobs import Record, failed, run_jobs
from retouch_aes.errors import WeightsError


@click.group()
def command() -> None:
    """List or verify the bundled weight files."""


@command.command("list")
@options.json
@options.overwrite
def list_weights(json: str | None, overwrite: bool) -> int:
    """Licence, provenance, data and metrics.

    \b
    retouch-aes weights list
    """
    from retouch_aes.cli import output_paths
    from retouch_aes.models import bundled, read_header

    output_paths.check_free(show.files(json), overwrite)
    files = bundled()
    if not files:
        raise WeightsError("this installation carries no weight files; install the package again")

    def one(name: str) -> Record:
        header, size = read_header(files[name]), files[name].stat().st_size
        about = {"network": header.model, "version": header.version, "dtype": header.dtype}
        return {"name": name, "bytes": size, **about, "sha256": header.sha256, "card": asdict(header.card)}

    records = run_jobs("reading", list(files), lambda name: files[name], one)
    if json != options.STDOUT:
        for record in records:
            if "error" not in record:
                _show_card(record)
    show.report_json(records, json, overwrite=overwrite)
    return failed(records)


@command.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify(files: tuple[Path, ...]) -> int:
    """Recompute checksums.

    Of weight FILES, by default of all bundled ones.

    \b
    retouch-aes weights verify
    retouch-aes weights verify my_taste.safetensors
    """
    from retouch_aes.models import bundled
    from retouch_aes.models import verify as verify_file

    chosen = list(files or bundled().values())
    if not chosen:
        raise WeightsError("this installation carries no weight files; install the package again")
    broken = 0
    for path in chosen:
        try:
            header = verify_file(path)
        except WeightsError as error:
            broken += 1
            show.line(f"broken: {failures.about(path, error)}", err=True)
        else:
            show.line(f"ok: {path} ({header.model}, sha256 {header.sha256[:12]})")
    return failures.FAILED if broken else 0


def _show_card(record: Record) -> None:
    card = record["card"]
    metrics = ", ".join(f"{key} {value:g}" for key, value in card["metrics"].items())
    rows = [
        ["name", record["name"]],
        ["network", f"{record['network']}, version {record['version']}, {record['dtype']}"],
        ["size", f"{record['bytes'] / 1e6:.1f} MB"],
        ["made on", card["created"]],
        ["licence", card["licence"]],
        ["provenance", card["provenance"]],
        ["data", "; ".join(card["data"]) or "-"],
        ["metrics", metrics or "-"],
        ["sha256", record["sha256"]],
        ["path", record["path"]],
    ]
    show.table(["", record["name"]], [row for row in rows if row[0] != "name"])

"""`retouch-aes weights`: the weight files of this installation and of the user's cache, and more of them.

Only `fetch` touches the network, and only for what is named.
"""

from dataclasses import asdict
from pathlib import Path

import click

from retouch_aes.cli import failures, options, show
from retouch_aes.cli.run_jobs import Record, failed, run_jobs
from retouch_aes.errors import UsageError, WeightsError


@click.group()
def command() -> None:
    """List, fetch or verify weight files."""


@command.command("list")
@click.argument("pattern", required=False)
@options.json
@options.overwrite
def list_weights(pattern: str | None, json: str | None, overwrite: bool) -> int:
    """Licence, provenance, data and metrics; or names.

    Without a PATTERN: the files that come with the package, and those that were fetched. With one, such as
    'timm:*lite*', 'torchvision:*' or 'aes*': the names that fit, fetched or not.

    \b
    retouch-aes weights list
    retouch-aes weights list 'timm:*lite*'
    """
    from retouch_aes.cli import output_paths

    output_paths.check_free(show.files(json), overwrite)
    if pattern is not None:
        return _list_names(pattern, json, overwrite)

    from retouch_aes.models import bundled, read_header
    from retouch_aes.models.fetched import fetched_weights

    files = bundled()
    if not files:
        raise WeightsError("this installation carries no weight files; install the package again")

    def one(name: str) -> Record:
        header, size = read_header(files[name]), files[name].stat().st_size
        about = {"network": header.model, "version": header.version, "dtype": header.dtype}
        return {"name": name, "bytes": size, **about, "sha256": header.sha256, "card": asdict(header.card)}

    records = run_jobs("reading", list(files), lambda name: files[name], one)
    others: list[Record] = [
        {
            "path": show.name(found.path),
            "name": found.name,
            "bytes": found.size,
            "sha256": found.sha256,
            "licence": found.licence,
            "url": found.url,
        }
        for found in fetched_weights()
    ]
    if json != options.STDOUT:
        for record in records:
            if "error" not in record:
                _show_card(record)
        for record in others:
            _show_fetched(record)
    show.report_json([*records, *others], json, overwrite=overwrite)
    return failed(records)


@command.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option(
    "--from",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Take this file, fetched elsewhere, instead of the network. For one NAME.",
)
def fetch(names: tuple[str, ...], file: Path | None) -> int:
    """Fetch published weights into your cache.

    NAME is torchvision:MODEL or timm:MODEL, with a tag after a dot where there are several. An interrupted
    download goes on where it stopped, and every file is checked by its hash. The licence is the publisher's.

    \b
    retouch-aes weights fetch torchvision:vgg16 torchvision:mobilenet_v2
    retouch-aes weights fetch timm:tf_efficientnet_lite2
    retouch-aes weights fetch torchvision:vgg16 --from vgg16-397923af.pth
    """
    if file is not None and len(names) != 1:
        raise UsageError(f"--from FILE goes with one NAME, got {len(names)}")
    for name in names:
        if ":" not in name:
            raise UsageError(f"expected torchvision:NAME or timm:NAME, got {name!r}")

    from retouch_aes.models.fetched import add_weights, fetch_weights

    for name in names:
        if file is not None:
            found = add_weights(name, file)
        else:
            with show.bar() as progress:
                found = fetch_weights(name, progress=progress)
        show.line(f"{found.name}: {found.path}")
        show.line(f"  {found.size / 1e6:.1f} MB, sha256 {found.sha256[:12]}, licence: {found.licence}")
    return 0


@command.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify(files: tuple[Path, ...]) -> int:
    """Recompute checksums.

    Of weight FILES, by default of all bundled and all fetched ones.

    \b
    retouch-aes weights verify
    retouch-aes weights verify my_taste.safetensors
    """
    from retouch_aes.models import bundled
    from retouch_aes.models import verify as verify_file
    from retouch_aes.models.fetched import check_fetched, fetched_weights

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
    for found in [] if files else fetched_weights():
        try:
            check_fetched(found)
        except WeightsError as error:
            broken += 1
            show.line(f"broken: {failures.about(found.path, error)}", err=True)
        else:
            show.line(f"ok: {found.path} ({found.name}, sha256 {found.sha256[:12]})")
    return failures.FAILED if broken else 0


def _list_names(pattern: str, json: str | None, overwrite: bool) -> int:
    from retouch_aes.models import list_models

    names = list_models(pattern)
    if json != options.STDOUT:
        for name in names:
            show.line(name)
    show.report_json(names, json, overwrite=overwrite)
    return 0


def _show_fetched(record: Record) -> None:
    rows = [
        ["size", f"{record['bytes'] / 1e6:.1f} MB"],
        ["licence", record["licence"]],
        ["from", record["url"]],
        ["sha256", record["sha256"]],
        ["path", record["path"]],
    ]
    show.table(["", record["name"]], rows)


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

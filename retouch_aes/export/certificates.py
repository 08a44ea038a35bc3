"""Certificates of many photos as a file: JSON for programs, or one HTML page with a line a photo.

The page needs no network and no script. Everything that came from a file is set as text.
"""

import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from retouch_aes.atomic_io import replacing, write_json
from retouch_aes.errors import UsageError

SUFFIXES = (".json", ".html")
_COLUMNS = (
    "Photo",
    "Changed",
    "Generic score",
    "Your score",
    "Second scorer",
    "Distance (ΔE 2000)",
    "Clipped white",
    "Clipped black",
    "Masks",
    "To be liked",
)
_STYLE = """
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
body { margin: 1.5rem; } h1 { font-size: 1.2rem; }
table { border-collapse: collapse; } th, td { padding: .35rem .7rem; text-align: left; vertical-align: top; }
th { position: sticky; top: 0; background: Canvas; border-bottom: 2px solid; font-weight: 600; }
tr + tr td { border-top: 1px solid #8886; } td { overflow-wrap: anywhere; }
td:nth-child(n+3):nth-child(-n+8) { white-space: nowrap; font-variant-numeric: tabular-nums; }
.against { font-weight: 600; }
"""


def check_certificate_file(path: Path) -> None:
    """Raise `UsageError` unless `path` ends in what certificates are written as."""
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{path}: expected a certificate that ends in {' or '.join(SUFFIXES)}")


def write_certificates(records: Sequence[Mapping[str, Any]], path: Path, *, overwrite: bool = False) -> None:
    """Write the certificates of `records` that have one, whole or not at all.

    A record holds `path`, perhaps `output`, and `certificate` (`Certificate.to_json`).
    """
    check_certificate_file(path)
    kept = [
        {key: record[key] for key in ("path", "output", "outcome", "certificate") if key in record}
        for record in records
        if record.get("certificate")
    ]
    if path.suffix.lower() == ".json":
        write_json(path, kept, overwrite=overwrite)
        return
    with replacing(path, overwrite=overwrite) as temporary:
        temporary.write_text(_page(kept), encoding="utf-8", errors="replace")


def _page(records: Sequence[Mapping[str, Any]]) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in _COLUMNS)
    rows = "\n".join(_line(record) for record in records)
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<title>Certificates</title><style>{_STYLE}</style></head><body>"
        f"<h1>What the edits did</h1>\n<table><thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table>"
        "</body></html>\n"
    )


def _line(record: Mapping[str, Any]) -> str:
    said = record["certificate"]
    second, wish = said["second_scorer"], said["counterfactual"]
    against = second["after"] < second["before"]
    cells = [
        str(record.get("path", "")),
        "; ".join(filter(None, (said["frame"], said["edits"]))) or str(record.get("outcome", "nothing")),
        _arrow(said["generic"]),
        "" if said["personal"] is None else _arrow(said["personal"]),
        f"{_arrow(second)} ({second['name']})",
        f"{said['difference']:.1f}",
        _arrow(said["clipped_white"], 100, " %"),
        _arrow(said["clipped_black"], 100, " %"),
        ", ".join(said["masks"]),
        "" if wish is None else str(wish["text"]),
    ]
    kinds = [' class="against"' if at == 4 and against else "" for at in range(len(cells))]
    return (
        "<tr>" + "".join(f"<td{k}>{html.escape(c)}</td>" for k, c in zip(kinds, cells, strict=True)) + "</tr>"
    )


def _arrow(pair: Mapping[str, float], times: float = 1, unit: str = "") -> str:
    digits = 1 if unit else 2
    return f"{times * pair['before']:.{digits}f} → {times * pair['after']:.{digits}f}{unit}"

"""`score`'s technical columns, `--best-of` and the stars of the best."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from retouch_aes.cli.run_jobs import Record
from retouch_aes.errors import UsageError

if TYPE_CHECKING:
    from retouch_aes.culling import Judged

GROUP = ("group", "best")
SHOWN = ("technical", "blur", "light", "noise")
COLUMNS = ("technical", "sharpness", "exposure", "cleanness", "blur", "light", "noise", "clipped", *GROUP)
SIMILAR = "similar"
_BEST = "best"


def _parse(ctx: click.Context, param: click.Parameter, value: str | None) -> float | str | None:
    if value is None or value == SIMILAR:
        return value
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise click.BadParameter(f"expected seconds, 0 or more, or {SIMILAR}, got {value!r}.", ctx, param)
    return seconds


best_of = click.option(
    "--best-of",
    callback=_parse,
    metavar="SECONDS|similar",
    help="Name the best of each burst (taken that soon after one another) or of each group of near "
    "duplicates, folder by folder: by score and technical quality, half and half.",
)


class Grouping:
    """What `--best-of` needs to remember of the photos while they are scored; `how` is its value."""

    def __init__(self, how: float | str | None) -> None:
        self.how = how
        self.judged: list[Judged] = []
        self.groups: list[list[Judged]] = []

    def add(self, judged: "Judged") -> Record:
        """Remember a photo; the technical columns of its record."""
        if self.how is not None:
            self.judged.append(judged)
        return {name: getattr(judged.quality, name) for name in COLUMNS if name not in GROUP}

    def add_groups(self, records: Sequence[Record], paths: Sequence[Path]) -> None:
        """`group`, counted from 1, and `best` into the records of the photos `paths`."""
        if self.how is None:
            return
        from retouch_aes.culling import groups_of

        self.groups = groups_of(self.judged, self.how)
        of = {
            photo.path: (number, photo is group[0])
            for number, group in enumerate(self.groups, start=1)
            for photo in group
        }
        for path, record in zip(paths, records, strict=True):
            if path in of:
                record["group"], record["best"] = of[path]

    def stars(self, rule: str, scores: Mapping[Path, float]) -> Mapping[Path, int]:
        """The stars that a rule of `--write-stars` gives."""
        if is_best(rule):
            from retouch_aes.culling import best_stars

            return best_stars(self.groups, *parse_best(rule))
        from retouch_aes.export.star_rules import parse_rule

        return parse_rule(rule)(scores)


def check(how: float | str | None, rule: str | None) -> None:
    """`UsageError` for stars of the best where nothing was grouped."""
    if rule is not None and is_best(rule) and how is None:
        raise click.UsageError("--write-stars best needs --best-of SECONDS or --best-of similar.")


def parse_best(rule: str) -> tuple[int, int | None]:
    """`best[:STARS[,REST]]` -> stars of the best, and of the rest, None to leave it; `reject` is -1."""
    words = rule.partition(":")[2].split(",") if ":" in rule else ["3"]
    known = {str(stars): stars for stars in range(6)} | {"reject": -1}
    if len(words) > 2 or any(word not in known for word in words) or words[0] == "reject":
        raise UsageError(f"expected best, best:4 or best:4,reject (0 to 5 stars, or reject), got {rule!r}")
    return known[words[0]], known[words[1]] if words[1:] else None


def in_groups(records: Sequence[Record]) -> list[Record]:
    """Group by group, those with the best score first; within one the best, then by score."""
    first = {record["group"]: -record["score"] for record in records if record["best"]}
    return sorted(records, key=lambda r: (first[r["group"]], r["group"], not r["best"], -r["score"]))


def cells(record: Record, *, grouped: bool) -> list[str]:
    """A record's cells below `SHOWN` and, where photos are grouped, `GROUP`."""
    blur: Any = record["blur"]
    row = [
        f"{record['technical']:.1f}",
        "none" if blur is None else f"{blur:.1f}",
        f"{record['light']:+.1f}",
        f"{record['noise']:.1f}",
    ]
    return [*row, str(record["group"]), "best" if record["best"] else ""] if grouped else row


def is_best(rule: str) -> bool:
    """Whether a rule of `--write-stars` is of the best of each group."""
    return rule.partition(":")[0] == _BEST

"""Star ratings given to photos: planned, shown, written, and taken back.

`xmp:Rating` (1 to 5, 0 for none, -1 for rejected) goes into the XMP packet of JPEG, PNG, TIFF and WebP files,
and nothing else changes: pixels and every other byte stay. Beside camera RAW, which is never written to, and
beside files that cannot take it, it goes into the sidecars that are there; where none is, into both names,
`NAME.xmp` (Adobe) and `NAME.EXT.xmp` (darktable, digiKam).

    plan = plan_stars({path: 4, ...})          nothing is written; look at it
    write_stars(plan, "stars.undo.jsonl")      each change is in the undo file before it is made
    undo_stars("stars.undo.jsonl")             back to the byte, where nobody changed the file since
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from retouch_aes.errors import PhotoError, RetouchError, UsageError
from retouch_aes.export.splices import (
    Splice,
    digest,
    replace_file,
    reversed_splices,
    spliced,
    sync_folder,
)
from retouch_aes.export.star_reading import existing_sidecars, has_raw_twin, read_stars, xmp_sidecars
from retouch_aes.export.xmp_packet import XMP, new_packet, set_property
from retouch_aes.export.xmp_places import NoRoomError, change_packet
from retouch_aes.photo.kinds import kind_of

REJECTED = -1
_FORMAT = "retouch_aes.stars_undo"
_RATING = (XMP, "Rating")
_PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
_HEAD = 4096


@dataclass(frozen=True)
class StarChange:
    """One file to be changed, or made (`before` is ""): `target` for `photo`, with the digest of before."""

    photo: Path
    target: Path
    rating: int
    before: str
    splices: tuple[Splice, ...]


@dataclass(frozen=True)
class StarPlan:
    """What is to be done. `kept` are photos that carry a rating already, or the same one.

    `problems` are photos that cannot be rated, each with the reason.
    """

    changes: tuple[StarChange, ...] = ()
    kept: tuple[Path, ...] = ()
    problems: tuple[tuple[Path, str], ...] = ()


@dataclass(frozen=True)
class UndoResult:
    """Files set back, files that were as before already, and files that were changed since and are left."""

    restored: tuple[Path, ...]
    unchanged: tuple[Path, ...]
    left: tuple[Path, ...]


def plan_stars(ratings: Mapping[Path, int], *, replace: bool = False) -> StarPlan:
    """Plan to give photos their ratings, -1 (rejected) to 5. Nothing is written.

    A photo that carries stars or a flag already keeps them, unless `replace`.
    """
    changes: list[StarChange] = []
    kept, problems = [], []
    for photo, rating in ratings.items():
        if rating not in range(REJECTED, 6):
            raise UsageError(f"{photo}: expected a rating of -1 (rejected) to 5, got {rating}")
        try:
            known = read_stars(photo)
            said = REJECTED if known.flag == "rejected" else known.stars
            if said == rating or (not replace and (known.stars or known.flag)):
                kept.append(photo)
                continue
            changes += _changes(photo, rating)
        except (PhotoError, OSError) as error:
            problems.append((photo, str(error).removeprefix(f"{photo}: ")))
    return StarPlan(tuple(changes), tuple(kept), tuple(problems))


def write_stars(plan: StarPlan, undo: str | Path) -> StarPlan:
    """Make the changes of `plan`; `undo` is a new file that `undo_stars` takes.

    Returns a plan of what was done, with those that failed among its problems: a file that is not as it was
    when the plan was made is left alone.
    """
    undo = Path(undo)
    done: list[StarChange] = []
    problems = list(plan.problems)
    undo.parent.mkdir(parents=True, exist_ok=True)
    try:
        file = undo.open("x", encoding="utf-8")
    except FileExistsError as error:
        raise RetouchError(f"{undo} exists already; it undoes another run, so choose another name") from error
    with file:
        _line(file, {"format": _FORMAT, "version": 1})
        sync_folder(undo.parent)
        for change in plan.changes:
            try:
                exists = change.target.exists()
                before = change.target.read_bytes() if exists else b""
                if change.before != (digest(before) if exists else ""):
                    raise PhotoError("it was changed since this was planned")
                after = spliced(before, change.splices)
                entry = {
                    "target": str(change.target.absolute()),
                    "before": change.before,
                    "after": digest(after),
                    "splices": [one.to_json() for one in reversed_splices(change.splices)],
                }
                _line(file, entry)
                replace_file(change.target, after)
                done.append(change)
            except (PhotoError, OSError) as error:
                problems.append((change.photo, str(error)))
    return StarPlan(tuple(done), plan.kept, tuple(problems))


def undo_stars(undo: str | Path) -> UndoResult:
    """Take back what `write_stars` did, last first. A file changed since is left alone and named."""
    undo = Path(undo)
    restored, unchanged, left = [], [], []
    for entry in reversed(_entries(undo)):
        target = Path(entry["target"])
        data = target.read_bytes() if target.is_file() else b""
        now = digest(data) if target.is_file() else ""
        if now == entry["before"]:
            unchanged.append(target)
        elif now != entry["after"]:
            left.append(target)
        elif not entry["before"]:
            target.unlink()
            restored.append(target)
        else:
            old = spliced(data, [Splice.from_json(one) for one in entry["splices"]])
            if digest(old) != entry["before"]:
                raise RetouchError(f"{undo}: the line for {target} is damaged; nothing was done to that file")
            replace_file(target, old)
            restored.append(target)
    return UndoResult(tuple(restored), tuple(unchanged), tuple(left))


def _changes(photo: Path, rating: int) -> list[StarChange]:
    """What one photo needs: a change of itself and of the sidecars that are there, or new sidecars."""
    sidecars = [path for path in existing_sidecars(photo) if path.suffix == ".xmp"]
    changes = [_of_sidecar(photo, path, rating) for path in sidecars]
    target = photo.resolve()
    data = target.read_bytes()
    kind = kind_of(photo, data[:_HEAD])
    if kind != "RAW":
        try:
            splices = change_packet(data, kind, lambda packet: _rated(packet, rating))
            return [*changes, StarChange(photo, target, rating, digest(data), splices)]
        except NoRoomError:
            pass
    if changes:
        return changes
    adobes, long_name = xmp_sidecars(photo)
    names = [long_name] if has_raw_twin(photo) else [adobes, long_name]
    return [_of_sidecar(photo, path, rating) for path in names if not path.exists()]


def _of_sidecar(photo: Path, sidecar: Path, rating: int) -> StarChange:
    before = sidecar.read_bytes() if sidecar.exists() else b""
    splice = Splice(0, before, _rated(before, rating, photo.suffix[1:]))
    return StarChange(photo, sidecar.resolve(), rating, digest(before) if sidecar.exists() else "", (splice,))


def _rated(packet: bytes, rating: int, extension: str = "") -> bytes:
    """The packet with the rating; a new one, which says whose sidecar it is, where there is none."""
    if packet.strip(b"\x00 \r\n"):
        return set_property(packet, _RATING, "xmp", str(rating))
    attributes = f'xmlns:xmp="{XMP}" xmp:Rating="{rating}"'
    if extension:
        attributes += f' xmlns:photoshop="{_PHOTOSHOP}" photoshop:SidecarForExtension="{extension.upper()}"'
    return new_packet(attributes)


def _line(file: IO[str], value: dict[str, Any]) -> None:
    """Add a line, and wait until it is on the disk."""
    file.write(json.dumps(value) + "\n")
    file.flush()
    os.fsync(file.fileno())


def _entries(undo: Path) -> list[dict[str, Any]]:
    """The lines of an undo file; a last one that was cut short stands for a change that was never made."""
    try:
        lines = undo.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RetouchError(f"{undo}: cannot be read ({error})") from error
    values: list[dict[str, Any]] = []
    for number, line in enumerate(lines, start=1):
        try:
            value = json.loads(line)
            wanted = {"format"} if number == 1 else {"target", "before", "after", "splices"}
            if not isinstance(value, dict) or not wanted <= value.keys():
                raise ValueError(f"expected {', '.join(sorted(wanted))}")
            values.append(value)
        except ValueError as error:
            if number == len(lines) and number > 1:
                break
            raise RetouchError(f"{undo}:{number}: no line of an undo file ({error})") from error
    if not values or values[0]["format"] != _FORMAT:
        raise RetouchError(f"{undo}: expected an undo file of stars")
    return values[1:]

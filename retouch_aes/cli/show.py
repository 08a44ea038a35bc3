"""What people see: tables (tab-separated where stdout is no terminal), lines, a progress bar on stderr."""

import json
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from retouch_aes.atomic_io import json_text, replacing
from retouch_aes.cli.options import STDOUT
from retouch_aes.cli.spoken_progress import SpokenProgress
from retouch_aes.progress import Progress, silent
from retouch_aes.remote.other_names import is_address, renamed_in

_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(9), *range(11, 32), *range(127, 160))} | {
    code: f"\\u{code:04x}" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
"""Control characters, and those that turn the order of others round, as text."""


def line(text: str, *, err: bool = False) -> None:
    """One line, written at once; control characters are shown as text.

    Where nobody reads stdout any more, or it cannot be written to, the work goes on without it: files are
    written all the same.
    """
    stream = sys.stderr if err else sys.stdout
    if stream is None:
        return
    try:
        print(_printable(as_called(text), stream), file=stream, flush=True)
    except OSError as error:
        if err:
            return
        forget_stdout()
        if not isinstance(error, BrokenPipeError):
            unwritten.append(error.strerror or "it cannot be written to")
            line(f"stdout: {unwritten[-1]}; going on without it", err=True)


unwritten: list[str] = []
"""Why lines of stdout were lost, where they were and somebody would have read them."""


def forget_stdout() -> None:
    """Nobody reads stdout any more: let what is printed, and what Python flushes when it ends, go nowhere."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except OSError:  # no file of the system: a test, a notebook
        sys.stdout = None


@contextmanager
def warnings_as_lines() -> Iterator[None]:
    """Show the library's warnings about files as one line each, once, and every other as Python does."""
    from retouch_aes.errors import RetouchWarning

    with warnings.catch_warnings():
        plain = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *place: Any, **options: Any) -> None:
            if issubclass(category, RetouchWarning):
                line(f"Warning: {readable(str(message))}", err=True)
            else:
                plain(message, category, *place, **options)

        warnings.showwarning = show
        warnings.simplefilter("default", RetouchWarning)
        yield


class _Warned(Protocol):
    @property
    def warnings(self) -> tuple[str, ...]: ...


def warned(photo: _Warned) -> dict[str, Any]:
    """The warnings of a photo for its record; nothing where there are none."""
    return {"warnings": [readable(text) for text in photo.warnings]} if photo.warnings else {}


called: dict[str, str] = {}
"""Folders that people know by another name than the one they have here: `{path: address}`."""


def as_called(value: Any) -> Any:
    """`value`, a text or plain values with texts in them, with the names that people know."""
    return renamed_in(value, called) if called else value


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, title: str = "", right: int = 0) -> None:
    """Rows for people; the first `right` columns hold numbers and are set flush right."""
    if sys.stdout is None:
        return
    if not sys.stdout.isatty():
        for row in [columns, *rows]:
            line("\t".join(" ".join(cell.split()) for cell in row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table(title=title or None)
    for index, column in enumerate(columns):
        grid.add_column(column, justify="right" if index < right else "left", overflow="fold")
    for row in rows:
        grid.add_row(*(Text(as_called(cell).translate(_CONTROLS)) for cell in row))
    Console().print(grid)


def report_json(value: Any, target: str | None, *, overwrite: bool) -> None:
    """`value` as JSON into the file `target`, or to stdout for `-`; nothing for None."""
    value = as_called(value)
    if target == STDOUT:
        text = json.dumps(value, indent=2, ensure_ascii=not _is_utf8(sys.stdout), allow_nan=False)
        line(text)
    elif target is not None:
        _write(target, json_text(value, indent=2) + "\n", overwrite)


def report_text(text: str, target: str | None, *, overwrite: bool) -> None:
    """`text` into the file `target`, whole or not at all, or to stdout for `-`; nothing for None."""
    text = as_called(text)
    if target == STDOUT:
        line(text.rstrip("\n"))
    elif target is not None:
        _write(target, readable(text), overwrite)


def _write(target: str, text: str, overwrite: bool) -> None:
    """`text` into the file `target`, or to that address, whole or not at all."""
    if is_address(target):
        from retouch_aes.remote.store import Store

        folder, _, name = target.rpartition("/")
        Store(folder).write(name, text.encode(), overwrite=overwrite)
        return
    with replacing(target, overwrite=overwrite) as temporary:
        temporary.write_text(text, encoding="utf-8")


def files(*targets: str | Path | None) -> list[Path]:
    """Those of `targets` that are files here, not stdout and not left out."""
    given = (target for target in targets if target is not None and not is_address(target))
    return [Path(target) for target in given if str(target) != STDOUT]


def name(path: Path) -> str:
    """A path as text that can be stored as UTF-8."""
    return readable(str(path))


def shown(path: Path | str) -> str:
    """A path on a line of its own, whatever its name."""
    return str(path).replace("\n", "\\n")


def readable(text: str) -> str:
    """`text` with question marks for the bytes of file names that are no UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _aside(text: str) -> None:
    line(text, err=True)


@contextmanager
def progress(title: str, total: int, *, spoken: bool = True) -> Iterator[Callable[[int], None]]:
    """A bar on stderr, or with `spoken` a line now and then where that is no terminal.

    Yields a function that takes how many are done.
    """
    if sys.stderr is None or not sys.stderr.isatty() or total < 2:
        told = SpokenProgress(_aside) if spoken else silent
        yield lambda done: told(title, done, total)
        return
    from rich import progress as rich_progress
    from rich.console import Console

    to_terminal = sys.stdout is not None and sys.stdout.isatty()
    bars = rich_progress.Progress(console=Console(stderr=True), transient=True, redirect_stdout=to_terminal)
    with bars:
        task = bars.add_task(title, total=total)
        yield lambda done: bars.update(task, completed=done)


@contextmanager
def bar() -> Iterator[Progress]:
    """Yields a `Progress` that moves a bar on stderr, one a stage; a line now and then without a terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield SpokenProgress(_aside)
        return
    from rich import progress as rich_progress
    from rich.console import Console

    to_terminal = sys.stdout is not None and sys.stdout.isatty()
    bars = rich_progress.Progress(console=Console(stderr=True), transient=True, redirect_stdout=to_terminal)
    tasks: dict[str, rich_progress.TaskID] = {}

    def move(stage: str, done: int, of: int, /) -> None:
        if stage not in tasks and of > 1:
            tasks[stage] = bars.add_task(stage, total=of)
        if stage in tasks:
            bars.update(tasks[stage], completed=done, total=of)

    with bars:
        yield move


def _printable(text: str, stream: Any) -> str:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    text = text.translate(_CONTROLS)
    return text.encode(encoding, "replace").decode(encoding)


def _is_utf8(stream: Any) -> bool:
    return (getattr(stream, "encoding", None) or "utf-8").lower().replace("-", "") == "utf8"

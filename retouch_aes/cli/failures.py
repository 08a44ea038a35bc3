"""From an exception to one calm line on stderr and an exit code."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import click

from retouch_aes.cli import show
from retouch_aes.cli.optional_value import explained
from retouch_aes.errors import RetouchError, UsageError
from retouch_aes.executors.executor import error_line

FAILED, WRONG_USAGE, STOPPED = 1, 2, 130
DEBUG = "RETOUCH_AES_DEBUG"


def run(command: Callable[[], object]) -> NoReturn:
    """Run `command` and leave: 0 done, 1 failed, 2 wrong usage, 130 stopped by the user.

    `command` may return an exit code. With RETOUCH_AES_DEBUG=1 unexpected errors keep their traceback.
    """
    _keep_stderr_apart()
    try:
        with show.warnings_as_lines():
            code = command()
        if sys.stdout is not None:
            sys.stdout.flush()
        done = code if isinstance(code, int) else 0
        sys.exit(done or (FAILED if show.unwritten else 0))
    except click.ClickException as error:
        told = explained(error) if isinstance(error, click.UsageError) else error
        told.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped. What was finished is kept; no file is half written.", err=True)
        sys.exit(STOPPED)
    except BrokenPipeError:
        show.forget_stdout()
        sys.exit(FAILED)
    except Exception as error:
        if debugging() and not expected(error):
            raise
        show.line(f"Error: {show.readable(reason(error))}", err=True)
        sys.exit(WRONG_USAGE if isinstance(error, UsageError) else FAILED)


def reason(error: Exception) -> str:
    """What to tell a person: the message of an expected error, and a request to report any other."""
    if isinstance(error, RetouchError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return error_line(error)
    if isinstance(error, MemoryError):
        return "not enough memory; try fewer programs beside this one, or a smaller photo"
    first = (str(error).strip().splitlines() or [""])[0]
    return (
        f"unexpected error ({type(error).__name__}: {first}); please report it. {DEBUG}=1 shows the traceback"
    )


def expected(error: Exception) -> bool:
    """Whether `error` says by itself what is wrong, so that nobody needs its traceback."""
    return isinstance(error, RetouchError | OSError | MemoryError)


def about(path: Path, error: Exception) -> str:
    """One line about what went wrong with the photo at `path`, which the line names once."""
    text = reason(error)
    return text if text.startswith(str(path)) else f"{path}: {text}"


def debugging() -> bool:
    """Whether the user asked for tracebacks."""
    return os.environ.get(DEBUG, "") not in ("", "0")


def _keep_stderr_apart() -> None:
    """Let Python write to a copy of stderr, so that what C libraries write to it can be heard alone."""
    try:
        if sys.stderr is None or sys.stderr.fileno() != 2:
            return
        copy = os.fdopen(os.dup(2), "w", buffering=1, encoding=sys.stderr.encoding, errors=sys.stderr.errors)
    except (OSError, ValueError):  # no file of the system
        return
    sys.stderr = copy

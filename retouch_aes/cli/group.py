"""`retouch-aes` itself: the table of commands, and what an error looks like."""

from typing import Any

import click

from retouch_aes.cli.failures import run
from retouch_aes.cli.lazy import LazyGroup

COMMANDS = {
    "retouch": "retouch_aes.cli.retouch",
    "apply": "retouch_aes.cli.apply",
    "enhance": "retouch_aes.cli.enhance",
    "explain": "retouch_aes.cli.explain",
    "batch": "retouch_aes.cli.batch",
    "report": "retouch_aes.cli.report",
    "export": "retouch_aes.cli.export",
    "score": "retouch_aes.cli.score",
    "rank": "retouch_aes.cli.rank",
    "review": "retouch_aes.cli.review",
    "certify": "retouch_aes.cli.certify",
    "learn": "retouch_aes.cli.learn",
    "looks": "retouch_aes.cli.looks",
    "stars": "retouch_aes.cli.stars",
    "taste": "retouch_aes.cli.taste",
    "pool": "retouch_aes.cli.pool",
    "operators": "retouch_aes.cli.operators",
    "weights": "retouch_aes.cli.weights",
    "train": "retouch_aes.cli.train",
    "bench": "retouch_aes.cli.bench",
}


class _Main(LazyGroup):
    """The outermost group: errors become one line and an exit code, never a traceback."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command and leave with its exit code."""
        standalone = kwargs.pop("standalone_mode", True)
        plain: Any = super().main
        if not standalone:
            return plain(*args, standalone_mode=False, **kwargs)
        return run(lambda: plain(*args, standalone_mode=False, **kwargs))


def _show_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from retouch_aes import __version__

        click.echo(f"retouch-aes {__version__}")
        ctx.exit()


@click.group(
    cls=_Main,
    modules=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version.",
)
def main() -> None:
    """Retouch photos to a taste: a learned score that edits by gradient, in photographers' units.

    \b
    retouch-aes retouch holiday/ -o better/       retouch a folder
    retouch-aes score holiday/ --relative         rank it
    retouch-aes apply recipe.json photo.jpg       use an edit again

    Originals are never touched, and nothing is overwritten without --overwrite.

    Exit codes: 0 all done, 1 something failed, 2 wrong usage, 130 stopped.
    """

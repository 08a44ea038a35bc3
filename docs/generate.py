"""The pages that are made from the code: commands and model cards. `python docs/generate.py` writes them.

A test compares what lies in `docs/` with what this would write.
"""

from pathlib import Path

import click

from retouch_aes.cli.group import main
from retouch_aes.models import bundled, read_header

HERE = Path(__file__).parent
WIDTH = 100


def commands() -> str:
    """Every command's `--help`, as a page."""
    lines = ["# Commands", "", "Generated from `--help` by `python docs/generate.py`.", ""]
    for path, command in _walk(main, ("retouch-aes",)):
        name = " ".join(path)
        context = click.Context(
            command,
            info_name=name,
            terminal_width=WIDTH,
            max_content_width=WIDTH,
            help_option_names=["-h", "--help"],
        )
        lines += [f"## {' '.join(path)}", "", "```text", command.get_help(context).rstrip(), "```", ""]
    return "\n".join(lines)


def _walk(command: click.Command, path: tuple[str, ...]) -> list[tuple[tuple[str, ...], click.Command]]:
    found = [(path, command)]
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=path[-1])
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None and not child.hidden:
                found += _walk(child, (*path, name))
    return found


def model_cards() -> str:
    """The cards of the bundled weight files, and the page that says how they were made."""
    lines = ["# Model cards", "", "Generated from the weight files by `python docs/generate.py`.", ""]
    for name, path in bundled().items():
        header = read_header(path)
        card = header.card
        lines += [f"## {name}", "", "| | |", "| --- | --- |"]
        rows = {
            "network": f"`{header.model}`, version {header.version}",
            "licence": card.licence,
            "made": card.created,
            "provenance": card.provenance,
            "data": "; ".join(card.data),
            "measured": "; ".join(f"{key} {value:g}" for key, value in card.metrics.items()),
            "sha256": f"`{header.sha256}`",
        }
        lines += [f"| {key} | {' '.join(str(value).split())} |" for key, value in rows.items() if value]
        lines.append("")
    made = (HERE.parent / "pretrained" / "README.md").read_text(encoding="utf-8")
    return (
        "\n".join(lines) + "\n" + made.replace("\n# ", "\n## ").replace("# The bundled", "## The bundled", 1)
    )


PAGES = {"commands.md": commands, "model_cards.md": model_cards}

if __name__ == "__main__":
    for page, make in PAGES.items():
        (HERE / page).write_text(make().rstrip() + "\n", encoding="utf-8")

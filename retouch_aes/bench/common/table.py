"""One small table, shown as Markdown in files and by rich in a terminal."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.table import Table as RichTable


@dataclass(frozen=True)
class ReportTable:
    """A title, column names, rows of text, and a note below. The first column holds the row's name."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""

    def to_markdown(self) -> str:
        """GitHub's table, numbers to the right."""
        rule = ["---", *["---:"] * (len(self.columns) - 1)]
        lines = ["| " + " | ".join(cells) + " |" for cells in (self.columns, rule, *self.rows)]
        return "\n".join([f"**{self.title}**", "", *lines, *(["", self.note] if self.note else []), ""])

    def to_rich(self) -> RichTable:
        """The same for `rich.print`."""
        table = RichTable(title=self.title, caption=self.note or None, box=SIMPLE_HEAD, pad_edge=False)
        for index, column in enumerate(self.columns):
            table.add_column(column, justify="right" if index else "left", overflow="fold", no_wrap=not index)
        for row in self.rows:
            table.add_row(*row)
        return table


def number(value: float, digits: int = 2) -> str:
    """`value` with fixed digits; a dash where it is not defined."""
    return f"{value:.{digits}f}" if math.isfinite(value) else "-"


def percent(value: float) -> str:
    """A fraction as a percentage; a dash where it is not defined."""
    return f"{100 * value:.0f} %" if math.isfinite(value) else "-"

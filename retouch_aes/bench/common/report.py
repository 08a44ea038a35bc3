"""What every benchmark returns: tables for people, plain values for programs."""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import PurePath
from typing import Any, ClassVar

from rich.console import Group, RenderableType

from retouch_aes.bench.common.table import ReportTable


class Report(ABC):
    """The answer of a benchmark, a frozen dataclass. `name` is the command's."""

    name: ClassVar[str] = ""

    @abstractmethod
    def tables(self) -> list[ReportTable]:
        """What is shown, in order."""

    def to_json(self) -> dict[str, Any]:
        """Plain values, every field by its name; numbers that are not defined are None."""
        return {"bench": self.name, **_plain_fields(self)}

    def to_markdown(self) -> str:
        """The tables as Markdown."""
        return "\n".join(table.to_markdown() for table in self.tables())

    def table(self) -> RenderableType:
        """The tables for a terminal."""
        return Group(*(table.to_rich() for table in self.tables()))


def plain(value: Any) -> Any:
    """`value` as JSON can hold it: dataclasses by field or by their own `to_json`, not-a-number as None."""
    if hasattr(value, "to_json"):
        return value.to_json()
    if is_dataclass(value) and not isinstance(value, type):
        return _plain_fields(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    return value


def _plain_fields(value: Any) -> dict[str, Any]:
    return {field.name: plain(getattr(value, field.name)) for field in fields(value)}

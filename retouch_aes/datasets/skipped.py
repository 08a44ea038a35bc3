"""What a reader of a dataset left out, and why: named and counted, never the end of a command.

Published folders are never whole: photos have been taken down, files are cut off, tables were saved by a
spreadsheet in between. A reader notes such a row or photo in a `SkipLog` and goes on with the others.
"""

from collections import Counter
from dataclasses import dataclass, field

MISSING = "missing photo"
UNREADABLE = "unreadable photo"
INCOMPLETE = "incomplete row"
BAD_VALUE = "bad value"
DUPLICATED = "duplicated row"
UNANSWERED = "unanswered question"
UNLISTED = "photo in no list"
LISTED_TWICE = "photo in two lists"
NO_FILE = "missing file"
SHOWN = 20


@dataclass(frozen=True)
class Skipped:
    """`entries` of (kind, sentence), in the order in which they were found."""

    entries: tuple[tuple[str, str], ...] = ()

    def __len__(self) -> int:
        return len(self.entries)

    def counts(self) -> dict[str, int]:
        """How many of each kind, most frequent first."""
        return dict(Counter(kind for kind, _ in self.entries).most_common())

    def __add__(self, other: "Skipped") -> "Skipped":
        return Skipped(self.entries + other.entries)

    def summary(self, shown: int = SHOWN) -> list[str]:
        """A heading with the counts, then up to `shown` sentences of each kind; empty where nothing was."""
        counts = self.counts()
        if not counts:
            return []
        parts = ", ".join(f"{kind}: {count}" for kind, count in counts.items())
        lines = [f"skipped {len(self)} ({parts})"]
        for kind, count in counts.items():
            sentences = [sentence for of, sentence in self.entries if of == kind]
            lines += [f"  {kind}: {sentence}" for sentence in sentences[:shown]]
            if count > shown:
                lines.append(f"  {kind}: ... and {count - shown} more")
        return lines


@dataclass
class SkipLog:
    """Where a reader notes what it leaves out; `closed` is what it hands on."""

    entries: list[tuple[str, str]] = field(default_factory=list)

    def add(self, kind: str, where: object, why: str) -> None:
        """Note one row or photo; `where` is a path or `file:line`."""
        self.entries.append((kind, f"{where}: {why}"))

    def closed(self) -> Skipped:
        """All that was noted so far."""
        return Skipped(tuple(self.entries))

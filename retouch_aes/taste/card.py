"""What a person should know of a taste, as plain values."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class TasteCard:
    """What a person should know of a taste.

    `metrics`: cross-validated agreement with the answers, personal and generic; `liked_from`, the person's
    score of half of the photos answered about, from which on a photo counts as liked. `curve`: agreement
    after so many answers. `says_little`: these answers do not yet tell this person from anyone. `notes`: what
    to know besides, such as contradictions.
    """

    model: str
    fingerprint: str
    choices: int = 0
    ratings: int = 0
    answers_hash: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)
    curve: tuple[tuple[int, float], ...] = ()
    says_little: bool = False
    notes: tuple[str, ...] = ()
    created: str = field(default_factory=lambda: datetime.datetime.now(datetime.UTC).date().isoformat())

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**vars(self), "curve": [list(point) for point in self.curve], "notes": list(self.notes)}

    @staticmethod
    def from_json(value: dict[str, Any]) -> "TasteCard":
        """Read `to_json`'s value."""
        curve = tuple((int(count), float(share)) for count, share in value["curve"])
        return TasteCard(**{**value, "curve": curve, "notes": tuple(value["notes"])})

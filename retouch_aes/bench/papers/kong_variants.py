"""What `bench kong` trains: a variant for each row of Kong's tables 2 to 5 and of figure 5.

`PAPER` numbers stand beside ours: Spearman's rho on AADB and on AVA, and AVA's accuracy.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from retouch_aes.papers.kong.data import KongData
from retouch_aes.papers.kong.pairs import Sampling
from retouch_aes.papers.kong.training import KongSettings

CONTENTS = 10
LISTED = (2_000_000, 5_000_000)
CLUSTERS = (2, 5, 10, 15, 20)


@dataclass(frozen=True)
class KongVariant:
    """One row: which terms and branches there are, and what the paper prints for it.

    `ranking` and `listed` replace the settings' own; `binary` is the classifier whose confidence is the
    score. `aadb` and `ava` are the paper's rho there, `accuracy` its share of AVA's photos.
    """

    table: str
    name: str
    sampling: Sampling | None = None
    attributes: bool = False
    contents: int = 0
    binary: bool = False
    ranking: float | None = None
    listed: int | None = None
    aadb: float | None = None
    ava: float | None = None
    accuracy: float | None = None

    def settings(self, base: KongSettings, data: KongData) -> KongSettings:
        """`base` with what this row changes."""
        changed = replace(base, sampling=self.sampling, listed=self.listed)
        if self.ranking is not None:
            changed = replace(changed, ranking=self.ranking)
        return replace(changed, binary_above=(data.liked_above - 1) / 9) if self.binary else changed

    def paper(self, data: KongData) -> float | None:
        """The paper's rho on the dataset that `data` is; on AADB for any other."""
        return self.ava if data.paper == "ava" else self.aadb


ABLATIONS = (
    KongVariant("ablations", "classification", binary=True, aadb=0.5923, ava=0.4807, accuracy=0.7152),
    KongVariant("ablations", "regression", aadb=0.6239, ava=0.4995, accuracy=0.7204),
    KongVariant("ablations", "+ ranking, across raters", "cross", aadb=0.6308, ava=0.5126, accuracy=0.7150),
    KongVariant("ablations", "+ ranking, within raters", "within", aadb=0.6450),
    KongVariant("ablations", "+ ranking, both", "both", aadb=0.6515),
    KongVariant("ablations", "+ attributes", attributes=True, ava=0.5331, accuracy=0.7532),
    KongVariant(
        "ablations", "+ ranking + attributes", "both", True, aadb=0.6656, ava=0.5445, accuracy=0.7548
    ),
    KongVariant(
        "ablations", "+ ranking + content", "both", False, CONTENTS, aadb=0.6737, ava=0.5412, accuracy=0.7337
    ),
    KongVariant(
        "ablations",
        "+ ranking + attributes + content",
        "both",
        True,
        CONTENTS,
        aadb=0.6782,
        ava=0.5581,
        accuracy=0.7733,
    ),
)
REGRESSION, FULL = ABLATIONS[1], ABLATIONS[-1]
_OF_RATERS = ("+ ranking, within raters", "+ ranking, both")
_WEIGHTS = {0.0: (0.6382, 0.4995), 0.1: (0.6442, 0.5126), 1.0: (0.6515, 0.4988), 2.0: (0.6276, 0.4672)}
_LISTED = {"cross": (0.6346, 0.6286), "within": (0.6450, 0.6448), "both": (0.6487, 0.6515)}


def variants(
    data: KongData,
    tables: Sequence[str],
    *,
    listed: Sequence[int] = LISTED,
    clusters: Sequence[int] = CLUSTERS,
) -> list[KongVariant]:
    """The rows of `tables` that `data` allow, the ablations first.

    Without single raters pairs are of means only; without attributes there is no such branch; where the
    categories are known no number of clusters is tried.
    """
    found = list(ABLATIONS)
    if "weights" in tables:
        found += [
            KongVariant("weights", f"{weight:g}", "both", ranking=weight, aadb=on[0], ava=on[1])
            for weight, on in _WEIGHTS.items()
        ]
    if "pairs" in tables:
        found += [
            KongVariant("pairs", f"{name}, {count:,} pairs", name, listed=count, aadb=_published(name, count))
            for name in ("cross", "within", "both")
            for count in listed
        ]
    if "clusters" in tables and data.categories is None:
        found += [KongVariant("clusters", f"{count} clusters", contents=count) for count in clusters]
    if data.attributes is None:
        found = [variant for variant in found if not variant.attributes]
    if not data.has_raters:
        known = [row for row in found if row.name not in _OF_RATERS and row.sampling != "within"]
        found = [replace(row, sampling="cross") if row.sampling == "both" else row for row in known]
        found = [row for row in found if row.table != "pairs" or row.name.startswith("cross")]
    return found


def _published(name: str, count: int) -> float | None:
    """Table 5, for the two numbers of pairs that it has."""
    return _LISTED[name][LISTED.index(count)] if count in LISTED else None

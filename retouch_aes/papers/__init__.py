"""Personalized-aesthetics methods of the papers, one file each, behind one small interface (`method`).

A new method is one file with a subclass of `Method` and its short name in `METHODS`; another package adds
its own by an entry point `retouch_aes.methods`, a callable that gives a `Method`. `methods` lists both.
"""

from collections.abc import Callable
from functools import partial

from retouch_aes.papers.baselines.fpmf import FPMF, FPMFAttributes, FPMFContent, FPMFFeatures
from retouch_aes.papers.baselines.mlsp import MLSP
from retouch_aes.papers.baselines.mpada import MPADA
from retouch_aes.papers.baselines.nima import NIMAMethod
from retouch_aes.papers.baselines.r_svm import RSVM
from retouch_aes.papers.baselines.r_svr import RSVR
from retouch_aes.papers.baselines.rank_iqa import RankIQA
from retouch_aes.papers.blg.method import BLGPIAA
from retouch_aes.papers.kong.method import KongMethod
from retouch_aes.papers.method import Method, PersonEvidence, Study
from retouch_aes.papers.pam.method import (
    PAM,
    DirectFeatureRegression,
    DirectRegression,
    PAMAll,
    PAMAttributes,
    PAMContent,
    PAMFeatures,
)
from retouch_aes.papers.task_vectors.method import TaskVectors
from retouch_aes.papers.traits.method import TraitInteractions
from retouch_aes.papers.zhang.anchored import (
    ZhangAnchored,
    ZhangAnchoredNoPopulation,
    ZhangAnchoredNoRankings,
)
from retouch_aes.papers.zhang.method import ABLATIONS, Zhang, ablated
from retouch_aes.plugins import callable_value, load_plugins

METHODS: dict[str, Callable[[], Method]] = {
    "direct": DirectRegression,
    "direct-features": DirectFeatureRegression,
    "fpmf-attributes": FPMFAttributes,
    "fpmf-content": FPMFContent,
    "fpmf": FPMF,
    "fpmf-features": FPMFFeatures,
    "pam-attributes": PAMAttributes,
    "pam-content": PAMContent,
    "pam": PAM,
    "pam-features": PAMFeatures,
    "pam-all": PAMAll,
    "r-svm": RSVM,
    "r-svr": RSVR,
    "rank-iqa": RankIQA,
    "nima": NIMAMethod,
    "mpada": MPADA,
    "mlsp": MLSP,
    "kong": KongMethod,
    "traits": TraitInteractions,
    "blg-piaa": BLGPIAA,
    "task-vectors": TaskVectors,
    "zhang": Zhang,
    "zhang-anchored": ZhangAnchored,
    "zhang-anchored-no-rankings": ZhangAnchoredNoRankings,
    "zhang-anchored-no-population": ZhangAnchoredNoPopulation,
} | {f"zhang-{name.replace(' ', '-')}": partial(ablated, name) for name in ABLATIONS}


def methods() -> dict[str, Callable[[], Method]]:
    """Our methods and those of other installed packages, by short name. Ours cannot be replaced."""
    return METHODS | load_plugins("methods", callable_value, METHODS)


__all__ = ["METHODS", "Method", "PersonEvidence", "Study", "methods"]

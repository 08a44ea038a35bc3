"""Personalized-aesthetics methods of the papers, one file each, behind one small interface (`method`).

A new method is one file with a subclass of `Method` and its short name in `METHODS`; another package adds
its own by an entry point `retouch_aes.methods`, a callable that gives a `Method`. `methods` lists both.
"""

from collections.abc import Callable
from functools import partial

from retouch_aes.methods.fpmf import FPMF, FPMFFeatures
from retouch_aes.methods.method import Evidence, Method, Study
from retouch_aes.methods.mlsp import MLSP
from retouch_aes.methods.mpada import MPADA
from retouch_aes.methods.nima import NIMA
from retouch_aes.methods.pam import (
    PAM,
    Direct,
    DirectFeatures,
    PAMAll,
    PAMAttributes,
    PAMContent,
    PAMFeatures,
)
from retouch_aes.methods.r_svm import RSVM
from retouch_aes.methods.r_svr import RSVR
from retouch_aes.methods.rank_iqa import RankIQA
from retouch_aes.methods.zhang import ABLATIONS, Zhang, ablated
from retouch_aes.plugins import callable_value, load_plugins

METHODS: dict[str, Callable[[], Method]] = {
    "direct": Direct,
    "direct-features": DirectFeatures,
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
    "nima": NIMA,
    "mpada": MPADA,
    "mlsp": MLSP,
    "zhang": Zhang,
} | {f"zhang-{name.replace(' ', '-')}": partial(ablated, name) for name in ABLATIONS}


def methods() -> dict[str, Callable[[], Method]]:
    """Our methods and those of other installed packages, by short name. Ours cannot be replaced."""
    return METHODS | load_plugins("methods", callable_value, METHODS)


__all__ = ["METHODS", "Evidence", "Method", "Study", "methods"]

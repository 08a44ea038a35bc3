"""Personalized-aesthetics methods of the papers, one file each, behind one small interface (`method`).

A new method is one file with a subclass of `Method` and its short name in `METHODS`.
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

__all__ = ["METHODS", "Evidence", "Method", "Study"]

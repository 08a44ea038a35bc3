"""Personalized-aesthetics methods of the papers, one file each, behind one small interface (`method`).

A new method is one file with a subclass of `Method` and its short name in `METHODS`.
"""

from retouch_aes.methods.fpmf import FPMF, FPMFFeatures
from retouch_aes.methods.method import Evidence, Method, Study
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

METHODS: dict[str, type[Method]] = {
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
}

__all__ = ["METHODS", "Evidence", "Method", "Study"]

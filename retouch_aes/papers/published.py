"""The papers' own numbers, to be printed beside ours: other photos, other people, another backbone.

`ren`: gain in Spearman's rho over the generic score on FLICKR-AES, table 2; of the generic score, its rho.
`zhang`: rho on REAL-CUR, table 1. By short name of the method, then by the number of photos known.
"""

from collections.abc import Mapping

Numbers = Mapping[int, float]

PUBLISHED: Mapping[str, Mapping[str, Numbers]] = {
    "ren": {
        "generic": {10: 0.514, 100: 0.514},
        "direct": {10: -0.352, 100: -0.176},
        "fpmf-attributes": {10: -0.003, 100: 0.002},
        "fpmf-content": {10: -0.002, 100: 0.002},
        "fpmf": {10: -0.001, 100: 0.010},
        "pam-attributes": {10: 0.004, 100: 0.025},
        "pam-content": {10: 0.001, 100: 0.021},
        "pam": {10: 0.006, 100: 0.039},
    },
    "zhang": {
        "nima": {10: 0.41, 100: 0.43},
        "mpada": {10: 0.46, 100: 0.48},
        "mlsp": {10: 0.43, 100: 0.45},
        "fpmf": {10: 0.37, 100: 0.40},
        "pam": {10: 0.58, 100: 0.65},
        "r-svm": {10: 0.33, 100: 0.39},
        "r-svr": {10: 0.47, 100: 0.55},
        "rank-iqa": {10: 0.56, 100: 0.63},
        "zhang-exponential-loss": {10: 0.55, 100: 0.61},
        "zhang-logistic-loss": {10: 0.54, 100: 0.58},
        "zhang-no-attention": {10: 0.53, 100: 0.57},
        "zhang-no-rankings": {10: 0.44, 100: 0.49},
        "zhang-no-population": {10: 0.25, 100: 0.31},
        "zhang": {10: 0.61, 100: 0.67},
    },
}

PAIR_AGREEMENT: Mapping[str, str] = {
    "r-svm": "61-70 %",
    "r-svr": "70-74 %",
    "rank-iqa": "84-86 %",
    "zhang": "87-91 %",
}
"""Zhang et al., table 2: pairs in the person's order; four people, 220 pairs of 150 photos known."""

ATTRIBUTES: Mapping[str, tuple[float, float]] = {
    "BalacingElements": (0.3104, 0.2035),
    "ColorHarmony": (0.5176, 0.4808),
    "Content": (0.5641, 0.4854),
    "DoF": (0.5476, 0.5071),
    "Light": (0.4963, 0.3770),
    "Object": (0.6718, 0.5728),
    "Repetition": (0.3749, 0.3150),
    "RuleOfThirds": (0.2737, 0.2174),
    "Symmetry": (0.2558, 0.2283),
    "VividColor": (0.6938, 0.5759),
}
"""Ren et al., table 1: rho with AADB's attributes on its test photos, theirs and their baseline (Kong's)."""

"""A photo and a taste in, a recipe out: objective -> solver -> recipe -> full-resolution render."""

from retouch_aes.quasi_newton import QuasiNewton
from retouch_aes.retouch.objective import Objective, Weights
from retouch_aes.retouch.render import HALF_STEP, PROXY, develop, render
from retouch_aes.retouch.retouch import Settings, Solution, retouch

__all__ = [
    "HALF_STEP",
    "PROXY",
    "Objective",
    "QuasiNewton",
    "Settings",
    "Solution",
    "Weights",
    "develop",
    "render",
    "retouch",
]

"""A photo and a taste in, a recipe out: objective -> solver -> recipe -> full-resolution render."""

from retouch_aes.editing.counterfactual import Counterfactual, nearest_recipe
from retouch_aes.editing.framed import framed
from retouch_aes.editing.objective import Objective, ObjectiveWeights
from retouch_aes.editing.render import HALF_STEP, PROXY, develop, render
from retouch_aes.editing.solve import Outcome, RetouchSettings, Solution, retouch
from retouch_aes.optim.bfgs import BFGS

__all__ = [
    "BFGS",
    "HALF_STEP",
    "PROXY",
    "Counterfactual",
    "Objective",
    "ObjectiveWeights",
    "Outcome",
    "RetouchSettings",
    "Solution",
    "develop",
    "framed",
    "nearest_recipe",
    "render",
    "retouch",
]

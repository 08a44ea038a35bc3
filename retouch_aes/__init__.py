"""Learn a photo taste as a differentiable score, and retouch photos to it by gradient.

A taste is a score `f(x)` in [1, 10] that can be differentiated to the pixels, so `10 - f(x)` is a loss, and
whatever has parameters can be moved down it: the sliders of named operators, or a whole network.

    from retouch_aes import develop, load_model, load_prior, read, retouch, write

    photo = read("harbour.jpg")
    solution = retouch(photo.proxy(224), load_model("aesthetic"), prior=load_prior("edit-prior"))[0]
    write(develop(photo, solution.recipe), "harbour_retouched.jpg")
    solution.recipe.save("harbour.json")

The house. Imports only go down, and a test reads them:

    6  cli/          one file per command: parse, call, print
    5  web/          the A/B page
       report/       pictures for people: side by side, contact sheets
       bench/        benchmarks, rival methods, tables
       batch/        many photos: jobs, results, local and Ray executors, resume
    4  taste/        choices -> a person's score
       retouch/      objective -> solver -> recipe -> full-size render
       training/     how weights, enhancers and one-pass networks are made
       methods/      the papers' personalized-aesthetics methods, one interface
    3  models/       aesthetic models, backbones, the edit prior, weight files
       enhancers/    enhancement networks, ours and other people's
    2  operators/    differentiable edits, one file each, and `Recipe`, an ordered list of them
       losses/       EMD, ranking, aesthetic, fidelity
       datasets/     readers of rated photos, and the splits
    1  color/        tensor maths: transfer functions, Lab, Oklab, luma, Delta E, haze
       photo/        files <-> tensors: orientation, profiles, bit depth, metadata, RAW, HEIC
    0  errors.py, records.py

The names below are fetched when first used, so `import retouch_aes` is quick and loads no PyTorch. The name
`retouch` is the function here; the modules of that room are reached by `from retouch_aes.retouch import ...`.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from retouch_aes.enhancers import Enhancer, enhance, load_enhancer
    from retouch_aes.errors import RetouchError
    from retouch_aes.losses import AestheticLoss
    from retouch_aes.models import AestheticModel, load_model
    from retouch_aes.models.edit_prior import load_prior
    from retouch_aes.operators import OPERATORS, Operator, Recipe, read_recipe
    from retouch_aes.photo import Photo, find_photos, read, write
    from retouch_aes.retouch import Settings, Solution, develop, render, retouch

__version__ = "0.1.0"

__all__ = [
    "OPERATORS",
    "AestheticLoss",
    "AestheticModel",
    "Enhancer",
    "Operator",
    "Photo",
    "Recipe",
    "RetouchError",
    "Settings",
    "Solution",
    "__version__",
    "develop",
    "enhance",
    "find_photos",
    "load_enhancer",
    "load_model",
    "load_prior",
    "read",
    "read_recipe",
    "render",
    "retouch",
    "write",
]

_HOMES = {
    "OPERATORS": "retouch_aes.operators",
    "AestheticLoss": "retouch_aes.losses",
    "AestheticModel": "retouch_aes.models",
    "Enhancer": "retouch_aes.enhancers",
    "Operator": "retouch_aes.operators",
    "Photo": "retouch_aes.photo",
    "Recipe": "retouch_aes.operators",
    "RetouchError": "retouch_aes.errors",
    "Settings": "retouch_aes.retouch",
    "Solution": "retouch_aes.retouch",
    "develop": "retouch_aes.retouch",
    "enhance": "retouch_aes.enhancers",
    "find_photos": "retouch_aes.photo",
    "load_enhancer": "retouch_aes.enhancers",
    "load_model": "retouch_aes.models",
    "load_prior": "retouch_aes.models.edit_prior",
    "read": "retouch_aes.photo",
    "read_recipe": "retouch_aes.operators",
    "render": "retouch_aes.retouch",
    "write": "retouch_aes.photo",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'retouch_aes' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _House(ModuleType):
    """Keeps `retouch_aes.retouch` the function, whichever room was imported first.

    Python binds a submodule as an attribute of its package when it is first imported; the room `retouch`
    would then hide the function of that name. Here the binding is left aside, and asking gives the function.
    """

    @property
    def retouch(self) -> Any:
        return import_module("retouch_aes.retouch").retouch

    @retouch.setter
    def retouch(self, value: object) -> None:
        pass


sys.modules[__name__].__class__ = _House

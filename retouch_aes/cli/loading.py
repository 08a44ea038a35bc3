"""What commands need before work begins: a device, the model, the prior. PyTorch is imported here."""

from typing import TYPE_CHECKING

from retouch_aes.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    import torch

    from retouch_aes.models import AestheticModel
    from retouch_aes.models.edit_prior import LearnedPrior
    from retouch_aes.retouch import Adam
    from retouch_aes.taste import Taste

NO_PRIOR = "none"


def pick_device(name: str) -> "torch.device":
    """`auto` is a CUDA device where there is one."""
    import torch

    available = torch.cuda.is_available()
    if name == "cuda" and not available:
        raise UsageError("--device cuda: PyTorch finds no CUDA device here; use --device cpu")
    return torch.device("cuda" if available and name != "cpu" else "cpu")


def model(name: str, device: "torch.device") -> "AestheticModel":
    """The aesthetic model of a bundled name or a file, frozen, on `device`."""
    from retouch_aes.models import load_model

    return load_model(name).requires_grad_(False).to(device)


def personal(
    taste: "Path | None", generic: "AestheticModel", *, across: bool = False
) -> "tuple[AestheticModel, Taste | None]":
    """The score of the taste in a file, resting on `generic`, and the taste; `generic` for None."""
    if taste is None:
        return generic, None
    from retouch_aes.taste import Taste

    found = Taste.load(taste)
    return found.bind(generic, across=across), found


def prior(name: str, device: "torch.device") -> "LearnedPrior | None":
    """The edit prior of a bundled name or a file, frozen, on `device`; None for `none`."""
    from retouch_aes.models.edit_prior import load_prior

    return None if name == NO_PRIOR else load_prior(name).requires_grad_(False).to(device)


def solver(steps: int | None) -> "Adam":
    """The solver with that many steps at most; None keeps its own number."""
    from retouch_aes.retouch import Adam

    return Adam() if steps is None else Adam(steps=steps)

"""What commands need before work begins: a device, the model, the prior. PyTorch is imported here."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retouch_aes.cli import operator_names, options

if TYPE_CHECKING:
    import torch

    from retouch_aes.culling import PhotoJudge
    from retouch_aes.enhancers import Enhancer
    from retouch_aes.models import AestheticModel
    from retouch_aes.models.edit_prior import LearnedPrior
    from retouch_aes.operators import Recipe
    from retouch_aes.optim.bfgs import BFGS
    from retouch_aes.pipeline import Retoucher
    from retouch_aes.taste.contract import Taste

NO_PRIOR = "none"


def pick_device(name: str) -> "torch.device":
    """The device that `--device` means."""
    from retouch_aes import devices

    return devices.pick_device(name)


def model(name: str, device: "torch.device") -> "AestheticModel":
    """The aesthetic model of a bundled name or a file, frozen, on `device`."""
    from retouch_aes.models import load_model

    return load_model(name).requires_grad_(False).to(device)


def prior(name: str, device: "torch.device") -> "LearnedPrior | None":
    """The edit prior of a bundled name or a file, frozen, on `device`; None for `none`."""
    from retouch_aes.models.edit_prior import load_prior

    return None if name == NO_PRIOR else load_prior(name).requires_grad_(False).to(device)


def without_kept(
    operators: Sequence[str] | None, keep: Sequence[str] | None, taste: Path | None
) -> list[str] | None:
    """The operators that may be used: those given, the taste's or the general ones, without those to keep."""
    from retouch_aes.errors import UsageError
    from retouch_aes.operators import AUTO, select

    if keep is None:
        return None if operators is None else [operator.name for operator in select(operators)]
    kept = {operator.name for operator in select(keep)}
    person = _taste(taste) if operators is None else None
    usual = None if person is None else person.operators
    left = [operator.name for operator in select(operators or usual or AUTO) if operator.name not in kept]
    if not left:
        raise UsageError(
            f"--keep {','.join(keep)} leaves no operator; keep fewer, or name more in --operators"
        )
    return left


def _taste(path: Path | None) -> "Taste | None":
    """The taste of a file; what learns is imported only for one."""
    if path is None:
        return None
    from retouch_aes.taste import load_taste

    return load_taste(path)


def may_denoise(keep: Sequence[str] | None) -> bool:
    """Whether noise may be smoothed unasked: unless `--keep` names it."""
    return "denoise" not in (keep or ())


def may_fill_light(operators: Sequence[str] | None, keep: Sequence[str] | None) -> bool | None:
    """Whether dark parts may be lifted unasked, for `Retoucher`: `--keep` of others does not forbid it."""
    return None if operators is not None or keep is None else operator_names.FILL_LIGHT not in keep


def retoucher(
    name: str, taste: Path | None, prior_name: str, fast: str | None, device: "torch.device", **rest: Any
) -> "Retoucher":
    """The retoucher that the options of a command mean; `rest` as for `Retoucher`."""
    from retouch_aes.pipeline import Retoucher

    return Retoucher(
        model(name, device),
        taste=_taste(taste),
        prior=prior(prior_name, device),
        one_pass=None if fast in (None, options.PRIOR) else prior(str(fast), device),
        device=device,
        **rest,
    )


def look_file(name: str | None, taste: Path | None) -> tuple[Path | None, str | None]:
    """The taste to edit to, and the recipe to lay over it, that `--look` and `--taste` mean together."""
    from retouch_aes.errors import UsageError
    from retouch_aes.pipeline.look import find_look

    if name is None:
        return taste, None
    path = find_look(name)
    if path.suffix != ".taste":
        return taste, str(path.absolute())
    if taste is not None:
        raise UsageError(
            f"--look {name} is a taste, and so is {taste}; give one, or blend them (taste merge)"
        )
    return path, None


def look(name: str | None, taste: Path | None) -> "tuple[Path | None, Recipe | None]":
    """As `look_file`, the recipe read."""
    from retouch_aes.operators import installed, read_recipe

    found, path = look_file(name, taste)
    return found, None if path is None else read_recipe(path, installed())


def judge(name: str, taste: Path | None, device: str, side: int, *, thumbnails: bool) -> "PhotoJudge":
    """What ranks photos: the score, or the person of the file `taste`; said at once where they do not fit."""
    from retouch_aes.culling import PhotoJudge

    found = PhotoJudge(name, None if taste is None else str(taste.absolute()), side, device, thumbnails)
    found.load()
    return found


def enhancer(name: str, weights: Path | None, device: "torch.device", *, trust: bool = False) -> "Enhancer":
    """The enhancement network, frozen, on `device`; tried once, so that one that does not fit is refused."""
    import torch

    from retouch_aes.enhancers import enhance, load_enhancer

    network = load_enhancer(name, weights, trust=trust).requires_grad_(False).to(device)
    enhance(network, torch.full((1, 3, 96, 128), 0.5, device=device))
    return network


def new_enhancer(name: str, init: Path | None, device: "torch.device") -> "Enhancer":
    """The network to be trained: with random weights, or with those of `init`."""
    from retouch_aes.enhancers import enhancers, load_enhancer

    known = enhancers()
    fresh = known[name]() if name in known and init is None else load_enhancer(name, init)
    return fresh.to(device)


def solver(steps: int | None, fast: str | None = None) -> "BFGS":
    """The solver with that many steps at most; None keeps its own number, with `--fast` none."""
    from retouch_aes.optim.bfgs import BFGS

    if steps is None:
        return BFGS() if fast is None else BFGS(steps=0)
    return BFGS(steps=steps)

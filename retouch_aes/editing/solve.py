"""A photo and a taste in, a recipe out.

The photo is made small (the proxy), the prior guesses an edit, the solver improves it under the objective,
and the outcome is weighed against leaving the photo alone (`editing.outcome`): the score may not fall, the
edit must be visible, and a second, held-out scorer can veto one that it likes less than the original. On a
black and white photo the sliders of colour are held at neutral.

The default weights hold the edit close to the prior. On photos kept back from training an eighth of that
anchor let the score lead away from it: of the mean Delta E 2000 before restoration, 94 % was left instead of
85; the prior alone leaves 84.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor, nn

from retouch_aes.color.resize import proxy
from retouch_aes.color.value_range import check_range
from retouch_aes.editing.auto_levels import with_levels
from retouch_aes.editing.objective import Objective, ObjectiveWeights
from retouch_aes.editing.outcome import Judgement, Outcome, Scorers, Solution, decide
from retouch_aes.editing.render import PROXY
from retouch_aes.errors import UsageError
from retouch_aes.losses.fidelity import Fidelity
from retouch_aes.losses.looking_once import looking_once
from retouch_aes.models.edit_prior import EditPrior, NeutralPrior
from retouch_aes.models.model import in_evaluation
from retouch_aes.operators import AUTO, EditChain, Operator, select
from retouch_aes.operators.black_and_white import free_sliders
from retouch_aes.optim.bfgs import BFGS
from retouch_aes.optim.minimiser import Minimiser

__all__ = ["Outcome", "RetouchSettings", "Solution", "retouch"]


@dataclass(frozen=True)
class RetouchSettings:
    """How a retouch is sought.

    Attributes:
        proxy: Long side, in pixels, of the small copy that is searched.
        solver: The minimiser; one of 0 steps takes the prior's guess as it is.
        weights: Of fidelity, anchor and clipping against one point of score.
        worth: Points of score that an edit must gain for every unit of visible difference (mean Oklab
            distance); below 0 it counts as 0.
        strength: The sliders are moved so many times as far as was found.
        starts: Searches; those beyond the first begin around the prior's guess.
        seed: Of these.
        levels: The result's tones are stretched to black and white (`editing.auto_levels`), whatever the
            score says; False: never; None: where an end of them is missing and the score agrees, if there is
            a prior (and, in a `Retoucher`, no taste).

    Examples:
        >>> from retouch_aes import RetouchSettings
        >>> RetouchSettings(strength=0.5).proxy
        224
    """

    proxy: int = PROXY
    solver: Minimiser = field(default_factory=BFGS)
    weights: ObjectiveWeights = field(default_factory=ObjectiveWeights)
    worth: float = 0.0
    strength: float = 1.0
    starts: int = 1
    seed: int = 0
    levels: bool | None = None

    @property
    def as_asked(self) -> "RetouchSettings":
        """The same, with no levels unasked."""
        return replace(self, levels=bool(self.levels))

    @property
    def judgement(self) -> Judgement:
        """What decides whether the edit is applied."""
        return Judgement(max(0.0, self.worth), self.strength, self.proxy)


def retouch(
    image: Tensor,
    model: nn.Module,
    *,
    operators: Iterable[Operator | str] | None = None,
    prior: EditPrior | None = None,
    settings: RetouchSettings | None = None,
    veto: nn.Module | None = None,
    fidelity: Fidelity | None = None,
) -> list[Solution]:
    """Find an edit for each of several photos that a model scores higher.

    Minimised are, over the sliders, `10 - f`, fidelity to the photo, the distance to the prior's guess in its
    spreads, and clipped colours (`editing.Objective`). `Retoucher` does all that around it.

    Args:
        image: `(B, 3, H, W)`, sRGB [0, 1]; a small copy is made of larger ones.
        model: Scores `(B,)` in [1, 10]. It judges in evaluation mode; the caller's keeps its mode, its
            weights get no gradient and stay as free to be trained as they were.
        operators: Names or operators that may be used; None for `retouch_aes.operators.AUTO`.
        prior: Where the search starts and what it is held to; None for the photo as it is.
        settings: Proxy, solver, weights, strength.
        veto: A second scorer; an edit that it likes less than the photo is not made.
        fidelity: The perceptual distance, where one is at hand.

    Returns:
        One solution a photo, in order; `render` applies its recipe at full size.

    Raises:
        UsageError: Photos of another shape, with NaN or of another range, as 0..255; an unknown operator.

    Examples:
        >>> import torch
        >>> from retouch_aes import retouch
        >>> class Brightness(torch.nn.Module):
        ...     def forward(self, image):
        ...         return 1 + 9 * image.mean((1, 2, 3))
        >>> [found] = retouch(torch.full((1, 3, 32, 48), 0.3), Brightness(), operators=["exposure"])
        >>> found.outcome, found.reason  # without a prior a search is held near the photo as it is
        (<Outcome.LEFT_ALONE: 'left alone'>, 'the edit would not be seen')
    """
    if image.ndim != 4 or image.shape[1] != 3 or not image.is_floating_point():
        got = f"{tuple(image.shape)} {str(image.dtype).removeprefix('torch.')}"
        raise UsageError(f"expected float photos (B, 3, H, W) in sRGB [0, 1], got {got}")
    check_range(image)
    settings = settings or RetouchSettings()
    chain = EditChain(_chosen(operators))
    small = proxy(image, settings.proxy)
    judge = in_evaluation(model)
    free = free_sliders(small, chain)
    guess = (prior or NeutralPrior()).guess(small, chain)
    guess = (guess[0] * free, guess[1])
    units, history = guess[0], torch.empty(0, len(small))
    if settings.solver.steps:
        distance, seen = fidelity or Fidelity(), looking_once(judge)
        objective = Objective.about(small, chain, seen, distance, guess, settings.weights, free)
        units, history = _best_start(objective, guess, settings)
    units = units * free
    second = None if veto is None else in_evaluation(veto)
    found = decide(small, chain, units, Scorers(judge, second), history, settings.judgement)
    asked, unasked = settings.levels is True, settings.levels is None and prior is not None
    if not asked and not unasked:
        return found
    return with_levels(found, small, chain, judge, settings.strength, asked=asked)


def _chosen(operators: Iterable[Operator | str] | None) -> tuple[Operator, ...]:
    wanted = list(AUTO if operators is None else operators)
    named = select(item for item in wanted if isinstance(item, str))
    return (*named, *(item for item in wanted if isinstance(item, Operator)))


def _best_start(
    objective: Objective, guess: tuple[Tensor, Tensor], settings: RetouchSettings
) -> tuple[Tensor, Tensor]:
    """The best units over all starts, and the history of that run, per photo."""
    generator = torch.Generator().manual_seed(settings.seed)
    start, spread = guess
    found = settings.solver.minimise(objective, start, spread)
    units, history = found.parameters, found.history
    for _ in range(settings.starts - 1):
        noise = torch.randn(start.shape, generator=generator).to(start)
        other = settings.solver.minimise(objective, (start + spread * noise).clamp(-0.99, 0.99), spread)
        better = other.history[-1] < history[-1]
        units = torch.where(better[:, None].to(units.device), other.parameters, units)
        length = max(len(history), len(other.history))
        history = torch.where(better, _padded(other.history, length), _padded(history, length))
    return units, history


def _padded(history: Tensor, length: int) -> Tensor:
    return torch.cat([history, history[-1:].expand(length - len(history), -1)])

"""What becomes of a photo: its edit, some of it, or nothing; and why, in words.

An edit is applied where the score that it was sought by rises, by more than `worth` for every unit of
visible difference, and where it can be seen (mean Delta E 2000 of `VISIBLE` or more). The prior knows
faults that the score does not mind, so an edit whose score falls is not dropped at once: the largest of
`SHARES` of it that the score likes better than the photo is taken. So it is with an edit that turns the
black of a night grey, where no lower black point holds it (`editing.ends`), and with one that makes skin
darker or greyer than a bound (`operators.skin`). All of that is decided at strength 1. Another strength takes
that times the edit, and never touches a photo that strength 1 leaves alone.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

import torch
from torch import Tensor, nn

from retouch_aes.color.difference import delta_e_2000
from retouch_aes.color.oklab import oklab_distance
from retouch_aes.editing.ends import hold_ends, keeps_black
from retouch_aes.operators import EditChain, Recipe
from retouch_aes.operators.skin import keeps_skin

VISIBLE = 0.5
"""Mean Delta E 2000 below which nobody sees an edit."""
SHARES = (1.0, 0.75, 0.5, 0.25)
"""Of an edit, tried from the whole on."""
TURNS_GREY, DULLS_SKIN = "black would turn grey", "skin would turn dark or grey"
NOT_BETTER, NOT_SEEN = "no edit raises the score", "the edit would not be seen"
NOT_LIKED = "the second score falls"


class Outcome(StrEnum):
    """What became of a photo. A string, so that reports and manifests hold it as it is.

    Examples:
        >>> from retouch_aes import Outcome
        >>> Outcome.LEFT_ALONE == "left alone"
        True
    """

    EDITED = "edited"
    """The recipe changes something."""
    LEFT_ALONE = "left alone"
    """No edit was worth its difference, or none could be seen."""
    VETOED = "vetoed"
    """A second scorer likes the edit less than the photo."""
    GROUPED = "edited with its group"
    """The group's shared recipe was applied."""
    DONE_BEFORE = "done before"
    """An earlier run of the batch finished it."""


def because(*reasons: str) -> str:
    """Reasons as one, without the empty ones."""
    return "; ".join(filter(None, reasons))


@dataclass(frozen=True)
class Solution:
    """What was found for one photo.

    Attributes:
        recipe: The edit; without effect where the photo is left alone.
        outcome: `EDITED`, `LEFT_ALONE` or `VETOED`.
        score_before: Of the small copy, in [1, 10].
        score_after: Of the edited small copy; never below that before.
        difference: Mean Oklab distance between the two; 0 where the photo is left alone.
        history: The best value of the objective at the start and after each step; empty where nothing was
            sought.
        reason: Why, in words; "" where there is no more to say.
    """

    recipe: Recipe
    outcome: Outcome
    score_before: float
    score_after: float
    difference: float
    history: tuple[float, ...]
    reason: str = ""


@dataclass(frozen=True)
class Scorers:
    """The score that an edit was sought by, and one that may veto it; both in evaluation mode."""

    judge: nn.Module
    veto: nn.Module | None = None


@dataclass(frozen=True)
class Judgement:
    """Points of score that a unit of difference must bring; the strength; the side of the proxy."""

    worth: float
    strength: float
    proxy: int


@dataclass(frozen=True)
class _Verdict:
    """Of one photo: how much of its edit is applied (0: none) and why; its score and difference then."""

    share: float
    reason: str = ""
    outcome: Outcome = Outcome.LEFT_ALONE
    after: float = 0.0
    difference: float = 0.0


def decide(
    small: Tensor, chain: EditChain, units: Tensor, scorers: Scorers, history: Tensor, judgement: Judgement
) -> list[Solution]:
    """What becomes of proxies `(B, 3, H, W)` for which a search ended at `units` `(B, P)`, one by one."""
    with torch.no_grad():
        before = scorers.judge(small).tolist()
        units = hold_ends(small, chain, units)
        verdicts = _at_full_strength(small, chain, units, scorers, before, judgement.worth)
        if judgement.strength != 1:
            shares = judgement.strength * units.new_tensor([verdict.share for verdict in verdicts])
            tried = _Tried.of(small, chain, shares[:, None] * units, scorers.judge)
            falls = [after < was for after, was in zip(tried.after, before, strict=True)]
            verdicts = [_at_this_strength(v, tried, i, falls[i]) for i, v in enumerate(verdicts)]
    amounts = judgement.strength * units.new_tensor([verdict.share for verdict in verdicts])
    params = chain.from_units((amounts[:, None] * units).clamp(-1, 1)).cpu()
    return [
        Solution(
            recipe=replace(Recipe.of(chain, params[index]), proxy=judgement.proxy),
            outcome=verdict.outcome,
            score_before=before[index],
            score_after=verdict.after if verdict.share else before[index],
            difference=verdict.difference,
            history=tuple(history[:, index].tolist()),
            reason=verdict.reason,
        )
        for index, verdict in enumerate(verdicts)
    ]


@dataclass(frozen=True)
class _Tried:
    """An edit of some photos: scores and differences; whether it is seen; the harm it does, or "".

    Lists, since a device is waited for once a list and not once a photo.
    """

    edited: Tensor
    after: list[float]
    difference: list[float]
    visible: list[bool]
    harm: list[str]

    @staticmethod
    def of(photos: Tensor, chain: EditChain, units: Tensor, judge: nn.Module) -> "_Tried":
        edited = chain.apply(photos, chain.from_units(units.clamp(-1, 1)))
        seen = delta_e_2000(edited, photos).flatten(1).mean(dim=1) >= VISIBLE
        sound = keeps_skin(edited, photos, beyond_rest=True)
        kept = zip(keeps_black(edited, photos).tolist(), sound.tolist(), strict=True)
        harm = ["" if black and skin else DULLS_SKIN if black else TURNS_GREY for black, skin in kept]
        apart = oklab_distance(edited, photos)
        return _Tried(edited, judge(edited).tolist(), apart.tolist(), seen.tolist(), harm)


def _at_full_strength(
    small: Tensor, chain: EditChain, units: Tensor, scorers: Scorers, before: list[float], worth: float
) -> list[_Verdict]:
    verdicts: dict[int, _Verdict] = {}
    harmed: dict[int, str] = {}
    for share in SHARES:
        undecided = [index for index in range(len(small)) if index not in verdicts]
        if not undecided:
            break
        rows = torch.tensor(undecided, device=small.device)
        photos = small.index_select(0, rows)
        tried = _Tried.of(photos, chain, share * units.index_select(0, rows), scorers.judge)
        vetoed = [False] * len(undecided)
        if scorers.veto is not None:
            vetoed = (scorers.veto(tried.edited) < scorers.veto(photos)).tolist()
        for place, index in enumerate(undecided):
            after, difference = tried.after[place], tried.difference[place]
            if not tried.visible[place]:
                verdicts[index] = _Verdict(0.0, NOT_SEEN if share == 1 else NOT_BETTER)
            elif vetoed[place]:
                verdicts[index] = _Verdict(0.0, NOT_LIKED, Outcome.VETOED)
            elif tried.harm[place]:
                harmed[index] = tried.harm[place]
            elif after - before[index] > worth * difference:
                beyond = harmed.get(index, "the score falls")
                reason = "" if share == 1 else f"{100 * share:.0f} % of the edit: {beyond} beyond"
                verdicts[index] = _Verdict(share, reason, Outcome.EDITED, after, difference)
    return [verdicts.get(index, _Verdict(0.0, harmed.get(index, NOT_BETTER))) for index in range(len(small))]


def _at_this_strength(verdict: _Verdict, tried: _Tried, index: int, falls: bool) -> _Verdict:
    if not verdict.share:
        return verdict
    if falls or not tried.visible[index]:
        return _Verdict(0.0, f"{NOT_BETTER if falls else NOT_SEEN} at this strength")
    if tried.harm[index]:
        return _Verdict(0.0, f"{tried.harm[index]} at this strength")
    return replace(verdict, after=tried.after[index], difference=tried.difference[index])

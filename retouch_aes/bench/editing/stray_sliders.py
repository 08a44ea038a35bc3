"""What a taste moves that nobody asked for: people who care for one thing, and the sliders of their retouch.

Ten people, two for each quality, who like more or less of it and do not mind the others. After some answers
unseen photos are retouched to each, and the sliders that make a style are compared with those of the generic
retouch: the one they care for should have moved most, the others hardly.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from retouch_aes.bench.common.elicitation import Elicitation
from retouch_aes.bench.common.simulated_people import QUALITIES, Floats, SimulatedPerson
from retouch_aes.models.edit_prior import EditPrior
from retouch_aes.operators import Recipe
from retouch_aes.photo import Photo
from retouch_aes.pipeline import Retoucher
from retouch_aes.preferences.variations import REACH, STYLE_SLIDERS, RecipeVariations
from retouch_aes.progress import Progress, silent

_SLIDER_OF = {
    "exposure": "exposure.ev",
    "contrast": "contrast.contrast",
    "warmth": "white_balance.temperature",
    "saturation": "saturation.saturation",
    "clarity": "clarity.clarity",
}
_LIKING, _CARING = 1.0, 1.5  # units of the quality; weight
_CLARITY = STYLE_SLIDERS.index("clarity.clarity")
_VARIATIONS = RecipeVariations()


@dataclass(frozen=True)
class StraySliders:
    """After so many answers, over the people: how far sliders moved from the generic retouch, in reaches.

    `own` is the slider that they care for, `others` the mean of the rest, `clarity` that one where they care
    for another. `own_largest` is the share of people whose own slider moved most, `clarity_largest` the share
    of those who care for another thing in whom clarity did.
    """

    answers: int
    own: float
    others: float
    clarity: float
    own_largest: float
    clarity_largest: float


def stray_sliders(
    elicitation: Elicitation,
    anyone: Retoucher,
    prior: EditPrior | None,
    photos: Sequence[Tensor],
    *,
    answers: Sequence[int],
    seed: int = 0,
    progress: Progress | None = None,
) -> tuple[StraySliders, ...]:
    """Of `photos` `(1, 3, H, W)`, retouched by `anyone` and to the taste of each person."""
    usual = np.array([_moved(anyone, photo) for photo in photos])
    people = [(quality, sign) for quality in QUALITIES for sign in (1.0, -1.0)]
    moves: dict[int, list[Floats]] = {count: [] for count in answers}
    tell = progress or silent
    for number, (quality, sign) in enumerate(people):
        person = _caring_for(quality, sign)
        said = elicitation.ask(person, np.random.default_rng([seed, number, 11]))
        for count in answers:
            taste = elicitation.learn(said[:count])
            retoucher = Retoucher(anyone.model, taste=taste, prior=prior, settings=anyone.settings)
            mine = np.array([_moved(retoucher, photo) for photo in photos])
            moves[count].append(np.abs(mine - usual).mean(0))
        tell("one thing", number + 1, len(people))
    own = [STYLE_SLIDERS.index(_SLIDER_OF[quality]) for quality, _ in people]
    return tuple(_told(count, np.array(found), own) for count, found in moves.items())


def _caring_for(quality: str, sign: float) -> SimulatedPerson:
    which = np.array([name == quality for name in QUALITIES], np.float64)
    return SimulatedPerson(_LIKING * sign * which, _CARING * which)


def _moved(retoucher: Retoucher, image: Tensor) -> Floats:
    """The sliders that make a style, in reaches."""
    recipe: Recipe = retoucher(Photo(image)).recipe
    return np.asarray(_VARIATIONS.units(recipe) / np.array(REACH), np.float64)


def _told(answers: int, moves: Floats, own: Sequence[int]) -> StraySliders:
    rows, mine = np.arange(len(own)), np.array(own)
    rest = moves.copy()
    rest[rows, mine] = np.nan
    largest, elsewhere = moves.argmax(1), mine != _CLARITY
    return StraySliders(
        answers,
        own=float(moves[rows, mine].mean()),
        others=float(np.nanmean(rest)),
        clarity=float(moves[elsewhere, _CLARITY].mean()),
        own_largest=float((largest == mine).mean()),
        clarity_largest=float((largest[elsewhere] == _CLARITY).mean()),
    )

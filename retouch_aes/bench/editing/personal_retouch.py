"""`bench personal-retouch`: does a simulated person prefer the retouch that learned from their choices?

Half of the photos are used to ask, the other half to test. Everybody is asked the same questions between
renditions; after some numbers of answers a taste is learned and the unseen photos are retouched to it. Their
own, hidden utility then compares that with the generic retouch and with the photo as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from torch import Tensor

from retouch_aes.bench.common.bootstrap import bootstrap
from retouch_aes.bench.common.elicitation import Elicitation
from retouch_aes.bench.common.photos import difference, load
from retouch_aes.bench.common.simulated_people import SimulatedPerson, qualities
from retouch_aes.bench.editing.personal_retouch_report import PersonalComparison, PersonalRetouchReport
from retouch_aes.editing.solve import RetouchSettings
from retouch_aes.errors import UsageError
from retouch_aes.models.edit_prior import EditPrior
from retouch_aes.models.model import AestheticModel
from retouch_aes.photo import Photo
from retouch_aes.pipeline import Retoucher
from retouch_aes.preferences.answers import Choice
from retouch_aes.progress import Progress, silent


@dataclass(frozen=True)
class _Case:
    """One comparison: who, after how many answers, and the gains in utility."""

    person: int
    answers: int
    over_generic: float
    over_original: float
    moved: float
    agreement: float


def personal_retouch(
    photos: Sequence[Path],
    model: AestheticModel,
    prior: EditPrior | None,
    *,
    people: int = 10,
    answers: Sequence[int] = (30, 100),
    tests: int = 12,
    side: int = 256,
    settings: RetouchSettings | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> PersonalRetouchReport:
    """Learn from `answers` choices of each of `people` on some photos, and compare on `tests` others."""
    if len(photos) < 4 or people < 1 or not answers or min(answers) < 1:
        raise UsageError(
            f"expected four photos, a person and an answer at least, got {len(photos)}, {people}"
        )
    order = np.random.default_rng(seed).permutation(len(photos))
    test = [photos[i].resolve() for i in order[: min(tests, len(photos) // 2)]]
    asked = [photos[i].resolve() for i in order[len(test) :]]
    settings = settings or RetouchSettings(proxy=side)
    steps = people * (len(answers) + 1)
    tell = progress or silent
    elicitation = Elicitation.about(asked, model, count=max(answers), side=side, seed=seed)
    originals = [load(path, side) for path in test]
    first = learn_operators(elicitation)
    anyone = Retoucher(model, prior=prior, operators=first, settings=settings)
    plain = [retouched_proxy(anyone, image) for image in originals]
    was = [qualities(image) for image in originals]
    usual = [qualities(image) for image in plain]
    cases: list[_Case] = []
    for number in range(people):
        random = np.random.default_rng([seed, number, 7])
        person = SimulatedPerson.draw(random)
        said = elicitation.ask(person, random)
        tell("personal retouch", number * (len(answers) + 1) + 1, steps)
        for turn, count in enumerate(answers):
            taste = elicitation.learn(said[:count])
            retoucher = Retoucher(model, taste=taste, prior=prior, settings=settings)
            for image, scene, generic in zip(originals, was, usual, strict=True):
                personal = retouched_proxy(retoucher, image)
                mine = person.utility(qualities(personal), scene)
                cases.append(
                    _Case(
                        number,
                        count,
                        mine - person.utility(generic, scene),
                        mine - person.utility(scene, scene),
                        difference(personal, image),
                        taste.card.metrics.get("agreement", float("nan")),
                    )
                )
            tell("personal retouch", number * (len(answers) + 1) + 2 + turn, steps)
    moved = float(np.mean([difference(x, y) for x, y in zip(plain, originals, strict=True)]))
    rows = [_compared(cases, count, people, seed) for count in answers]
    return PersonalRetouchReport(len(asked), len(test), people, seed, moved, tuple(rows))


def learn_operators(elicitation: Elicitation) -> tuple[str, ...]:
    """The operators of a personal retouch, which the generic one may use too, so that both have the same."""
    question = elicitation.questions[0]
    return elicitation.learn([Choice(question.first, question.second)]).operators


def retouched_proxy(retoucher: Retoucher, image: Tensor) -> Tensor:
    """`image` `(1, 3, H, W)` retouched and rendered, as it would be written."""
    return retoucher(Photo(image)).photo.image


def _compared(cases: Sequence[_Case], count: int, people: int, seed: int) -> PersonalComparison:
    these = [case for case in cases if case.answers == count]
    of_person = np.array([case.person for case in these])

    def share(values: np.ndarray) -> np.ndarray:
        return np.array([(values[of_person == number] > 0).mean() for number in range(people)])

    generic = share(np.array([case.over_generic for case in these]))
    original = share(np.array([case.over_original for case in these]))
    return PersonalComparison(
        answers=count,
        over_generic=bootstrap(lambda drawn: float(generic[drawn].mean()), people, seed=seed),
        over_original=bootstrap(lambda drawn: float(original[drawn].mean()), people, seed=seed),
        moved=float(np.mean([case.moved for case in these])),
        agreement=float(np.nanmean([case.agreement for case in these])),
    )

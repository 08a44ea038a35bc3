"""`bench personal-retouch`: does a simulated person prefer the retouch that learned from their choices?

Half of the photos are used to ask, the other half to test. Everybody is asked the same questions between
renditions; after some numbers of answers a taste is learned and the unseen photos are retouched to it. Their
own, hidden utility then compares that with the generic retouch and with the photo as it is.

The same photos with faults (`common.degradations`) show whether a taste leaves the repair alone: there
utility is that for the sound photo. People who care for one thing only (`stray_sliders`) show what moves
unasked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from torch import Tensor

from retouch_aes.bench.common.bootstrap import Estimate, bootstrap
from retouch_aes.bench.common.degradations import draw
from retouch_aes.bench.common.elicitation import Elicitation
from retouch_aes.bench.common.photos import difference, load, retouched_proxy
from retouch_aes.bench.common.simulated_people import Floats, SimulatedPerson, qualities
from retouch_aes.bench.editing.personal_retouch_report import PersonalComparison, PersonalRetouchReport
from retouch_aes.bench.editing.stray_sliders import stray_sliders
from retouch_aes.editing.solve import RetouchSettings
from retouch_aes.errors import UsageError
from retouch_aes.models.edit_prior import EditPrior
from retouch_aes.models.model import AestheticModel
from retouch_aes.pipeline import Retoucher
from retouch_aes.preferences.answers import Choice
from retouch_aes.progress import Progress, silent


@dataclass(frozen=True)
class _Case:
    """One comparison: who, after how many answers, on what photo, and the gains in utility."""

    person: int
    answers: int
    faulty: bool
    over_generic: float
    over_original: float
    moved: float
    apart: float
    agreement: float


@dataclass(frozen=True)
class ShownPhoto:
    """A photo to retouch, the qualities of the sound one, and what the generic retouch made of it."""

    image: Tensor
    scene: Floats
    generic: Tensor
    faulty: bool

    @staticmethod
    def all_of(paths: Sequence[Path], anyone: Retoucher, side: int, seed: int) -> "list[ShownPhoto]":
        """Each of `paths` as it is, and with a fault of the kind that its number says."""
        found = []
        for number, path in enumerate(paths):
            sound = load(path, side)
            faults = draw(path.name, seed=seed, per_kind=1)
            spoilt = faults[number % len(faults)].apply(sound)
            scene = qualities(sound)
            for faulty, image in ((False, sound), (True, spoilt)):
                found.append(ShownPhoto(image, scene, retouched_proxy(anyone, image), faulty))
        return found


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
    anyone = Retoucher(model, prior=prior, operators=learn_operators(elicitation), settings=settings)
    shown = ShownPhoto.all_of(test, anyone, side, seed)
    cases: list[_Case] = []
    for number in range(people):
        random = np.random.default_rng([seed, number, 7])
        person = SimulatedPerson.draw(random)
        said = elicitation.ask(person, random)
        tell("personal retouch", number * (len(answers) + 1) + 1, steps)
        for turn, count in enumerate(answers):
            taste = elicitation.learn(said[:count])
            retoucher = Retoucher(model, taste=taste, prior=prior, settings=settings)
            agreement = taste.card.metrics.get("agreement", float("nan"))
            cases += [_compared_on(photo, person, retoucher, (number, count), agreement) for photo in shown]
            tell("personal retouch", number * (len(answers) + 1) + 2 + turn, steps)
    moved = float(np.mean([difference(one.generic, one.image) for one in shown if not one.faulty]))
    rows = [_compared(cases, count, faulty, people, seed) for faulty in (False, True) for count in answers]
    sound = [one.image for one in shown if not one.faulty]
    stray = stray_sliders(elicitation, anyone, prior, sound, answers=answers, seed=seed, progress=progress)
    return PersonalRetouchReport(len(asked), len(test), people, seed, moved, tuple(rows), stray)


def _compared_on(
    photo: ShownPhoto, person: SimulatedPerson, retoucher: Retoucher, who: tuple[int, int], agreement: float
) -> _Case:
    personal = retouched_proxy(retoucher, photo.image)
    mine, generic, was = (
        person.utility(qualities(image), photo.scene) for image in (personal, photo.generic, photo.image)
    )
    moved, apart = difference(personal, photo.image), difference(personal, photo.generic)
    return _Case(*who, photo.faulty, mine - generic, mine - was, moved, apart, agreement)


def learn_operators(elicitation: Elicitation) -> tuple[str, ...]:
    """The operators of a personal retouch, which the generic one may use too, so that both have the same."""
    question = elicitation.questions[0]
    return elicitation.learn([Choice(question.first, question.second)]).operators


def _compared(cases: Sequence[_Case], count: int, faulty: bool, people: int, seed: int) -> PersonalComparison:
    these = [case for case in cases if case.answers == count and case.faulty == faulty]
    of_person = np.array([case.person for case in these])
    over_generic = np.array([case.over_generic for case in these])
    over_original = np.array([case.over_original for case in these])

    def estimate(values: np.ndarray) -> Estimate:
        mean = np.array([values[of_person == number].mean() for number in range(people)])
        return bootstrap(lambda drawn: float(mean[drawn].mean()), people, seed=seed)

    return PersonalComparison(
        answers=count,
        faulty=faulty,
        over_generic=estimate(over_generic > 0),
        over_original=estimate(over_original > 0),
        gain=estimate(over_generic),
        moved=float(np.mean([case.moved for case in these])),
        apart=float(np.mean([case.apart for case in these])),
        agreement=float(np.nanmean([case.agreement for case in these])),
    )

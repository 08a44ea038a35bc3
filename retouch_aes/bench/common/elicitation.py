"""What simulated people are asked, and what is learned of their answers: for every benchmark with people.

All get the same questions between renditions of some photos and answer by their hidden utility, with noise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from retouch_aes.bench.common.simulated_people import Floats, SimulatedPerson, qualities
from retouch_aes.models.model import AestheticModel
from retouch_aes.photo import read
from retouch_aes.preferences.acquisition import PairAcquisition, Question
from retouch_aes.preferences.answers import Choice
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.taste.feature_cache import FeatureCache
from retouch_aes.taste.gp.covariance_files import FittedCovariance, default_covariance, find_covariance
from retouch_aes.taste.gp.learn import learn_gp_cached
from retouch_aes.taste.gp.taste import GPTaste


@dataclass(frozen=True)
class Elicitation:
    """Questions, and the qualities of all that they show: renditions, and by photo what they are made of."""

    questions: Sequence[Question]
    seen: Mapping[Rendition, Floats]
    scenes: Mapping[str, Floats]
    feature_cache: FeatureCache
    fitted: FittedCovariance

    @staticmethod
    def about(
        photos: Sequence[Path], model: AestheticModel, *, count: int, side: int, seed: int
    ) -> "Elicitation":
        """`count` questions about `photos`, shown at a long side of `side` pixels; tastes rest on `model`."""
        asked = [str(path.resolve()) for path in photos]
        feature_cache = FeatureCache(model, Path(), side=side)
        questions = PairAcquisition(asked, kind="renditions", seed=seed).propose([], count=count)
        fitted = find_covariance(model.fingerprint)
        if fitted is None:
            fitted = default_covariance(
                feature_cache.see([Rendition(photo) for photo in asked])[0], model.fingerprint
            )
        seen: dict[Rendition, Floats] = {}
        scenes: dict[str, Floats] = {}
        for question in questions:
            image = read(question.first.photo).proxy(side)
            scenes[question.first.photo] = qualities(image)
            for one in (question.first, question.second):
                seen[one] = qualities(image if one.recipe is None else one.recipe.apply(image))
        return Elicitation(questions, seen, scenes, feature_cache, fitted)

    def ask(self, person: SimulatedPerson, random: np.random.Generator) -> list[Choice]:
        """The answers of `person` to all questions."""
        return [self._answer(person, question, random) for question in self.questions]

    def learn(self, choices: Sequence[Choice]) -> GPTaste:
        """The taste that `choices` show."""
        return learn_gp_cached(choices, self.feature_cache, fitted=self.fitted)

    def _answer(self, person: SimulatedPerson, question: Question, random: np.random.Generator) -> Choice:
        one, other = question.first, question.second
        scene = self.scenes[one.photo]
        gap = person.utility(self.seen[one], scene) - person.utility(self.seen[other], scene)
        return Choice(one, other, time="") if person.prefers(gap, random) else Choice(other, one, time="")

"""What simulated people are asked, and what is learned of their answers: for every benchmark with people.

All get the same questions between renditions of some photos and answer by their hidden utility, with noise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from retouch_aes.bench.simulated import Floats, SimulatedPerson, qualities
from retouch_aes.models.model import AestheticModel
from retouch_aes.photo import read
from retouch_aes.taste import Choice, PairChooser, Question, Rendition, Sight, Taste
from retouch_aes.taste.kernels import Kernel, find_kernel, own_kernel
from retouch_aes.taste.learn import learn_seen


@dataclass(frozen=True)
class Interview:
    """Questions, and the qualities of all that they show: renditions, and by photo what they are made of."""

    questions: Sequence[Question]
    seen: Mapping[Rendition, Floats]
    scenes: Mapping[str, Floats]
    sight: Sight
    kernel: Kernel

    @staticmethod
    def about(
        photos: Sequence[Path], model: AestheticModel, *, count: int, side: int, seed: int
    ) -> "Interview":
        """`count` questions about `photos`, shown at a long side of `side` pixels; tastes rest on `model`."""
        asked = [str(path.resolve()) for path in photos]
        sight = Sight(model, Path(), side=side)
        questions = PairChooser(asked, kind="renditions", seed=seed).propose([], count=count)
        kernel = find_kernel(model.fingerprint)
        if kernel is None:
            kernel = own_kernel(sight.see([Rendition(photo) for photo in asked])[0], model.fingerprint)
        seen: dict[Rendition, Floats] = {}
        scenes: dict[str, Floats] = {}
        for question in questions:
            image = read(question.first.photo).proxy(side)
            scenes[question.first.photo] = qualities(image)
            for one in (question.first, question.second):
                seen[one] = qualities(image if one.recipe is None else one.recipe.apply(image))
        return Interview(questions, seen, scenes, sight, kernel)

    def ask(self, person: SimulatedPerson, random: np.random.Generator) -> list[Choice]:
        """The answers of `person` to all questions."""
        return [self._answer(person, question, random) for question in self.questions]

    def learn(self, choices: Sequence[Choice]) -> Taste:
        """The taste that `choices` show."""
        return learn_seen(choices, self.sight, kernel=self.kernel)

    def _answer(self, person: SimulatedPerson, question: Question, random: np.random.Generator) -> Choice:
        one, other = question.first, question.second
        scene = self.scenes[one.photo]
        gap = person.utility(self.seen[one], scene) - person.utility(self.seen[other], scene)
        return Choice(one, other, time="") if person.prefers(gap, random) else Choice(other, one, time="")

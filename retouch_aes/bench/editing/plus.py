"""`bench plus`: is a network that was trained to a taste liked better than the same network that was not?

Zhang et al. mark such networks by a "+". Each begins from one start and takes the same steps on the same
training photos, degraded by its fault, three ways: without a taste (its own losses and fidelity), with the
generic score, and with the taste of every simulated person, learned from their answers about other photos.
On test photos, which no step has seen, degraded alike, it is then compared by

    taste       the score that it was trained to
    other taste one of the same person, learned apart: from answers to other questions about other photos
    utility     the person's own, hidden
    and scores that had no part in any of it

A person's look and utility are counted from the photo before it was degraded.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Generator, Tensor, nn

from retouch_aes.atomic_io import replacing
from retouch_aes.bench.common.degradations import quantise
from retouch_aes.bench.common.elicitation import Elicitation
from retouch_aes.bench.common.methods import Score, run
from retouch_aes.bench.common.photos import difference, load
from retouch_aes.bench.common.simulated_people import SimulatedPerson, qualities
from retouch_aes.bench.editing.enhance import method_of
from retouch_aes.bench.editing.plus_report import ANYONE, PlusComparison, PlusReport
from retouch_aes.devices import device_of
from retouch_aes.enhancers import Enhancer
from retouch_aes.errors import UsageError
from retouch_aes.export.side_by_side import contact_sheet
from retouch_aes.models.model import AestheticModel
from retouch_aes.optim.training_loop import Schedule
from retouch_aes.progress import Progress
from retouch_aes.taste.gp.taste import GPTaste
from retouch_aes.training.enhancer.degradations import DegradeFunction
from retouch_aes.training.enhancer.train import (
    About,
    EnhancerTraining,
    Source,
    degraded_pairs,
    train_enhancer,
)

ASKED = 24  # photos in an elicitation
SHOWN = 6  # photos on a contact sheet


@dataclass(frozen=True)
class PlusNetwork:
    """A network: its name, how to begin it anew, the fault that it restores, the weights of its losses."""

    name: str
    begin: Callable[[], Enhancer]
    degradation: DegradeFunction
    weights: EnhancerTraining = field(default_factory=EnhancerTraining)


@dataclass(frozen=True)
class PlusTraining:
    """Steps, rate, batch and crop (px, also the long side of test photos) of every training."""

    steps: int = 150
    rate: float = 1e-3
    batch: int = 4
    side: int = 128


@dataclass(frozen=True)
class _Person:
    """A simulated one, the score learned of them about a photo, and another one learned apart."""

    name: str
    person: SimulatedPerson
    taste: About
    other: About


@dataclass(frozen=True)
class _Test:
    """A test photo as it is, `(1, 3, H, W)`, and degraded."""

    name: str
    original: Tensor
    image: Tensor


class _Indifferent(nn.Module):
    """Likes everything alike: the base takes the steps of the others, with everything but a taste."""

    def forward(self, image: Tensor) -> Tensor:
        """`(B, 3, H, W)` -> `(B,)`."""
        return image.new_full((len(image),), 5.5)


def plus(
    subjects: Sequence[PlusNetwork],
    training: Sequence[Path],
    tests: Sequence[Path],
    model: AestheticModel,
    scorers: Mapping[str, Score],
    *,
    people: int = 4,
    answers: int = 60,
    settings: PlusTraining | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    gallery_dir: Path | None = None,
) -> PlusReport:
    """Compare every network with and without a taste; `scorers` are held-out ones.

    With `gallery_dir` one contact sheet per network shows six test photos. `UsageError` where there is too
    little of something, or a test photo is a training photo too.
    """
    settings = settings or PlusTraining()
    _check(subjects, training, tests)
    random = np.random.default_rng(seed)
    order = [training[i] for i in random.permutation(len(training))]
    asked = order[: min(2 * ASKED, len(order) // 2)]
    crowd = _crowd(asked, model, people, answers, settings.side, seed)
    device = device_of(model)
    rows: list[PlusComparison] = []
    done, total = 0, len(subjects) * (people + 2)
    for subject in subjects:
        source = degraded_pairs(
            order[len(asked) :], subject.degradation, batch=settings.batch, side=settings.side
        )
        cases = _tests(tests, subject.degradation, settings.side, seed)
        answers_of: dict[str, list[Tensor]] = {}
        for name, taste in _tastes(crowd, model).items():
            method = method_of(_trained(subject, source, taste, settings, seed, device), device)
            answers_of[name] = [run(f"{subject.name}, {name}", method, case.image) for case in cases]
            done += 1
            if progress is not None:
                progress("plus", done, total)
        for index, case in enumerate(cases):
            made = {name: images[index] for name, images in answers_of.items()}
            rows += _compared(subject.name, case, made, crowd, model, scorers)
        if gallery_dir is not None:
            _save_sheet(gallery_dir / f"{subject.name.replace(':', '_')}.jpg", cases, answers_of)
    return PlusReport(
        seed, settings.side, settings.steps, answers, people, len(tests), tuple(scorers), tuple(rows)
    )


_BASE = "without"


def _trained(
    subject: PlusNetwork,
    source: Source,
    taste: nn.Module | About,
    settings: PlusTraining,
    seed: int,
    device: torch.device,
) -> Enhancer:
    torch.manual_seed(seed)
    network = subject.begin().to(device).requires_grad_(True)
    schedule = Schedule(subject.name, settings.steps, settings.rate, settings.steps // 10, seed=seed)
    train_enhancer(network, source, schedule, settings=subject.weights, taste=taste)
    return network


def _tastes(crowd: Sequence[_Person], model: AestheticModel) -> dict[str, nn.Module | About]:
    return {_BASE: _Indifferent(), ANYONE: model, **{one.name: one.taste for one in crowd}}


def _check(subjects: Sequence[PlusNetwork], training: Sequence[Path], tests: Sequence[Path]) -> None:
    if not subjects or len(training) < 8 or not tests:
        got = f"{len(subjects)}, {len(training)} and {len(tests)}"
        raise UsageError(f"expected a network, eight training photos and a test photo at least, got {got}")
    both = {path.resolve() for path in training} & {path.resolve() for path in tests}
    if both:
        raise UsageError(f"{min(both)} is a training photo and a test photo; keep them apart")


def _crowd(
    asked: Sequence[Path], model: AestheticModel, people: int, answers: int, side: int, seed: int
) -> list[_Person]:
    half = len(asked) // 2
    elicitations = [
        Elicitation.about(photos, model, count=answers, side=side, seed=seed + number)
        for number, photos in enumerate((asked[:half], asked[half:]))
        if people
    ]
    crowd = []
    for number in range(people):
        random = np.random.default_rng([seed, number, 7])
        person = SimulatedPerson.draw(random)
        taste, other = (
            _score_of(elicitation.learn(elicitation.ask(person, random)), model)
            for elicitation in elicitations
        )
        crowd.append(_Person(f"person {number + 1}", person, taste, other))
    return crowd


def _score_of(taste: GPTaste, model: AestheticModel) -> About:
    return lambda image: taste.editing_model(model, image.to(device_of(model)))


def _tests(paths: Sequence[Path], degradation: DegradeFunction, side: int, seed: int) -> list[_Test]:
    cases = []
    for number, path in enumerate(paths):
        original = load(path, side)
        chance = Generator().manual_seed(1_000_003 * (seed + 1) + number)
        cases.append(_Test(path.name, original, quantise(degradation(original, chance))))
    return cases


def _compared(
    network: str,
    case: _Test,
    made: Mapping[str, Tensor],
    crowd: Sequence[_Person],
    model: AestheticModel,
    scorers: Mapping[str, Score],
) -> list[PlusComparison]:
    base = made[_BASE]
    held = {name: _gain(score, made[ANYONE], base) for name, score in scorers.items()}
    moved = difference(made[ANYONE], base)
    rows = [
        PlusComparison(network, ANYONE, case.name, {"taste": _gain(model, made[ANYONE], base), **held}, moved)
    ]
    scene = qualities(case.original)
    seen = {name: qualities(image) for name, image in made.items()}
    for one in crowd:
        personal = made[one.name]
        liked, plain, of_anyone = (
            one.person.utility(seen[name], scene) for name in (one.name, _BASE, ANYONE)
        )
        gains = {
            "taste": _gain(one.taste(case.original), personal, base),
            "other taste": _gain(one.other(case.original), personal, base),
            "utility": liked - plain,
            "utility over anyone's": liked - of_anyone,
            **{name: _gain(score, personal, base) for name, score in scorers.items()},
        }
        rows.append(PlusComparison(network, one.name, case.name, gains, difference(personal, base)))
    return rows


def _gain(score: Score, image: Tensor, base: Tensor) -> float:
    device = device_of(score) if isinstance(score, nn.Module) else image.device
    with torch.no_grad():
        after, before = (float(score(one.to(device))[0]) for one in (image, base))
    return after - before


def _save_sheet(path: Path, cases: Sequence[_Test], answers: Mapping[str, Sequence[Tensor]]) -> None:
    rows = [
        [case.original, case.image, *(images[index] for images in answers.values())]
        for index, case in enumerate(cases[:SHOWN])
    ]
    sheet = contact_sheet(rows, ["photo", "degraded", *answers], [case.name for case in cases[:SHOWN]])
    with replacing(path) as temporary:
        sheet.save(temporary, quality=92)

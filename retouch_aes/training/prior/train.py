"""The training of an edit prior from end to end: photos in memory, examples seen once, the head fitted."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from retouch_aes.errors import UsageError
from retouch_aes.models.edit_prior import LearnedPrior, with_operators
from retouch_aes.operators import AUTO, REPAIR, FillLight
from retouch_aes.optim.training_loop import Schedule, TrainingProgress, train, with_losses
from retouch_aes.progress import Progress
from retouch_aes.training.photo_pool import PhotoPool
from retouch_aes.training.prior.edit_pairs import afters, see_pairs
from retouch_aes.training.prior.examples import (
    PriorExamples,
    See,
    gather_examples,
    see_all,
    see_finished,
    see_lacking,
    see_night,
)
from retouch_aes.training.prior.guard import fit_guard
from retouch_aes.training.prior.head import HeadTraining, head_losses, left_over
from retouch_aes.training.prior.kept_examples import examples_key, kept_examples

FEWEST_PHOTOS, FEWEST_PAIRS = 8, 4
AT_THE_START = "pair, at the start"
_NONE = PhotoPool((), ())
_FILL_FOR_SHADOWS = 0.7


@dataclass(frozen=True)
class PriorTraining:
    """How long and how fast; of more than `most` photos so many are drawn.

    Where no photos are kept apart to be measured on, `held` of eight are. Every `nights`-th photo is also
    shown as a night in coloured light. Each finished photo is seen `often` times, each that lacks light
    `often_lacking` times; `long_side` is the size in pixels at which photos are kept.

    Of the head that it began as the weights keep the share `kept`, with pairs `pairs_kept` (averaged:
    Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022): what few photos teach is not to
    cost what many taught. Of a photographer's pairs every `pairs_held`-th is kept apart, the others are seen
    `pair_crops` times; `checks` times on the way such a head is tried on the pairs kept apart, and the best
    one stands in the end, which may be the one that it began as.
    """

    steps: int = 300
    rate: float = 5e-4
    decay: float = 1e-2
    kept: float = 0.2
    held: int = 1
    most: int = 1200
    nights: int = 3
    often: int = 6
    often_lacking: int = 3
    long_side: int = 220
    seed: int = 0
    pairs_held: int = 4
    pair_crops: int = 24
    pairs_kept: float = 0.5
    checks: int = 6
    head: HeadTraining = field(default_factory=HeadTraining)


def train_prior(
    prior: LearnedPrior,
    photos: Sequence[Path],
    finished: Sequence[Path],
    settings: PriorTraining,
    *,
    lacking: Sequence[Path] = (),
    apart: Sequence[Path] = (),
    pairs: PhotoPool = _NONE,
    folder: Path | None = None,
    progress: TrainingProgress | None = None,
) -> dict[str, float]:
    """Fit the head of `prior` in place; its backbone stays. What is left over on photos kept apart, by kind.

    `photos` are well-made ones, `finished` those of difficult kinds, which are shown more often and never
    with faults, `lacking` those that lack light, whose answer is a rule's (`lift`); `pairs` those of one
    photographer, as `edit_pairs.load_pairs` gives them, whose afters count as well made, too. On `apart` it
    is measured; where there are none, some of `photos` are kept apart. Examples are kept in `folder`.
    Raises `UsageError` for fewer than eight photos and no pairs, or fewer than four pairs.
    """
    if len(photos) < FEWEST_PHOTOS and not len(pairs):
        raise UsageError(f"expected eight photos at least, got {len(photos)}")
    if 0 < len(pairs) < FEWEST_PAIRS:
        raise UsageError(f"expected four pairs at least, useful from ten on, got {len(pairs)}")
    device = next(prior.parameters()).device
    gather = _Gathering(prior, settings, folder, with_losses(progress))
    order = torch.arange(len(pairs))
    away = order % settings.pairs_held == 0
    own, tried = pairs.some(order[~away].tolist()), pairs.some(order[away].tolist())
    shown, tests = _split(photos, apart, settings)
    examples = gather(shown, "photos", see_all) + gather(finished, "finished", see_finished, settings.often)
    examples += gather(shown[:: settings.nights], "photos, as nights", see_night)
    examples += gather(lacking, "lacking light", see_lacking, settings.often_lacking)
    examples += gather.of(afters(own), "photos", see_all, settings.often)
    examples += gather.of(own, "pairs", see_pairs, settings.pair_crops)
    measured = gather(tests, "photos, apart", see_all) + gather.of(afters(tried), "photos, apart", see_all)
    tested = _by_shape(gather.of(tried, "pairs, apart", see_pairs, 8))
    examples, tested = ([some.to(device) for some in part] for part in (_by_shape(examples), tested))
    prior.requires_grad_(False)
    watch = _Watch(prior, tested, settings, progress)
    prior.head.requires_grad_(True).eval()  # what it stands on, the statistics of many photos, stays
    schedule = Schedule("prior", settings.steps, settings.rate, decay=settings.decay, seed=settings.seed)
    train(prior.head, head_losses(prior.head, prior.chain, examples, settings.head), schedule, progress=watch)
    prior.requires_grad_(False).eval()
    prior.head.load_state_dict(watch.best)
    guard = fit_guard(examples, seed=settings.seed, progress=progress)
    prior.guard = prior.guard if guard is None else guard
    left = left_over(prior.head, prior.chain, [*(some.to(device) for some in measured), *tested])
    return left | ({AT_THE_START: watch.at_the_start} if tested else {})


def _split(
    photos: Sequence[Path], apart: Sequence[Path], settings: PriorTraining
) -> tuple[list[Path], list[Path]]:
    """Photos to learn from, at most so many, drawn by chance, and photos to be measured on."""
    tests = list(apart) or [path for index, path in enumerate(photos) if index % 8 < settings.held]
    known = set(tests)
    rest = [path for path in photos if path not in known]
    drawn = torch.randperm(len(rest), generator=torch.Generator().manual_seed(settings.seed))
    return [rest[index] for index in sorted(drawn[: settings.most].tolist())], tests


class _Gathering:
    """Looks at photos for a training, each kind of photos with a name of its own."""

    def __init__(
        self, prior: LearnedPrior, settings: PriorTraining, folder: Path | None, progress: Progress | None
    ) -> None:
        self.prior, self.settings, self.folder, self.progress = prior, settings, folder, progress

    def __call__(self, paths: Sequence[Path], what: str, see: See, often: int = 1) -> list[PriorExamples]:
        """Examples of photos in files, each shown `often` times."""
        if not paths:
            return []
        crops, seed = torch.arange(len(paths)).repeat(often), self._seed(what)
        key = examples_key(self.prior, paths, crops, f"{what}, {self.settings.long_side} px", seed)

        def gather() -> list[PriorExamples]:
            return self.of(PhotoPool.load(paths, self.settings.long_side), what, see, often)

        return kept_examples(self.folder, key, gather)

    def of(self, pool: PhotoPool, what: str, see: See, often: int = 1) -> list[PriorExamples]:
        """Examples of photos in memory."""
        if not len(pool):
            return []
        crops = torch.arange(len(pool)).repeat(often)

        def told(_: str, done: int, of: int) -> None:
            if self.progress is not None:
                self.progress(f"seeing {what}", done, of)

        return gather_examples(self.prior, pool, crops, seed=self._seed(what), see=see, progress=told)

    def _seed(self, what: str) -> int:
        return self.settings.seed + ("apart" in what)


def knowing_fill_light(base: LearnedPrior) -> LearnedPrior:
    """`base`, or where it knows the general operators alone, one that fills light, too.

    Until it has learned better it does so where it lifts shadows, which it then lifts half as far.
    """
    known = [operator.name for operator in base.chain.operators]
    network = with_operators(base, REPAIR if known == list(AUTO) else known)
    network.doubt = base.doubt
    if known == list(AUTO):
        both = (f"{FillLight.name}.fill", "tones.shadows")
        fill, shadows = (network.chain.names.index(name) for name in both)
        with torch.no_grad():
            for numbers in (network.head.out.weight, network.head.out.bias):
                numbers[fill] = _FILL_FOR_SHADOWS * numbers[shadows]
                numbers[shadows] *= 0.5
    return network


class _Watch:
    """Follows a training, and keeps the averaged head that leaves least of the pairs kept apart."""

    def __init__(
        self,
        prior: LearnedPrior,
        tested: Sequence[PriorExamples],
        settings: PriorTraining,
        progress: TrainingProgress | None,
    ) -> None:
        self.prior, self.tested, self.settings, self.progress = prior, tested, settings, progress
        self.best: dict[str, Tensor] = copy.deepcopy(prior.head.state_dict())
        self._began = copy.deepcopy(self.best)
        self._trial = copy.deepcopy(prior.head)
        self.at_the_start = self._least = self._left(self.best)

    def __call__(self, stage: str, done: int, of: int, losses: Mapping[str, float]) -> None:
        if self.progress is not None:
            self.progress(stage, done, of, losses)
        due = done % max(1, of // self.settings.checks) == 0 and bool(self.tested)
        if not due and done < of:
            return
        kept = self.settings.pairs_kept if self.tested else self.settings.kept
        averaged = {
            name: value.lerp(self._began[name], kept) if value.is_floating_point() else value
            for name, value in self.prior.head.state_dict().items()
        }
        left = self._left(averaged)
        if left < self._least or not self.tested:
            self.best, self._least = copy.deepcopy(averaged), left

    def _left(self, state: Mapping[str, Tensor]) -> float:
        """What a head leaves of the pairs kept apart."""
        self._trial.load_state_dict(state)
        return left_over(self._trial, self.prior.chain, self.tested).get("pair", 0.0)


def _by_shape(examples: Sequence[PriorExamples]) -> list[PriorExamples]:
    """Examples of one shape together, so that every step may draw of every kind."""
    shapes: dict[torch.Size, list[PriorExamples]] = {}
    for some in examples:
        shapes.setdefault(some.images.shape[1:], []).append(some)
    return [PriorExamples.joined(parts) for parts in shapes.values()]

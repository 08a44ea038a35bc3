"""What a person's answers add on themes and by people that nothing was fitted or chosen on.

Of every fold of themes (`score_folds`) the generic score is one that never saw it. The covariance is tuned on
other people, whose ratings of the fold are left out; then people that were not tuned on are predicted on the
fold, from answers about the others. A person's gains are averaged over the folds; intervals are over people.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retouch_aes.bench.scoring.taste import Floats, estimates, person_rhos
from retouch_aes.bench.scoring.taste_report import TasteReport
from retouch_aes.errors import UsageError
from retouch_aes.progress import Progress
from retouch_aes.taste.gp.covariance_files import FittedCovariance
from retouch_aes.taste.gp.people import RaterPopulation
from retouch_aes.taste.gp.tuning import tune_covariance

_INNER = 6


def personal_folds(
    people: RaterPopulation,
    folds: NDArray[np.intp],
    *,
    sizes: Sequence[int] = (10, 100),
    tuned_on: int = 90,
    tested: int = 230,
    repeats: int = 2,
    seed: int = 0,
    progress: Progress | None = None,
) -> TasteReport:
    """Predict `tested` people on every fold of `folds` `(P,)`; see the module.

    The scores of `people` must come from heads that never saw a photo's fold. `UsageError` without people
    enough for both.
    """
    tuning, others = people.split(0.5, seed)
    if len(tuning) < 10 or not others:
        raise UsageError(f"expected 20 people at least, got {len(people.persons)}")
    found: dict[tuple[bool, int], dict[int, list[Floats]]] = {(True, size): {} for size in sizes}
    numbers = sorted(set(folds.tolist()))
    for step, fold in enumerate(numbers):
        held = folds == fold
        known = people.without(held, tuning[:tuned_on])
        inner = [people.held(0.25, 100 + number) & ~held for number in range(_INNER)]
        basis, settings, _ = tune_covariance(
            people.features, people.score, people.styles, known, inner, seed=seed
        )
        fitted = FittedCovariance(basis, settings, "", "")
        rows = person_rhos(
            people, others[:tested], held, fitted, splits=(True,), sizes=sizes, repeats=repeats, seed=fold
        )
        for key, values in rows.items():
            for person, rhos in values.items():
                found[key].setdefault(person, []).append(rhos)
        if progress is not None:
            progress("personal folds", step + 1, len(numbers))
    means = {key: np.array([np.mean(v, axis=0) for v in values.values()]) for key, values in found.items()}
    cells = {key: estimates(rhos, seed) for key, rhos in means.items() if len(rhos)}
    text = f"tuned on {min(tuned_on, len(tuning))} other people, {len(numbers)} folds of themes apart"
    return TasteReport(
        len(others[:tested]), repeats, seed, text, cells, {key: len(rhos) for key, rhos in means.items()}
    )

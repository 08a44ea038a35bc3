"""`bench expert`: do choices for an editor's version bring the retouch of other photos nearer to that editor?

Pairs of a photo and one editor's retouch of it. Each photo is left out in turn; from the others the choices
"the editor's > the photo as it was" are learned, the photo is retouched to that taste, and the distance to
what the editor made of it is compared with the generic retouch's, which has the same operators. Beside it
stand the taste that `learn --edits` learns of the same pairs, the median of the editor's other edits as a
preset, and how near sliders can come at all.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from retouch_aes.bench.common.bootstrap import bootstrap
from retouch_aes.bench.common.photos import difference, load, retouched_proxy
from retouch_aes.bench.editing.expert_report import ExpertReport
from retouch_aes.editing.solve import RetouchSettings
from retouch_aes.errors import UsageError
from retouch_aes.export.edit_answers import edit_answers, fit_edits, median_edit
from retouch_aes.export.usual_edit_fit import usual_edit
from retouch_aes.models.edit_prior import EditPrior
from retouch_aes.models.model import AestheticModel
from retouch_aes.pipeline import Retoucher
from retouch_aes.preferences.answers import Choice
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.progress import Progress
from retouch_aes.taste.feature_cache import FeatureCache
from retouch_aes.taste.gp.covariance_files import default_covariance, find_covariance
from retouch_aes.taste.gp.learn import learn_gp_cached

METHODS = (
    "the photo as it was",
    "generic retouch",
    "personal retouch",
    "personal, from edits (learn --edits)",
    "the median of their other edits",
    "sliders fitted to the answer (the floor)",
)


def expert(
    pairs: Sequence[tuple[Path, Path]],
    model: AestheticModel,
    prior: EditPrior | None,
    *,
    settings: RetouchSettings | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> ExpertReport:
    """Leave each of `pairs` (photo, editor's version) out in turn. `UsageError` for fewer than three."""
    if len(pairs) < 3:
        raise UsageError(
            f"expected three pairs at least, two to learn from and one to test on, got {len(pairs)}"
        )
    settings = settings or RetouchSettings()
    feature_cache = FeatureCache(model, Path(), side=settings.proxy)
    choices = [
        Choice(Rendition(str(theirs.resolve())), Rendition(str(photo.resolve())), time="")
        for photo, theirs in pairs
    ]
    fitted = find_covariance(model.fingerprint)
    if fitted is None:
        shown = [side for choice in choices for side in (choice.winner, choice.loser)]
        fitted = default_covariance(feature_cache.see(shown)[0], model.fingerprint)
    edits, problems = fit_edits(pairs, progress)
    if problems:
        raise UsageError("; ".join(problems))
    rows = []
    for number, (path, theirs) in enumerate(pairs):
        photo, target = load(path, settings.proxy), load(theirs, settings.proxy)
        if photo.shape != target.shape:
            raise UsageError(f"{path} and {theirs}: expected photos of one shape")
        taste = learn_gp_cached(
            [c for i, c in enumerate(choices) if i != number], feature_cache, fitted=fitted
        )
        anyone = Retoucher(model, prior=prior, operators=taste.operators, light=True, settings=settings)
        personal = Retoucher(model, taste=taste, prior=prior, settings=settings)
        others = [edit for i, edit in enumerate(edits) if i != number]
        of_edits = replace(
            learn_gp_cached(edit_answers(others), feature_cache, fitted=fitted), usual=usual_edit(others)
        )
        follower = Retoucher(model, taste=of_edits, prior=prior, settings=settings)
        outcomes = (
            photo,
            *(retouched_proxy(way, photo) for way in (anyone, personal, follower)),
            *(recipe.apply(photo) for recipe in (median_edit(others), edits[number].recipe)),
        )
        rows.append([difference(outcome, target) for outcome in outcomes])
        if progress is not None:
            progress("expert", number + 1, len(pairs))
    table = np.array(rows)

    def mean_of(values: np.ndarray) -> Callable[[np.ndarray], float]:
        return lambda drawn: float(values[drawn].mean())

    distances = [bootstrap(mean_of(column), len(table), seed=seed) for column in table.T]
    gain = bootstrap(mean_of(table[:, 1] - table[:, 2]), len(table), seed=seed)
    photos = tuple(path.name for path, _ in pairs)
    return ExpertReport(
        photos, dict(zip(METHODS, distances, strict=True)), gain, table.round(3).tolist(), seed
    )

"""`learn`: one person's taste from their answers, by any method."""

from collections.abc import Iterable
from pathlib import Path

from retouch_aes.datasets import RatedDataset
from retouch_aes.errors import UsageError
from retouch_aes.executors import Executor
from retouch_aes.models import AestheticModel, load_model
from retouch_aes.models.catalogue import card_of
from retouch_aes.preferences.answers import Answer
from retouch_aes.progress import Progress
from retouch_aes.taste.by_paper import check_method, learn_by_paper
from retouch_aes.taste.contract import Taste
from retouch_aes.taste.feature_cache import FeatureCache
from retouch_aes.taste.finetune.learn import learn_finetuned
from retouch_aes.taste.finetune.training import HEAD, PAPER
from retouch_aes.taste.gp.learn import learn_gp_cached
from retouch_aes.taste.rated_pool import RatedPool

METHODS = {
    "gp": "a Gaussian process on what the person adds to the score: a small file, in seconds",
    "head": "the score with a last layer of one's own (Zhang et al., the last layer only)",
    "paper": "the whole network at the paper's schedule (Zhang et al.); slow without a GPU",
}
_SCHEDULES = {"head": HEAD, "paper": PAPER}


def learn(
    answers: Iterable[Answer],
    photos: str | Path,
    model: AestheticModel | str | Path = "aesthetic",
    *,
    method: str = "gp",
    name: str | None = None,
    pool: RatedPool | None = None,
    population: RatedDataset | None = None,
    trained: str | Path | None = None,
    cache: str | Path | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Taste:
    """Learn a person's taste from choices and ratings.

    Args:
        answers: Choices, ties, skips and ratings, as `read_answers` and `read_ratings` give them.
        photos: The folder that the photos of the answers are relative to.
        model: The generic score to learn on: a bundled name, a weight file, or a model with features.
        method: One of `METHODS`, or the short name of a method of the papers (`retouch_aes.papers.methods()`
            or "cfan"): whatever it learns is made one model of its own.
        name: What to call `model` in the taste, where a model is given: a bundled name or a weight file.
        pool: Photos rated by other people, of which similar ones are learned from first; not for "gp".
        population: Other people's ratings, for methods of the papers; some need one.
        trained: A file of `retouch-aes train cfan`, for "cfan": the person becomes one of its users.
        cache: A folder that keeps what was seen of photos; None keeps nothing on disk.
        executor: Who looks at the photos; None does it here. `InProcess(1)` and
            `LocalExecutor(8)` give the same taste, bit for bit.
        progress: Called as `progress(stage, done, of)`; may raise to stop.

    Returns:
        The taste, on the device of `model`; save it with `taste.save("me.taste")`.

    Raises:
        UsageError: An unknown method, or answers that say nothing.
        DatasetError: Photos of the answers that are missing, all of them named.
        WeightsError: No such model.

    Examples:
        >>> from retouch_aes import learn
        >>> learn([], "photos/", method="telepathy")
        Traceback (most recent call last):
        ...
        retouch_aes.errors.UsageError: expected a method among gp, head, paper, cfan, ..., got 'telepathy'
    """
    if method not in METHODS:
        check_method(method)
    if pool is not None and method not in _SCHEDULES:
        raise UsageError("a pool is for the methods head and paper; gp learns from the answers alone")
    if (population is not None and method in METHODS) or (trained is None) != (method != "cfan"):
        raise UsageError("population is for methods of the papers, trained for cfan and only for it")
    if isinstance(model, AestheticModel):
        generic, called = model, name or type(model).__name__
    else:
        generic, called = load_model(model).requires_grad_(False), name or str(model)
    card = None if isinstance(model, AestheticModel) and name is None else card_of(called)
    if method not in METHODS:
        return learn_by_paper(
            method,
            answers,
            photos,
            generic,
            card,
            population=population,
            trained=trained,
            cache=None if cache is None else Path(cache),
            executor=executor,
            progress=progress,
        )
    seen = FeatureCache(generic, photos, cache=cache, executor=executor)
    if method == "gp":
        return learn_gp_cached(answers, seen, model_name=called, progress=progress)
    schedule = _SCHEDULES[method]
    return learn_finetuned(answers, seen, schedule, pool=pool, generic_card=card, progress=progress)

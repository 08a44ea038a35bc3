"""A person by a method of the papers, as a taste: the one place where such a method becomes a file.

The file is a `FinetunedTaste`: all of the score in one safetensors file with its card, the generic model
included, so that it needs nothing but this library. The papers are imported when a method is asked for.
"""

from collections.abc import Iterable
from pathlib import Path

from retouch_aes.datasets import RatedDataset
from retouch_aes.errors import UsageError
from retouch_aes.executors import Executor
from retouch_aes.models import ModelCard
from retouch_aes.models.model import AestheticModel
from retouch_aes.preferences.answers import Answer
from retouch_aes.progress import Progress
from retouch_aes.taste.card import TasteCard
from retouch_aes.taste.finetune.taste import FinetunedTaste

CFAN = "cfan"


def check_method(name: str) -> None:
    """`UsageError` unless a method of the papers has that short name."""
    from retouch_aes.papers import methods

    if name != CFAN and name not in methods():
        raise UsageError(f"expected a method among gp, head, paper, cfan, ..., got {name!r}")


def learn_by_paper(
    name: str,
    answers: Iterable[Answer],
    folder: str | Path,
    generic: AestheticModel,
    card: ModelCard | None,
    *,
    population: RatedDataset | None = None,
    trained: str | Path | None = None,
    cache: Path | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> FinetunedTaste:
    """The taste that the method called `name` learns on `generic`; see `learn` for the rest.

    `card` is that of `generic`: its licence and data carry over.
    """
    if name == CFAN:
        from retouch_aes.papers.personal.newcomer import learn_newcomer

        found = learn_newcomer(
            Path(str(trained)), answers, folder, generic, cache=cache, executor=executor, progress=progress
        )
    else:
        from retouch_aes.papers.personal.learn import learn_by_method

        found = learn_by_method(
            name,
            answers,
            folder,
            generic,
            population=population,
            cache=cache,
            executor=executor,
            progress=progress,
        )
    said, metrics = found.said, found.metrics
    told = f"{found.method}, learned from {said.choices} choices and {said.ratings} ratings"
    provenance = (
        f"one person's taste by retouch_aes: {told}, on the model with fingerprint {generic.fingerprint}"
    )
    licence, data = (card.licence, card.data) if card else ("not stated", ())
    known = TasteCard(
        model=str(getattr(found.model, "short_name", type(found.model).__name__)),
        fingerprint=generic.fingerprint,
        choices=said.choices,
        ratings=said.ratings,
        metrics=metrics,
        says_little=bool(metrics) and metrics["agreement"] <= metrics["generic_agreement"],
        notes=(told, *(() if metrics else ("not checked on photos left out",))),
    )
    return FinetunedTaste(found.model, ModelCard(licence, provenance, data, dict(metrics)), known)

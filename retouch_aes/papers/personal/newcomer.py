"""A person as one more user of a trained CFAN, from answers about photos."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch

from retouch_aes.devices import device_of
from retouch_aes.executors import Executor
from retouch_aes.models.model import AestheticModel
from retouch_aes.papers.cfan.score import person_logits
from retouch_aes.papers.cfan.trained import TrainedCFAN
from retouch_aes.papers.method import Indices
from retouch_aes.papers.personal.learn import FOLDS, LearnedByMethod, said_of
from retouch_aes.papers.personal.study_backbone import SIDE, StudyBackbone
from retouch_aes.photo import read
from retouch_aes.preferences.answers import Answer
from retouch_aes.progress import Progress


def learn_newcomer(
    trained: Path,
    answers: Iterable[Answer],
    folder: str | Path,
    generic: AestheticModel,
    *,
    cache: Path | None = None,
    seed: int = 0,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> LearnedByMethod:
    """The person behind `answers`, by the network of the file `trained`, on the device of `generic`.

    `generic` is what agreement is held against. Errors as of `learn_by_method`; `WeightsError` for the file.
    """
    network = TrainedCFAN.load(trained).requires_grad_(False).to(device_of(generic))
    backbone = StudyBackbone(generic, "generic", executor=executor)
    said, scores = said_of(answers, Path(folder), backbone, cache, seed, progress)
    with torch.no_grad():
        rows = [network.sight.maps(read(photo).proxy(SIDE).to(backbone.device)) for photo in said.photos]
    maps, pairs = torch.cat(rows), torch.from_numpy(said.pairs)
    right: list[np.ndarray] = []
    plain: list[np.ndarray] = []
    order = np.random.default_rng([seed, 19]).permutation(len(said.photos))
    for fold in range(FOLDS):
        out = np.isin(said.pairs, order[fold::FOLDS]).any(1)
        if out.any() and not out.all():
            person = network.newcomer(maps, pairs[torch.from_numpy(~out)])
            with torch.no_grad():
                found = person_logits(person.network, maps, person.reviews).cpu().numpy()
            right.append(_ahead(found, said.pairs[out]))
            plain.append(_ahead(scores, said.pairs[out]))
        if progress is not None:
            progress("checking", fold + 1, FOLDS)
    metrics = {}
    if right:
        shares = [float(np.concatenate(part).mean()) for part in (right, plain)]
        metrics = dict(zip(("agreement", "generic_agreement"), shares, strict=True))
    return LearnedByMethod(network.newcomer(maps, pairs), "CFAN (a newcomer)", said, metrics)


def _ahead(scores: "np.ndarray", pairs: Indices) -> "np.ndarray":
    return np.asarray(scores[pairs[:, 0]] > scores[pairs[:, 1]])

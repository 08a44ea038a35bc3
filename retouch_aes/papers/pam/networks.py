"""From rated photos to the networks that PAM reads, in a folder from which a stopped run goes on.

    FOLDER/generic.safetensors    the generic score, a `PooledScorer`
    FOLDER/pam.safetensors        with attributes and content beside it, a `TraitsScorer`

`bench piaa --backbone FOLDER/pam.safetensors` takes its attributes and content in place of the measured ones.
What each has learned is told on photos of the datasets' test parts, or of a tenth drawn by `seed`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from retouch_aes.datasets import RatedDataset
from retouch_aes.datasets.readable import readable_only
from retouch_aes.errors import UsageError
from retouch_aes.models.heads import rating_distribution
from retouch_aes.models.model import mean_score
from retouch_aes.models.pooled import PooledScorer
from retouch_aes.models.traits_scorer import TraitsScorer
from retouch_aes.optim.run_folder import begin_run
from retouch_aes.optim.training_loop import TrainingProgress, with_losses
from retouch_aes.papers.pam.training import (
    AADB_TEN,
    GenericSchedule,
    TraitsSchedule,
    attribute_table,
    train_attributes,
    train_content,
    train_generic_network,
)
from retouch_aes.training.feature_table import Failed, feature_table
from retouch_aes.training.score.pooled_head import rank_correlation

_HELD = 0.1
_LEAST = 4


@dataclass(frozen=True)
class NetworkRun:
    """Where a training keeps its state, on which device it runs, and whom it tells.

    `settings` are all that the result depends on; they are kept in the folder, and a folder of
    others is refused.
    """

    folder: Path
    device: torch.device
    progress: TrainingProgress | None = None
    failed: Failed | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    def begin(self) -> None:
        """Make the folder, or check that it holds this run. `UsageError` for one of other settings."""
        begin_run(self.folder, self.settings)

    def see(self, model: PooledScorer, photos: Sequence[Path]) -> NDArray[np.float32]:
        """The features of `photos`, kept in the folder."""
        return feature_table(
            model,
            photos,
            self.folder,
            device=self.device,
            progress=with_losses(self.progress),
            failed=self.failed,
        )


def split(data: RatedDataset, seed: int) -> tuple[RatedDataset, RatedDataset]:
    """The photos to learn from and those to be measured on: the authors' parts, else a tenth drawn by `seed`.

    `UsageError` for fewer than ten photos.
    """
    if {"train", "test"} <= data.splits.keys():
        return data.part("train"), data.part("test")
    if len(data) < 10:
        raise UsageError(f"expected 10 rated photos at least, got {len(data)}")
    order = np.random.default_rng(seed).permutation(len(data))
    held = {data.photos[i] for i in order[: max(_LEAST, round(_HELD * len(data)))]}
    return data.subset(set(data.photos) - held), data.subset(held)


def train_generic_on(
    model: PooledScorer, data: RatedDataset, schedule: GenericSchedule, run: NetworkRun
) -> float:
    """Train `model` in place on the training part of `data`; returned is its rho on the other part.

    The whole network, or with `schedule.whole` off its last layer on features seen once.
    """
    model.to(run.device)
    kept, held = split(data, schedule.seed)
    if schedule.whole:
        kept = readable_only(kept, progress=with_losses(run.progress))
        checkpoint = run.folder / "generic.ckpt"
        train_generic_network(model, kept, schedule, checkpoint=checkpoint, progress=run.progress)
    else:
        table = torch.from_numpy(run.see(model, kept.photos))
        sound = table.isfinite().all(1)
        scores = torch.from_numpy(kept.mean_scores)
        model.fit(table[sound].to(run.device), scores[sound].to(run.device), penalty=schedule.penalty)
        model.requires_grad_(False)
    seen = torch.from_numpy(run.see(model, held.photos))
    sound = seen.isfinite().all(1)
    with torch.no_grad():
        said = mean_score(rating_distribution(model.head(seen[sound].to(run.device)))).cpu()
    return rank_correlation(said.numpy(), held.mean_scores[sound.numpy()])


def train_traits_on(
    generic: PooledScorer,
    described: RatedDataset | None,
    rated: RatedDataset | None,
    schedule: TraitsSchedule,
    run: NetworkRun,
    names: Sequence[str] = AADB_TEN,
) -> tuple[TraitsScorer, dict[str, float]]:
    """Attributes of `described`, with the scores of `rated`; and content, clusters of `rated`'s photos.

    Without `rated` the scores are those of `described` and there is no content; without `described` there are
    no attributes, and methods measure them. Returned is also the rank correlation of each attribute on photos
    kept back. `UsageError` where both are missing, or `described` lacks an attribute.
    """
    if described is None and rated is None:
        raise UsageError("expected a dataset with attributes, one with scores, or both, got none")
    names = tuple(names) if described is not None else ()
    if described is not None:
        attribute_table(described, names)
    contents = 0 if rated is None else schedule.clusters
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(schedule.seed)
        model = TraitsScorer.over(generic, names, contents, schedule.shared)
    model.requires_grad_(False).eval().to(run.device)
    whole = None if rated is None else _seen(model, split(rated, schedule.seed)[0], run)
    found = dict[str, float]()
    if described is not None:
        kept, held = split(described, schedule.seed)
        here = _seen(model, kept, run)
        train_attributes(
            model,
            whole or here,
            (here[0], torch.from_numpy(attribute_table(_sound(kept, model, run), names))),
            schedule,
            checkpoint=run.folder / "attributes.ckpt",
            progress=run.progress,
        )
        with torch.no_grad():
            said = model.attributes(_seen(model, held, run)[0].to(run.device)).cpu().numpy()
        truth = attribute_table(_sound(held, model, run), names)
        found = {name: rank_correlation(said[:, i], truth[:, i]) for i, name in enumerate(names)}
    if whole is not None:
        if described is None:
            model.centre.copy_(whole[0].mean(0))
            model.scale.copy_(whole[0].std(0).clamp(min=1e-6))
        train_content(
            model, whole[0], schedule, checkpoint=run.folder / "content.ckpt", progress=run.progress
        )
    return model, found


def held_photos(described: RatedDataset, model: PooledScorer, seed: int, run: NetworkRun) -> int:
    """On how many photos `train_traits_on` takes the rank correlations of attributes."""
    return len(_sound(split(described, seed)[1], model, run))


def _sound(data: RatedDataset, model: PooledScorer, run: NetworkRun) -> RatedDataset:
    """`data` without the photos that cannot be read."""
    table = run.see(model, data.photos)
    sound: NDArray[np.bool_] = np.asarray(np.isfinite(table).all(1))
    return data.subset(photo for photo, kept in zip(data.photos, sound.tolist(), strict=True) if kept)


def _seen(model: PooledScorer, data: RatedDataset, run: NetworkRun) -> tuple[Tensor, Tensor]:
    """Features and mean scores of the photos of `data` that can be read."""
    table = torch.from_numpy(run.see(model, data.photos))
    sound = table.isfinite().all(1)
    return table[sound], torch.from_numpy(data.mean_scores)[sound]

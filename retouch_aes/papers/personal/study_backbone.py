"""Photos as a backbone sees them: features, attributes and, where it has one, a generic score; kept on disk.

A backbone is one of our models with features, or a network that was taught to tell things apart and has no
score: ImageNet's MobileNetV2 from a file, or `torchvision:NAME` or `timm:NAME` from the user's cache. A
`TraitsScorer` (`train pam`) brings attributes and content that it has learned, in place of measured ones.
"""

import copy
import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from retouch_aes.atomic_io import replacing
from retouch_aes.devices import device_of
from retouch_aes.errors import DatasetError, PhotoError, RetouchError, UsageError
from retouch_aes.executors import Executor, InProcess, in_order
from retouch_aes.models.catalogue import bundled, load_model
from retouch_aes.models.featured import MapModel, check_generic, features_and_score
from retouch_aes.models.files import read_metadata
from retouch_aes.models.frozen import FrozenBackbone
from retouch_aes.models.model import AestheticModel
from retouch_aes.models.published import is_library_name
from retouch_aes.models.resize import resize
from retouch_aes.models.traits_scorer import TraitsScorer
from retouch_aes.papers.method import Floats
from retouch_aes.papers.pam.attributes import ATTRIBUTES, attributes
from retouch_aes.papers.pooled_maps import StudyMaps
from retouch_aes.photo import read
from retouch_aes.progress import Progress

SIDE = 384
MAP_SIDE = 224
_VERSION = 1
Arrays = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class StudyFeatures:
    """`features` `(P, D)`, `score` `(P,)` or None, `attributes` `(P, A)`, `maps` `(P, C, h, w)` if asked.

    Maps in files are those of the photos that could be read.
    `traits` is the network that tells attributes and content by features, where the backbone is one.
    """

    features: Floats
    score: Floats | None
    attributes: Floats
    maps: StudyMaps = ()
    traits: TraitsScorer | None = None

    def readable(self) -> NDArray[np.bool_]:
        """Which photos could be read, `(P,)`; the features of the others are not-a-number."""
        return np.asarray(np.isfinite(self.features).all(1))

    def rows(self, mask: NDArray[np.bool_]) -> "StudyFeatures":
        """Those of the photos where `mask` `(P,)` is true."""
        maps = self.maps
        if isinstance(maps, tuple):
            maps = tuple(layer[torch.from_numpy(mask)] for layer in maps)
        score = None if self.score is None else self.score[mask]
        return StudyFeatures(self.features[mask], score, self.attributes[mask], maps, self.traits)

    @property
    def attribute_names(self) -> tuple[str, ...]:
        """Of the columns of `attributes`."""
        return ATTRIBUTES if self.traits is None else self.traits.attribute_names


class StudyBackbone:
    """Looks at photos with a model that has features, or with a frozen backbone, on `device`.

    `executor` does the looking, a photo at a time; None does it here.
    """

    def __init__(
        self,
        network: AestheticModel | FrozenBackbone,
        name: str,
        device: torch.device | None = None,
        *,
        executor: Executor | None = None,
    ) -> None:
        self._executor = executor or InProcess()
        if isinstance(network, AestheticModel):
            check_generic(network)
        self.name = name
        self.fingerprint = _fingerprint(network)
        self.device = device or device_of(network)
        self.network = network.eval().requires_grad_(False).to(self.device)

    @staticmethod
    def load(
        name_or_file: str, device: torch.device | None = None, *, executor: Executor | None = None
    ) -> "StudyBackbone":
        """A bundled model or a model's file, a library's backbone by name, else MobileNetV2's weights."""
        if is_library_name(name_or_file):
            return StudyBackbone(FrozenBackbone.load(name_or_file), name_or_file, device, executor=executor)
        ours = name_or_file in bundled() or not Path(name_or_file).is_file()
        if ours or "format" in read_metadata(name_or_file):
            return StudyBackbone(load_model(name_or_file), name_or_file, device, executor=executor)
        return StudyBackbone(
            FrozenBackbone.load(name_or_file), Path(name_or_file).name, device, executor=executor
        )

    @property
    def scores(self) -> bool:
        """Whether it has a generic score of its own."""
        return isinstance(self.network, AestheticModel)

    @property
    def traits(self) -> TraitsScorer | None:
        """The network itself where it has learned attributes; None for any other."""
        learned = isinstance(self.network, TraitsScorer) and bool(self.network.attribute_names)
        return self.network if learned and isinstance(self.network, TraitsScorer) else None

    def last_layer(self, features: Floats) -> Floats:
        """The last layer but one of the attribute network `(P, S)`, else `features` `(P, D)` as they are."""
        if self.traits is None:
            return features
        with torch.no_grad():
            there = torch.from_numpy(features).to(self.device, torch.float32)
            return np.asarray(self.traits.last_layer(there).cpu().double().numpy())

    def see(
        self,
        photos: Sequence[Path],
        cache: Path | None,
        *,
        maps: bool = False,
        map_side: int = MAP_SIDE,
        each_maps: Callable[[tuple[Tensor, ...]], None] | None = None,
        progress: Progress | None = None,
        failed: Callable[[Path, Exception], None] | None = None,
    ) -> StudyFeatures:
        """Look at `photos`, or remember it from `cache`; `maps` are never kept. `PhotoError` for a bad one.

        With `failed` a photo that cannot be read is told to it, and its rows are not-a-number. Maps are those
        of the whole frame squashed to `map_side` x `map_side` px, so that they have one shape. `each_maps` is
        told those `(1, C, h, w)` of one photo after the other that can be read, to be kept elsewhere.
        """
        file = None if cache is None else cache / f"study-{self._key(photos)}.npz"
        if file is not None and file.is_file() and not maps and each_maps is None:
            found = np.load(file, allow_pickle=False)
            score = found["score"].astype(np.float64) if self.scores else None
            features, measured = (found[name].astype(np.float64) for name in ("features", "attributes"))
            seen = StudyFeatures(features, score, measured, traits=self.traits)
            for place in np.flatnonzero(~seen.readable()).tolist():
                _tell(photos[place], PhotoError(f"{photos[place]} could not be read before"), failed)
            return seen
        tables: tuple[Floats, ...] = ()
        layers: list[tuple[Tensor, ...] | None] = []
        look = _Look(self, map_side if maps or each_maps is not None else None)
        with closing(in_order(self._executor, look, photos)) as results:
            for place, (path, result) in enumerate(zip(photos, results, strict=True)):
                try:
                    row, seen_maps = result.got()
                except (RetouchError, OSError) as error:
                    _tell(path, error, failed)
                    layers.append(None)
                else:
                    tables = tables or tuple(np.full((len(photos), *part.shape[1:]), np.nan) for part in row)
                    for table, part in zip(tables, row, strict=True):
                        table[place] = part[0]
                    levels = tuple(map(torch.from_numpy, seen_maps))
                    layers.append(levels if maps else ())
                    if each_maps is not None:
                        each_maps(levels)
                if progress is not None:
                    progress("seeing photos", place + 1, len(photos))
        if not tables:
            raise DatasetError(f"none of the {len(photos)} photos can be read")
        features, scores, measured = tables
        if file is not None:
            with replacing(file) as temporary:
                np.savez(temporary, features=_single(features), score=scores, attributes=measured)
        return StudyFeatures(
            features, scores if self.scores else None, measured, _joined(layers), self.traits
        )

    def __getstate__(self) -> dict[str, Any]:
        """In another process, on the device it was on; tensors of a device do not travel."""
        away = self.device.type != "cpu"
        network = copy.deepcopy(self.network).cpu() if away else self.network
        return {**self.__dict__, "_executor": InProcess(), "network": network}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Arrive there."""
        self.__dict__ = state
        self.network = self.network.to(self.device)

    def look(self, path: Path, map_side: int | None) -> tuple[tuple[Arrays, ...], tuple[Arrays, ...]]:
        """Features, score and attributes of one photo, `(1, ...)` each; its maps, where their side is given.

        `PhotoError` where it cannot be read.
        """
        with torch.no_grad():
            image = read(path).proxy(SIDE).to(self.device)
            maps = () if map_side is None else self._maps(image, map_side)
            return tuple(part.numpy() for part in self._look(image)), tuple(part.numpy() for part in maps)

    def _look(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        if isinstance(self.network, AestheticModel):
            features, score = features_and_score(self.network, image)
        else:
            features, score = self.network.pooled(image), torch.zeros(1)
        told = attributes(image) if self.traits is None else self.traits.attributes(features)
        return features.cpu(), score.cpu(), told.cpu()

    def _maps(self, image: Tensor, side: int) -> tuple[Tensor, ...]:
        square = resize(image, (side, side))
        if not isinstance(self.network, MapModel):
            raise UsageError(f"expected a backbone with feature maps, got {type(self.network).__name__}")
        return tuple(layer.cpu() for layer in self.network.maps(square))

    def _key(self, photos: Sequence[Path]) -> str:
        states = [(str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns) for path in photos]
        text = json.dumps([_VERSION, self.fingerprint, SIDE, ATTRIBUTES, states])
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True)
class _Look:
    """`StudyBackbone.look`, for an executor."""

    backbone: StudyBackbone
    map_side: int | None

    def __call__(self, path: Path) -> tuple[tuple[Arrays, ...], tuple[Arrays, ...]]:
        return self.backbone.look(path, self.map_side)


def _tell(path: Path, error: Exception, failed: Callable[[Path, Exception], None] | None) -> None:
    if failed is None:
        raise error
    failed(path, error)


def _joined(rows: Sequence[tuple[Tensor, ...] | None]) -> tuple[Tensor, ...]:
    """The maps of all photos, level by level; those of one that could not be read become not-a-number."""
    sound = next(row for row in rows if row is not None)
    empty = tuple(torch.full_like(part, torch.nan) for part in sound)
    whole = [empty if row is None else row for row in rows]
    return tuple(torch.cat(parts) for parts in zip(*whole, strict=True))


def _single(table: Floats) -> Arrays:
    """As networks gave it: half the file."""
    return table.astype(np.float32)


def _fingerprint(network: AestheticModel | FrozenBackbone) -> str:
    if isinstance(network, AestheticModel):
        return network.fingerprint
    digest = hashlib.sha256(network.backbone.name.encode())
    for name, tensor in sorted(network.state_dict().items()):
        digest.update(name.encode() + tensor.float().contiguous().numpy().tobytes())
    return digest.hexdigest()[:12]

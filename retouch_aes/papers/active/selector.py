"""Which photo to ask about next: the interface, and what selectors measure photos by."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from retouch_aes.papers.method import Floats, Indices, Method, PersonEvidence, Study


@dataclass(frozen=True, eq=False)
class RatedAlbum:
    """One person's photos: a study, the `unrated` ones as its indices `(M,)`, what was `rated`, and by whom.

    `method` is the person as fitted to `rated`.
    """

    study: Study
    unrated: Indices
    rated: PersonEvidence
    method: Method


class Selector(ABC):
    """Picks photos one by one. `name` is the paper's."""

    name: str

    def prepare(self, study: Study) -> None:  # noqa: B027 - most measure nothing beforehand
        """Measure the study's photos, once."""

    @abstractmethod
    def choose(self, album: RatedAlbum, random: np.random.Generator) -> int:
        """One of `album.unrated`."""


def style_coordinates(study: Study) -> Floats:
    """`v = [w_a f, s]` `(P, A + K + 1)`, the aesthetic style of each photo after Ren et al.

    Their `f` is the last layer but one of their aesthetics network; here it is attributes and content, which
    are at hand with any backbone, each standardised as is the generic score `s`; `w_a`, on which the paper is
    silent, is 1. `network_coordinates` are the paper's; `Study.coordinates` are taken where they are set.
    """
    if study.coordinates is not None:
        return study.coordinates
    return _standardised(np.concatenate([study.attributes, study.content, study.score[:, None]], 1))


def network_coordinates(study: Study, layer: Floats) -> Floats:
    """`v = [w_a f, s]` `(P, S + 1)` with `f` the `layer` `(P, S)` of a network, as printed.

    `f` and the generic score `s` are standardised; `w_a` is `1 / sqrt(S)`, so that the layer weighs as
    much as the score.
    """
    score = _standardised(study.score[:, None])
    return np.concatenate([_standardised(layer) / layer.shape[1] ** 0.5, score], 1)


def _standardised(table: Floats) -> Floats:
    return np.asarray((table - table.mean(0)) / np.maximum(table.std(0), 1e-6), np.float64)


def distances(x: Floats, y: Floats) -> Floats:
    """Euclidean, `(len(x), len(y))`."""
    squares = (x**2).sum(1)[:, None] + (y**2).sum(1) - 2 * x @ y.T
    return np.asarray(np.sqrt(np.maximum(squares, 0)), np.float64)

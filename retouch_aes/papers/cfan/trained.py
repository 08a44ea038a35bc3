"""A CFAN that was trained on many people's reviews, with the network that sees photos; and a newcomer in it.

A person who is not among its users gets an embedding of their own: the most probable one, with the users'
embeddings as the prior, given whom they prefer to what. All else stays.

    min_g  sum_pairs log(1 + exp(x_loser - x_winner)) + (g - mean)^T C^-1 (g - mean) / 2
"""

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from retouch_aes.datasets.reviews import Vocabulary
from retouch_aes.devices import device_of
from retouch_aes.errors import UsageError
from retouch_aes.models.weights import load_network
from retouch_aes.optim.training_loop import ConstantRate, train
from retouch_aes.papers.cfan.network import CFAN
from retouch_aes.papers.cfan.score import CFANScore, SquaredMaps, person_logits

LENGTH = 24
_SLACK = 1e-2
_STEPS, _RATE = 200, 0.02


class TrainedCFAN(nn.Module):
    """`network` over `sight`, and the `words` that it reads. Embeddings of photos are left out."""

    short_name: ClassVar[str] = "cfan-network"
    version: ClassVar[int] = 1

    def __init__(self, sight: SquaredMaps, network: CFAN, words: Sequence[str]) -> None:
        super().__init__()
        self.sight, self.network, self.words = sight, network, tuple(words)

    @staticmethod
    def of(sight: SquaredMaps, network: CFAN, vocabulary: Vocabulary) -> "TrainedCFAN":
        """Out of a training: the embeddings of the photos are dropped, every photo is a new one."""
        kept = copy.deepcopy(network)
        kept.photo = nn.Embedding(1, kept.photo.embedding_dim).to(kept.photo.weight.device)
        nn.init.zeros_(kept.photo.weight)
        return TrainedCFAN(sight, kept, sorted(vocabulary.numbers, key=vocabulary.numbers.__getitem__))

    @staticmethod
    def load(path: str | Path) -> "TrainedCFAN":
        """Of a file that `train cfan` wrote. `WeightsError` for any other."""
        return load_network(path, {TrainedCFAN.short_name: TrainedCFAN})

    @property
    def config(self) -> dict[str, Any]:
        """Arguments for `from_config`, ready for JSON."""
        return {
            "sight": self.sight.config,
            "network": self.network.settings,
            "words": list(self.words),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "TrainedCFAN":
        """What `config` describes, with random weights."""
        sight, network = SquaredMaps.from_config(config["sight"]), CFAN.for_new_photos(config["network"])
        return cls(sight, network, config["words"])

    def read(self, reviews: Sequence[str]) -> Tensor:
        """Reviews as words `(R, L)`."""
        vocabulary = Vocabulary(())
        vocabulary.numbers = {word: index for index, word in enumerate(self.words, start=2)}
        return torch.from_numpy(vocabulary.encode(list(reviews), LENGTH)).to(device_of(self))

    def newcomer(self, maps: Tensor, pairs: Tensor, reviews: Sequence[str] = ()) -> CFANScore:
        """The score of a person who prefers `pairs` `(N, 2)`, winners first, of photos with `maps`.

        `reviews` are the person's; without any a network that reads gets one without a known word.
        """
        if not len(pairs):
            raise UsageError("expected a pair of photos one of which is preferred, got none")
        device = device_of(self)
        maps, pairs = maps.to(device), pairs.to(device)
        tokens = self.read(reviews or [""]) if self.network.attention is not None else None
        known = self.network.user.weight.detach()
        mean = known.mean(0)
        spread = torch.cov(known.T) if len(known) > 1 else torch.eye(len(mean), device=device)
        precision = torch.linalg.inv(spread.cpu() + _SLACK * torch.eye(len(mean))).to(device)
        person = copy.deepcopy(self.network).requires_grad_(False).eval()
        person.user = nn.Embedding(1, len(mean)).to(device)
        with torch.no_grad():
            person.user.weight.copy_(mean[None])
        person.settings = {**person.settings, "users": 1}

        def losses(step: int, generator: torch.Generator) -> dict[str, Tensor]:  # noqa: ARG001
            logits = person_logits(person, maps, tokens)
            away = person.user.weight[0] - mean
            return {
                "pairs": F.softplus(logits[pairs[:, 1]] - logits[pairs[:, 0]]).sum(),
                "prior": away @ (precision @ away) / 2,
            }

        train(person, losses, ConstantRate("newcomer", _STEPS, _RATE))
        return CFANScore(self.sight, person.requires_grad_(False), 0, tokens).eval()

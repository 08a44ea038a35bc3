"""What a photo shows, as shares of K clusters of deep features (Ren et al. 2017; Kong et al. 2016).

k-means, K = 10, on features of length 1. Kong's form of the shares is used:

    share_k = softmax_k( -|u - c_k|^2 / (2 t^2) )         t^2: mean squared distance to the own centre

Ren et al. train a softmax layer on the cluster labels instead (`papers.pam.training.train_content`), which is
taken where a network trained so is the backbone. Differentiable through the features.
"""

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.papers.common.described import described

if TYPE_CHECKING:
    from sklearn.cluster import KMeans

CLUSTERS = 10


@described
class ContentClusters(nn.Module):
    """`centres` `(K, D)` of unit features, and their squared `spread`: features `(B, D)` -> `(B, K)`."""

    centres: Tensor
    spread: Tensor

    def __init__(self, centres: Tensor, spread: float) -> None:
        super().__init__()
        self.register_buffer("centres", centres)
        self.register_buffer("spread", torch.tensor(max(spread, 1e-6), dtype=centres.dtype))

    @staticmethod
    def of(features: Tensor, clusters: int = CLUSTERS, seed: int = 0) -> "ContentClusters":
        """Cluster `features` `(P, D)`; the same seed gives the same clusters."""
        found = _clustered(features, clusters, seed)
        return ContentClusters(
            torch.from_numpy(found.cluster_centers_), float(found.inertia_) / len(features)
        )

    @property
    def config(self) -> dict[str, Any]:
        """Arguments for `from_config`, ready for JSON."""
        return {"clusters": self.centres.shape[0], "width": self.centres.shape[1]}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "ContentClusters":
        """The part that `config` describes, without its numbers."""
        return cls(torch.zeros(config["clusters"], config["width"]), 1.0)

    def forward(self, features: Tensor) -> Tensor:
        """Shares of content, rows sum to 1."""
        away = (_unit(features)[:, None] - self.centres.to(features)).square().sum(2)
        return (-away / (2 * self.spread.to(features))).softmax(1)


def cluster_labels(features: Tensor, clusters: int = CLUSTERS, seed: int = 0) -> Tensor:
    """The cluster of each of `features` `(P, D)`, `(P,)`; the same seed gives the same clusters."""
    return torch.from_numpy(_clustered(features, clusters, seed).labels_).long()


def _clustered(features: Tensor, clusters: int, seed: int) -> "KMeans":
    from sklearn.cluster import KMeans

    if not 1 < clusters <= len(features):
        raise UsageError(f"expected 2 to {len(features)} clusters, one photo each at least, got {clusters}")
    return KMeans(clusters, n_init=4, random_state=seed).fit(_unit(features.double()).numpy())


def _unit(features: Tensor) -> Tensor:
    return features / (features.square().sum(1, keepdim=True) + 1e-12).sqrt()

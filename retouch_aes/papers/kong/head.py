"""The upper layers of Kong et al. (ECCV 2016): from a photo's features to score, attributes and content.

    base                    h = relu(W x)
    attribute branch        a = V relu(U x)                  the A attributes, in [-1, 1] by training
    content weights         c = softmax(-sharpness |x/|x| - centre_k|)             K clusters, never trained
                       or   c = softmax(Q x), K categories                         trained first, then frozen
    content branch k        y_k = w_k . [h, a, relu(W_k x)]
    score                   y = sigmoid(sum_k c_k y_k)       in (0, 1)

AADB has eleven attributes and no content labels, hence clusters. AVA has fourteen styles, a photo one of
them, so that there a = softmax(V relu(U x)), and eight categories of content (`styles`, `categories`).
Without contents K = 1 and the branch sees `[h, a]`; without attributes `a` is empty. Our reading: the
sigmoid, so that no score leaves its range, and `sharpness`, for the distances of unit vectors differ little.
Clusters are k-means on the features of the training photos, which `measure` finds.
"""

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from retouch_aes.errors import UsageError

SHARPNESS = 10.0
CONTENT_WIDTH = 8


class KongOutput(NamedTuple):
    """Of B photos: `score` `(B,)` in (0, 1), `attributes` `(B, A)`, `content` `(B, K)`, rows sum to 1.

    Styles are attributes whose rows sum to 1 as well.
    """

    score: Tensor
    attributes: Tensor
    content: Tensor


class KongHead(nn.Module):
    """Features `(B, width)` -> `KongOutput`. `attributes` A and `contents` K may be 0: no such branch.

    `styles`: the attributes are shares of A styles. `categories`: the contents are K classes to be learned
    (`content_classes`), else clusters that `measure` finds.
    """

    mean: Tensor
    deviation: Tensor
    centres: Tensor

    def __init__(
        self,
        width: int,
        *,
        attributes: int = 0,
        contents: int = 0,
        hidden: int = 128,
        dropout: float = 0.5,
        styles: bool = False,
        categories: bool = False,
    ) -> None:
        super().__init__()
        if min(width, hidden) < 1 or min(attributes, contents) < 0:
            got = (width, attributes, contents, hidden)
            raise UsageError(f"expected width and hidden >= 1, attributes and contents >= 0, got {got}")
        self.settings: dict[str, Any] = {
            "attributes": attributes,
            "contents": contents,
            "hidden": hidden,
            "dropout": dropout,
            "styles": styles,
            "categories": categories,
        }
        self.styles = styles
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("deviation", torch.ones(width))
        self.register_buffer("centres", torch.zeros(0 if categories else contents, width))
        self.content_classes = nn.Linear(width, contents) if categories and contents else None
        self.dropout = nn.Dropout(dropout)
        self.base = nn.Linear(width, hidden)
        self.attribute_base = nn.Linear(width, hidden) if attributes else None
        self.attribute_last = nn.Linear(hidden, attributes) if attributes else None
        self.content_base = nn.Linear(width, contents * CONTENT_WIDTH) if contents else None
        branches = max(1, contents)
        self.branches = nn.Linear(hidden + attributes, branches)
        self.content_last = nn.Parameter(torch.zeros(contents, CONTENT_WIDTH))

    def measure(self, features: Tensor, seed: int = 0) -> None:
        """Take mean, deviation and any content clusters from the training photos' `features` `(P, width)`."""
        contents = len(self.centres)
        if features.ndim != 2 or features.shape[1] != len(self.mean) or len(features) < max(2, contents):
            wanted = f"(P, {len(self.mean)}) with P >= {max(2, contents)}"
            raise UsageError(f"expected features {wanted}, got {tuple(features.shape)}")
        self.mean.copy_(features.mean(0))
        self.deviation.copy_(features.std(0).clamp(min=1e-6))
        if contents:  # none where they are categories
            from sklearn.cluster import KMeans  # slow to import, and only training needs it

            found = KMeans(contents, n_init=4, random_state=seed).fit(F.normalize(features).cpu().numpy())
            self.centres.copy_(torch.from_numpy(found.cluster_centers_).to(self.centres))

    def content(self, features: Tensor) -> Tensor:
        """Shares of the contents, `(B, K)`, rows sum to 1; K = 1 without them."""
        if self.content_classes is not None:
            return self.content_logits(features).softmax(1)
        if not len(self.centres):
            return features.new_ones(len(features), 1)
        unit = F.normalize(features)
        squares = (
            unit.square().sum(1, keepdim=True) - 2 * unit @ self.centres.T + self.centres.square().sum(1)
        )
        return (-SHARPNESS * squares.clamp(min=1e-12).sqrt()).softmax(1)

    def content_logits(self, features: Tensor) -> Tensor:
        """Logits `(B, K)` of the categories; `UsageError` where the contents are clusters."""
        if self.content_classes is None:
            raise UsageError("expected a head with categories of content, got one without")
        found: Tensor = self.content_classes(self._standardised(features))
        return found

    def attributes(self, features: Tensor) -> Tensor:
        """The attribute branch alone, `(B, A)`: the attribute network that PAM builds on."""
        return self._attributes(self._standardised(features))

    def forward(self, features: Tensor) -> KongOutput:
        """See the class."""
        x = self._standardised(features)
        attributes, content = self._attributes(x), self.content(features)
        common = torch.cat([self.dropout(F.relu(self.base(x))), attributes], 1)
        scores: Tensor = self.branches(common)
        if self.content_base is not None:
            own = self.dropout(F.relu(self.content_base(x))).view(len(x), -1, CONTENT_WIDTH)
            scores = scores + (own * self.content_last).sum(-1)
        return KongOutput((content * scores).sum(1).sigmoid(), attributes, content)

    def _standardised(self, features: Tensor) -> Tensor:
        return (features - self.mean) / self.deviation

    def _attributes(self, x: Tensor) -> Tensor:
        if self.attribute_base is None or self.attribute_last is None:
            return x.new_zeros(len(x), 0)
        found: Tensor = self.attribute_last(self.dropout(F.relu(self.attribute_base(x))))
        return found.softmax(1) if self.styles else found

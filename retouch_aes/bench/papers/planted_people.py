"""Made-up photos, people and ratings in which each paper's claim can be put to the test.

* `attribute_world` (PAM): photos with ten attributes and twelve features in five groups of content. All like
  a sum of both and of something that neither tells but the generic network sees. What one person adds is of
  their own: a bent function of a direction in the attributes, and a liking of each content. No ten directions
  are shared by all, which is what a factorisation looks for.
* `place_world` (Zhang): maps on which one marked position holds, in two channels, what all like and what only
  this person likes, for less; elsewhere, and in a dozen other channels, there is chance. Of the photos that
  others rated only what all like is known.
* `rater_world` (Kong): every photo is rated by five people, in batches of ten as on Mechanical Turk, each
  with a level and a spread of their own. Its mean then depends on who rated it, the order within a rater not.
"""

from pathlib import Path

import numpy as np
import torch

from retouch_aes.bench.papers.study import StudyPerson
from retouch_aes.datasets import Ratings
from retouch_aes.papers.kong.data import KongData
from retouch_aes.papers.method import Floats, Study
from retouch_aes.papers.pam.attributes import attributes
from retouch_aes.papers.pam.content import ContentClusters

FEATURES, ATTRIBUTES, GROUPS = 12, 10, 5
GRID, CHANNELS = 4, 16
OWN = 0.7
_BATCH, _RATERS = 10, 5


def attribute_world(
    seed: int, people: int, *, photos: int = 240, others: int = 40
) -> tuple[Study, list[StudyPerson]]:
    """A study with a population of `others`, and `people` who are not in it and rated every photo."""
    random = np.random.default_rng([seed, 23])
    groups = random.integers(GROUPS, size=photos)
    features = 3 * random.normal(size=(GROUPS, FEATURES))[groups] + random.normal(size=(photos, FEATURES))
    traits = random.normal(size=(photos, ATTRIBUTES))
    content = ContentClusters.of(torch.from_numpy(features), GROUPS, seed)
    shares = content(torch.from_numpy(features)).numpy()
    seen = random.normal(size=photos)
    generic = 5.5 + 0.5 * traits[:, 0] + 0.2 * (features[:, 0] - features[:, 0].mean()) + seen

    def rated(count: int) -> Floats:
        directions = random.normal(size=(count, ATTRIBUTES)) / ATTRIBUTES**0.5
        bent = np.tanh(1.5 * directions @ traits.T)
        liking = random.normal(size=(count, GROUPS)) @ shares.T
        told: Floats = generic + 0.9 * bent + 0.5 * liking + 0.4 * random.normal(size=bent.shape)
        return np.clip(told, 1, 10)

    study = Study(
        features=features,
        score=generic,
        attributes=traits,
        content=shares,
        maps=(),
        population=_ratings(rated(others), [f"theme{n % 24:02d}_{n:04d}.jpg" for n in range(photos)]),
        population_index=np.arange(photos),
        folds=np.arange(photos) % 24 % 4,
        measure=attributes,
        cluster=content,
    )
    return study, _everybody(rated(people))


def place_world(seed: int, people: int, *, photos: int = 720) -> tuple[Study, list[StudyPerson]]:
    """A study whose first half others rated, and `people` who rated the second."""
    draw = torch.Generator().manual_seed(1000 + seed)
    maps = torch.randn(photos, CHANNELS, GRID, GRID, generator=draw)
    maps[:, 0] = 0
    place, rows = torch.randint(GRID * GRID, (photos,), generator=draw), torch.arange(photos)
    flat = maps.view(photos, CHANNELS, GRID * GRID)
    flat[rows, 0, place] = 8.0
    at = flat[rows, :, place].double().numpy()
    common, known = 5.5 + at[:, 1], photos // 2
    random = np.random.default_rng([seed, 29])
    study = Study(
        features=maps.mean((2, 3)).double().numpy(),
        score=common.clip(1, 10),
        attributes=np.zeros((photos, 0)),
        content=np.zeros((photos, 0)),
        maps=(maps, maps.clone()),
        population=_ratings(common[None, :known].clip(1, 10), [f"{n:04d}.jpg" for n in range(known)]),
        population_index=np.arange(known),
    )
    later, found = np.arange(known, photos), []
    for number in range(people):
        sign = random.choice([-1.0, 1.0])
        scores = common[later] + OWN * sign * at[later, 2] + 0.2 * random.normal(size=len(later))
        found.append(StudyPerson(f"p{number:03d}", later, scores.clip(1, 10)))
    return study, found


def rater_world(seed: int, *, photos: int = 300, raters: int = 40) -> tuple[torch.Tensor, KongData, Floats]:
    """Features `(P, 24)`, what is known of the photos, and how good they really are, `(P,)`."""
    random = np.random.default_rng([seed, 31])
    features = random.normal(size=(photos, 24))
    worth = features[:, :4].sum(1) / 2
    level, spread = 1.2 * random.normal(size=raters), random.uniform(0.5, 1.5, raters)
    users, places, values = [], [], []
    for batch in range(0, photos, _BATCH):
        for user in random.choice(raters, _RATERS, replace=False):
            for photo in range(batch, min(batch + _BATCH, photos)):
                said = 3 + level[user] + spread[user] * worth[photo] + 0.4 * random.normal()
                users.append(user)
                places.append(photo)
                values.append(float(np.clip(round(said), 1, 5)))
    ratings = Ratings(
        tuple(f"w{user:03d}" for user in range(raters)),
        tuple(Path(f"theme{photo:04d}_1.jpg") for photo in range(photos)),
        np.array(users, np.intp),
        np.array(places, np.intp),
        np.array(values),
        (1.0, 5.0),
    )
    kept = np.unique(ratings.user_index)
    if len(kept) < raters:
        ratings = ratings.by([ratings.users[user] for user in kept])
    return torch.from_numpy(features).float(), KongData(ratings), worth


def _ratings(table: Floats, names: list[str]) -> Ratings:
    """Everybody's scores `(U, P)` of all photos."""
    user, photo = np.divmod(np.arange(table.size), table.shape[1])
    users = tuple(f"o{number:03d}" for number in range(len(table)))
    return Ratings(users, tuple(Path(name) for name in names), user, photo, table.ravel(), (1.0, 10.0))


def _everybody(table: Floats) -> list[StudyPerson]:
    every = np.arange(table.shape[1])
    return [StudyPerson(f"p{number:03d}", every, row) for number, row in enumerate(table)]

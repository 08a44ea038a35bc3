"""A made-up world of photos, users and reviews in which it is known what each user looks at.

* **Photos** are maps `(C, 6, 6)` of a grid split into three bands, each with one of eight contents and a
  quality s ~ N(0, 1). A cell is a code of its content plus a code of its quality, noise, a mild random mixing
  of channels, and a rectifier. The codes are added, not multiplied: the mean over the photo tells which
  contents and how much quality there are, but not which content has which quality.
* **Users** care for one content, or two. They think a photo good with the chance
  sigmoid(2.5 mean quality of what they care for + .6 mean quality of the photo + liking of its contents
  - .2), where a photo without what they care for leaves the first term out. Four in five photos that they
  review show it.
* **Reviews** name what the user cares for (4 in 5) or another thing, with a word of praise or blame, some by
  negation, some after a concession, one in twenty judging nothing. Good or bad is then derived from the text
  by `retouch_aes.datasets.sentiment`, as for real reviews.
* A photo's tag is its largest content; people like it on the whole if their chances of `good` average above
  one half.

So attention by review should help, yet never to certainty: the chances themselves have the AUC that
`truth` reaches, and reviews are noisy about what a user cares for.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from retouch_aes.datasets.reviews import Reviews, judged
from retouch_aes.papers.stored_maps import Maps

Floats = NDArray[np.float64]
GRID, BANDS = 6, 3
NOUNS = {
    "sky": ("sky", "clouds", "sunset"),
    "water": ("water", "sea", "lake"),
    "face": ("face", "eyes", "portrait"),
    "street": ("street", "buildings", "city"),
    "flowers": ("flowers", "petals", "garden"),
    "animal": ("dog", "bird", "cat"),
    "mountain": ("mountain", "hills", "rocks"),
    "forest": ("forest", "trees", "leaves"),
}
CONTENTS = tuple(NOUNS)
_ELSE = ("composition", "light", "colours", "frame", "crop")
_PRAISE = ("beautiful", "lovely", "great", "wonderful", "stunning", "superb")
_BLAME = ("dull", "flat", "blurry", "boring", "weak", "washed")
_EQUIVOCAL = ("Where was this taken?", "The {} again.", "I was there last year, near the {}.")


@dataclass(frozen=True, eq=False)
class ReviewedMaps:
    """`reviews` of photos, their feature `maps` `(P, C, h, w)`, and the true logits `(N,)` where known."""

    reviews: Reviews
    maps: Maps
    truth: Floats | None


def planted_reviews(
    seed: int, *, users: int = 240, photos: int = 1000, each: int = 50, channels: int = 28
) -> ReviewedMaps:
    """A world of that size; every user reviews `each` photos."""
    random = np.random.default_rng([seed, 3])
    contents = np.array([random.permutation(len(CONTENTS))[:BANDS] for _ in range(photos)])
    quality = random.normal(size=(photos, BANDS))
    bands = np.array([_bands(random) for _ in range(photos)])
    share = np.stack([(bands == band).mean((1, 2)) for band in range(BANDS)], 1)
    maps = _maps(contents, quality, bands, channels, random)

    cares = np.zeros((users, len(CONTENTS)), bool)
    for row in cares:
        row[random.permutation(len(CONTENTS))[: random.integers(1, 3)]] = True
    liking = random.normal(scale=0.4, size=(users, len(CONTENTS)))
    shown = cares[:, contents]  # (U, P, BANDS)
    focus = (shown * quality).sum(2) / np.maximum(shown.sum(2), 1)
    logits = 2.5 * focus + 0.6 * (share * quality).sum(1) + liking[:, contents].sum(2) - 0.2
    chance = 1 / (1 + np.exp(-logits))

    user_index, photo_index, texts = [], [], []
    for user in range(users):
        weight = np.where(
            shown[user].any(1), 4.0 / shown[user].any(1).mean(), 1.0 / (~shown[user].any(1)).mean()
        )
        for photo in random.choice(photos, each, replace=False, p=weight / weight.sum()):
            good = random.random() < chance[user, photo]
            named = contents[photo][shown[user, photo]] if shown[user, photo].any() else contents[photo]
            user_index.append(user)
            photo_index.append(photo)
            texts.append(_review(bool(good), [CONTENTS[c] for c in named], random))
    places, good_by_text = judged(texts)
    who, what = np.array(user_index)[places], np.array(photo_index)[places]
    reviews = Reviews(
        users=tuple(f"user{user:03}" for user in range(users)),
        photos=tuple(Path(f"photo{photo:04}.jpg") for photo in range(photos)),
        user_index=who,
        photo_index=what,
        texts=tuple(texts[place] for place in places),
        good=good_by_text,
        tag_names=CONTENTS,
        tags=contents[np.arange(photos), share.argmax(1)],
        liked=chance.mean(0) > 0.5,
    )
    return ReviewedMaps(reviews, maps, logits[who, what])


def _bands(random: np.random.Generator) -> NDArray[np.intp]:
    """`(GRID, GRID)`: which of three bands, upright or lying, a cell belongs to."""
    cuts = np.sort(random.choice(np.arange(1, GRID), BANDS - 1, replace=False))
    rows = np.repeat(np.searchsorted(cuts, np.arange(GRID), side="right")[:, None], GRID, 1)
    return rows if random.random() < 0.5 else rows.T


def _maps(
    contents: NDArray[np.intp],
    quality: Floats,
    bands: NDArray[np.intp],
    channels: int,
    random: np.random.Generator,
) -> Tensor:
    codes = np.zeros((len(CONTENTS), channels))
    for content, code in enumerate(codes):
        code[3 * content : 3 * content + 3] = random.uniform(0.7, 1.3, 3)
    good, bad = np.zeros(channels), np.zeros(channels)
    good[-4:-2], bad[-2:] = 1, 1
    rows = np.arange(len(contents))[:, None, None]
    cell_quality = quality[rows, bands][..., None]
    cells = codes[contents[rows, bands]] + np.maximum(cell_quality, 0) * good
    cells = cells + np.maximum(-cell_quality, 0) * bad
    mixing = np.eye(channels) + random.normal(scale=0.15, size=(channels, channels))
    cells = (cells + random.normal(scale=0.3, size=cells.shape)) @ mixing
    return torch.from_numpy(np.maximum(cells, 0)).float().permute(0, 3, 1, 2).contiguous()


def _review(good: bool, named: list[str], random: np.random.Generator) -> str:
    nouns = [noun for content in named for noun in NOUNS[content]]
    noun = str(random.choice(nouns if random.random() < 0.8 else [*_ELSE, *NOUNS[random.choice(CONTENTS)]]))
    kind = random.random()
    if kind < 0.05:
        return str(random.choice(_EQUIVOCAL)).format(noun)
    praise, blame = str(random.choice(_PRAISE)), str(random.choice(_BLAME))
    other = str(random.choice(_ELSE))
    if kind < 0.2:
        return f"The {noun} isn't {blame}." if good else f"The {noun} isn't {praise} to me."
    if kind < 0.35:
        first, last = (blame, praise) if good else (praise, blame)
        return f"The {other} may be {first}, but the {noun} is {last}."
    word = praise if good else blame
    return str(
        random.choice([f"The {noun} is {word}.", f"What a {word} {noun}!", f"Such {word} {noun} here."])
    )

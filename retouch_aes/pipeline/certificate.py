"""What an edit did, so that it need not be believed: sliders, scores of several judges, distance, clipping.

The score that an edit was sought by rises by construction; so the generic and the personal score stand beside
a second scorer that had no say. The distance and the scores are measured on the small copy that edits are
sought on, clipping on rows of the photo at full size.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch

from retouch_aes.color.difference import delta_e_2000
from retouch_aes.editing.counterfactual import Counterfactual, nearest_recipe
from retouch_aes.editing.framed import framed
from retouch_aes.models import AestheticModel, load_model
from retouch_aes.operators import Recipe
from retouch_aes.operators.describe import main_edits
from retouch_aes.photo import Photo
from retouch_aes.pipeline.retoucher import Retoucher

SECOND = ("aesthetic", "aesthetic-compact")
"""The bundled scores; the one that is not the retoucher's own is the second scorer."""
MIDDLE = 5.5
"""From where on a photo counts as liked where a taste does not say: the middle of the scale."""
_STRIPS, _ROWS = 32, 8
_WHITE, _BLACK = 254.5 / 255, 0.5 / 255


@dataclass(frozen=True)
class BeforeAfter:
    """One number of the photo as it is, and of the edited one."""

    before: float
    after: float

    def to_json(self) -> dict[str, float]:
        """Plain values, rounded to what they are good for."""
        return {"before": round(self.before, 4), "after": round(self.after, 4)}


@dataclass(frozen=True)
class Certificate:
    """What one edit did to one photo.

    Attributes:
        recipe: The edit.
        generic: The generic score, in [1, 10], before and after.
        personal: The taste's; None without a taste.
        second: What the other bundled score says, which had no say in the edit.
        second_name: Its name.
        difference: Mean Delta E 2000 between the two.
        white: Share of the pixels with a channel at its upper end.
        black: Share of the pixels with all channels at their lower end.
        masks: What steps are bound to a part of the photo by, in words; empty where all are of the whole.
        counterfactual: What would have to be different to be liked; None where that was not asked.
        frame: How the photo is turned and cut, in words; "" where it stays whole.

    Examples:
        >>> import torch
        >>> from retouch_aes import Photo, Recipe, Retoucher, certify
        >>> retoucher = Retoucher.load(prior=None, fast=True, device="cpu")
        >>> certify(retoucher, Photo(torch.full((1, 3, 48, 64), 0.5)), Recipe()).difference
        0.0
    """

    recipe: Recipe
    generic: BeforeAfter
    personal: BeforeAfter | None
    second: BeforeAfter
    second_name: str
    difference: float
    white: BeforeAfter
    black: BeforeAfter
    masks: tuple[str, ...] = ()
    counterfactual: Counterfactual | None = None
    frame: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        wish = self.counterfactual
        return {
            "edits": main_edits(self.recipe, 99),
            "recipe": self.recipe.effective().to_json(),
            "generic": self.generic.to_json(),
            "personal": None if self.personal is None else self.personal.to_json(),
            "second_scorer": {"name": self.second_name, **self.second.to_json()},
            "difference": round(self.difference, 3),
            "clipped_white": self.white.to_json(),
            "clipped_black": self.black.to_json(),
            "masks": list(self.masks),
            "frame": self.frame,
            "counterfactual": None
            if wish is None
            else {
                "threshold": round(wish.threshold, 3),
                "score": round(wish.score, 3),
                "reached": round(wish.reached, 3),
                "crosses": wish.crosses,
                "text": wish.text,
                "recipe": wish.recipe.to_json(),
            },
        }

    @property
    def lines(self) -> tuple[str, ...]:
        """The same in words, a line each."""
        told = [f"changed: {main_edits(self.recipe, 99) or 'nothing'}"]
        if self.frame:
            told.append(f"frame: {self.frame}")
        if self.masks:
            told.append(f"only on a part: {', '.join(self.masks)}")
        told.append(f"generic score: {_arrow(self.generic)}")
        if self.personal is not None:
            told.append(f"your score: {_arrow(self.personal)}")
        against = self.second.after < self.second.before
        told.append(
            f"a second scorer ({self.second_name}): {_arrow(self.second)}{', which is against it' * against}"
        )
        told.append(f"distance: {self.difference:.1f} Delta E 2000 (mean)")
        told.append(f"clipped: white {_percent(self.white)}, black {_percent(self.black)}")
        if self.counterfactual is not None:
            told.append(self.counterfactual.text)
        return tuple(told)


def certify(
    retoucher: Retoucher,
    photo: Photo,
    recipe: Recipe,
    *,
    wish: bool = True,
    threshold: float | None = None,
) -> Certificate:
    """What `recipe` does to `photo`.

    Args:
        retoucher: Whose scores are asked: its model, and its taste where it has one.
        photo: The photo as it is.
        recipe: The edit.
        wish: Whether to ask what would have to be different. It takes a search; without a taste it is asked
            only where `threshold` is given.
        threshold: From which score on the photo counts as liked, in [1, 10]; None for what the taste learned
            (half of the photos that its person answered about), or the middle of the scale.

    Returns:
        The certificate.

    Examples:
        >>> import torch
        >>> from retouch_aes import Photo, Retoucher, certify
        >>> retoucher = Retoucher.load(fast=True, device="cpu")
        >>> photo = Photo(torch.rand(1, 3, 48, 64, generator=torch.Generator().manual_seed(0)) / 4)
        >>> certify(retoucher, photo, retoucher(photo).recipe, wish=False).difference >= 0
        True
    """
    frame = "" if recipe.framing is None else recipe.framing.told(photo.height, photo.width)
    whole, photo = recipe, framed(photo, recipe.framing)
    recipe = recipe.unframed()
    small = retoucher.proxy(photo).to(retoucher.device)
    edited = recipe.apply(small)
    taste, judge = retoucher.taste, retoucher.score_of(small)
    base = getattr(judge, "generic", retoucher.model)  # a taste may rest on another bundled score
    second_name, second = _second(base)
    personal = None if taste is None else _scores(judge, small, edited)
    found = None
    if wish and (taste is not None or threshold is not None):
        ranking = retoucher.model if taste is None else taste.ranking_model(retoucher.model)
        liked_from = _threshold(retoucher, threshold)
        found = nearest_recipe(small, ranking, recipe, liked_from, operators=retoucher.names)
    sampled = zip(_samples(photo), _samples(retoucher.render(photo, recipe)), strict=True)
    counts = torch.tensor([[*before, *after] for before, after in sampled]).mean(0).tolist()
    return Certificate(
        recipe=whole,
        generic=_scores(base, small, edited),
        personal=personal,
        second=_scores(second.to(retoucher.device), small, edited),
        second_name=second_name,
        difference=float(delta_e_2000(edited, small).mean()),
        white=BeforeAfter(counts[0], counts[2]),
        black=BeforeAfter(counts[1], counts[3]),
        masks=_masks(recipe),
        counterfactual=found,
        frame=frame,
    )


def _threshold(retoucher: Retoucher, given: float | None) -> float:
    if given is not None:
        return given
    card = None if retoucher.taste is None else retoucher.taste.info
    return MIDDLE if card is None else float(card.metrics.get("liked_from", MIDDLE))


def _second(model: AestheticModel) -> tuple[str, AestheticModel]:
    """The bundled score that is not `model`."""
    for name in SECOND:
        other = _bundled(name)
        if other.fingerprint != model.fingerprint:
            return name, other
    raise AssertionError("unreachable: two bundled scores have one fingerprint")


@lru_cache(maxsize=2)
def _bundled(name: str) -> AestheticModel:
    return load_model(name).requires_grad_(False)


def _scores(model: AestheticModel, small: torch.Tensor, edited: torch.Tensor) -> BeforeAfter:
    with torch.no_grad():
        return BeforeAfter(float(model(small)), float(model(edited)))


def _samples(photo: Photo) -> Iterator[tuple[float, float]]:
    """Shares of white and of black pixels in rows spread evenly over a photo; all of them of a small one."""
    height = photo.height
    rows = height if height <= _STRIPS * _ROWS else _ROWS
    tops = [0] if rows == height else torch.linspace(0, height - rows, _STRIPS).long().tolist()
    for top in tops:
        with torch.no_grad():
            strip = photo.source.rows(top, top + rows)
            white = (strip >= _WHITE).any(1).float().mean()
            black = (strip <= _BLACK).all(1).float().mean()
        yield float(white), float(black)


def _masks(recipe: Recipe) -> tuple[str, ...]:
    """What a recipe says of masks, step by step."""
    found = []
    for step in recipe.effective().to_json()["steps"]:
        mask = step.get("mask")
        if mask:
            kind = mask.get("kind", "mask") if isinstance(mask, dict) else mask
            found.append(f"{step['operator']} on {kind}")
    return tuple(found)


def _arrow(pair: BeforeAfter) -> str:
    return f"{pair.before:.2f} -> {pair.after:.2f}"


def _percent(pair: BeforeAfter) -> str:
    return f"{100 * pair.before:.1f} -> {100 * pair.after:.1f} %"

"""What training looks at: degraded photos, ladders, ratings as preferences."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from retouch_aes.color.luma import luma
from retouch_aes.color.oklab import oklab_distance
from retouch_aes.datasets import Ratings
from retouch_aes.models.model import SCORES, AestheticModel
from retouch_aes.operators import EditChain, select
from retouch_aes.testing import smooth_photo
from retouch_aes.training.degrade import Fault, degrade, draw_faults
from retouch_aes.training.photo_pool import PhotoPool
from retouch_aes.training.renditions import Mixture, renditions, subsampled
from retouch_aes.training.score.adversarial_edits import (
    AdversarialAscent,
    adversarial_loss,
    any_edit,
    ascend,
    colour_field,
)
from retouch_aes.training.score.edit_ladders import MOST_MARGIN, ladder_losses, margin
from retouch_aes.training.score.rated import RatingTable
from retouch_aes.training.score.rendition_scoring import RenditionScoring, rendition_scoring_losses


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


class Brightness(AestheticModel):
    """Scores brightness, one way or the other: a score that its own solver can fool."""

    preprocessing = "none"

    def __init__(self, sign: float) -> None:
        super().__init__()
        self.sign = torch.nn.Parameter(torch.tensor(sign))

    def distribution(self, image: Tensor) -> Tensor:
        mean = luma(image).mean((1, 2, 3))
        logits = self.sign * 8 * (mean[:, None] - 0.5) * torch.linspace(-1, 1, SCORES)
        return logits.float().softmax(1)


def test_degrading_is_seeded_stays_in_range_and_can_be_switched_off() -> None:
    photos = (smooth_photo(generator(), 4, 40, 50) * 255).round() / 255
    assert torch.equal(degrade(photos, generator(1)), degrade(photos, generator(1)))
    degraded = degrade(photos, generator(2))
    assert degraded.min() >= 0
    assert degraded.max() <= 1
    assert bool((oklab_distance(degraded, photos) > 0.01).all())
    nothing = torch.zeros(len(photos), len(Fault))
    torch.testing.assert_close(degrade(photos, generator(3), nothing), photos, atol=1e-6, rtol=0)


def test_the_margin_grows_with_the_visible_difference() -> None:
    photo = smooth_photo(generator(), 1, 40, 50)
    margins = [float(margin((photo + shift).clamp(0, 1), photo)) for shift in (0.0, 0.05, 0.1, 0.9)]
    assert margins == sorted(margins)
    assert margins[0] < 0.01
    assert margins[-1] <= MOST_MARGIN


def test_the_adversary_finds_an_edit_that_a_naive_score_likes() -> None:
    photos = 0.5 * smooth_photo(generator(), 4, 40, 50)
    losses = adversarial_loss(Brightness(1.0), photos, generator(5), AdversarialAscent(steps=4, start=0.01))
    assert losses["adversary"] > 0.1


def test_the_adversary_makes_sliders_and_colour_fields_do_what_a_naive_score_likes() -> None:
    photos = 0.5 * smooth_photo(generator(), 4, 40, 50)
    model, ascent = Brightness(1.0), AdversarialAscent(steps=4, start=0.01)
    for edit in (any_edit(generator(3), 0.0), colour_field(1), colour_field(4)):
        edited = ascend(model, photos, edit, generator(6), ascent)
        assert edited.shape == photos.shape
        assert 0 <= float(edited.min()) <= float(edited.max()) <= 1
        assert bool((model(edited) > model(photos) + 0.05).all())
    assert model.sign.requires_grad


def test_a_colour_field_is_neutral_at_zero_and_free_at_each_place() -> None:
    photo = 0.2 + 0.6 * smooth_photo(generator(), 1, 40, 50)
    field = colour_field(2)
    torch.testing.assert_close(field.apply(photo, torch.zeros(1, field.count)), photo)
    units = torch.zeros(1, 6, 2, 2)
    units[0, 3, 0, 0] = 1.0  # the offset of red, at the top on the left
    change = field.apply(photo, units.flatten(1)) - photo
    assert float(change[0, 0, 0, 0]) > 0.1
    assert float(change[0, 0, -1, -1].abs()) < 1e-6
    assert float(change[0, 1:].abs().max()) < 1e-6


def test_ladder_losses_reach_the_model_only() -> None:
    model = Brightness(0.3)
    losses = {
        **ladder_losses(model, smooth_photo(generator(), 3, 40, 50), generator(1)),
        **adversarial_loss(
            model, smooth_photo(generator(), 2, 40, 50), generator(2), AdversarialAscent(steps=2)
        ),
    }
    assert losses.keys() == {"ladder", "degraded", "adversary"}
    sum(losses.values()).backward()
    assert model.sign.grad is not None
    assert bool(model.sign.grad.isfinite())


def test_preferences_are_the_raters_shares() -> None:
    """Against a plain loop; photos 0 and 2 share no rater, so all pairs of ratings decide."""
    users, photos, scores = [0, 0, 1, 1, 2, 2, 3], [0, 1, 0, 1, 1, 2, 2], [7, 3, 4, 4, 2, 6, 5]
    ratings = Ratings(
        users=("a", "b", "c", "d"),
        photos=(Path("0"), Path("1"), Path("2")),
        user_index=np.array(users),
        photo_index=np.array(photos),
        original=np.array(scores, np.float64),
        scale=(1.0, 10.0),
    )
    share = RatingTable(ratings).preference(torch.tensor([0, 1, 2]))
    assert share[0, 1].item() == 0.75, "a prefers 0, b is undecided"
    assert share[1, 2].item() == 0.0, "c prefers 2"
    wins = [(x > y) + 0.5 * (x == y) for x in (7, 4) for y in (6, 5)]
    assert share[0, 2].item() == np.mean(wins)
    torch.testing.assert_close(share + share.T, torch.ones(3, 3))


def test_crops_are_seeded_and_of_the_size_asked_for() -> None:
    images = tuple((smooth_photo(generator(i), 1, 60 + i, 80)[0] * 255).to(torch.uint8) for i in range(3))
    pool = PhotoPool(tuple(Path(str(i)) for i in range(3)), images)
    chosen = pool.sample(2, generator())
    first = pool.crops(chosen, (24, 32), 0.5, generator(4))
    assert first.shape == (2, 3, 24, 32)
    assert torch.equal(first, pool.crops(chosen, (24, 32), 0.5, generator(4)))
    assert 0 <= first.min() <= first.max() <= 1
    assert len(pool.sample(9, generator())) == 3


def test_most_photos_have_one_fault_and_it_can_be_seen() -> None:
    faults = draw_faults(2000, generator(4))
    kinds = (faults != 0).sum(dim=1)
    assert 0.6 < float((kinds == 1).float().mean()) < 0.75
    assert float(faults.abs().max()) <= 1
    single = faults[kinds == 1].abs().amax(dim=1)
    assert float((single > 0.19).float().mean()) > 0.9


def test_renditions_come_in_their_order_and_only_the_last_have_known_units() -> None:
    photos = smooth_photo(generator(), 6, 40, 48)
    chain = EditChain(select(("exposure", "saturation")))
    seen = renditions(photos, chain, Mixture(untouched=2, edited=1, by_chain=2), generator(6))
    assert seen.images.shape == seen.originals.shape == (12, 3, 40, 48)
    torch.testing.assert_close(seen.images[:2], (photos[:2] * 255).round() / 255, atol=1e-6, rtol=0)
    assert bool((oklab_distance(seen.images[2:6], photos[2:6]) > 0.003).all())
    made = chain.apply(photos[4:], chain.from_units(seen.units))
    torch.testing.assert_close(seen.images[seen.chained], made)


def test_judging_wants_the_opinion_less_the_visible_difference() -> None:
    photos = smooth_photo(generator(), 4, 40, 48)
    seen = renditions(
        photos, EditChain(select(("exposure",))), Mixture(untouched=4, edited=0, by_chain=0), generator(7)
    )
    opinions = torch.tensor([4.0, 5.0, 6.0, 7.0])
    away = oklab_distance(subsampled(seen.images), subsampled(seen.originals))
    right = opinions.repeat(2) - (10 * away).clamp(max=3)
    assert all(
        float(loss) < 1e-6
        for loss in rendition_scoring_losses(right, opinions, seen, RenditionScoring()).values()
    )
    flat = rendition_scoring_losses(opinions.repeat(2), opinions, seen, RenditionScoring())
    assert float(flat["look"]) > 1e-3

"""The edit prior's training: what it is shown, and that it learns to restore and to leave alone."""

from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Generator

from retouch_aes import load_prior
from retouch_aes.color.luma import luma
from retouch_aes.color.toned import is_toned
from retouch_aes.errors import UsageError
from retouch_aes.models.edit_prior import LearnedPrior, sure
from retouch_aes.operators import EditChain, select
from retouch_aes.optim.training_loop import Schedule, train
from retouch_aes.testing import smooth_photo
from retouch_aes.training.photo_pool import PhotoPool
from retouch_aes.training.prior.darken import darken
from retouch_aes.training.prior.edit_pairs import load_pairs
from retouch_aes.training.prior.examples import KINDS, PriorExamples, gather_examples, see_lacking
from retouch_aes.training.prior.head import HeadTraining, head_losses, left_over
from retouch_aes.training.prior.lift import lift
from retouch_aes.training.prior.looks import LOOKS, lay_look, lay_night
from retouch_aes.training.prior.train import AT_THE_START, PriorTraining, train_prior
from retouch_aes.training.prior.unprocess import unprocess


def photos(count: int = 24) -> torch.Tensor:
    return smooth_photo(Generator().manual_seed(0), count, 64, 80)


@pytest.mark.parametrize("make", [unprocess, lay_look, lay_night, darken])
def test_what_is_shown_is_a_photo_on_the_grid_of_a_file_and_seeded(make) -> None:
    made = make(photos(), Generator().manual_seed(1))
    assert made.min() >= 0
    assert made.max() <= 1
    torch.testing.assert_close((made * 255).round() / 255, made)
    assert torch.equal(made, make(photos(), Generator().manual_seed(1)))
    assert ((made - photos()).flatten(1).abs().amax(1) > 0.02).float().mean() > 0.6


def test_before_its_development_a_photo_is_darker_and_paler() -> None:
    before, after = unprocess(photos(200), Generator().manual_seed(1)), photos(200)

    def colour(image: torch.Tensor) -> torch.Tensor:
        return (image - luma(image)).square().mean().sqrt()

    assert luma(before).mean() < 0.9 * luma(after).mean()
    assert colour(before) < 0.9 * colour(after)


def test_a_dark_subject_keeps_its_bright_ground() -> None:
    scene = 0.1 + 0.3 * photos(200)
    scene[..., :30, :] = 0.85 + 0.1 * scene[..., :30, :]
    dark = darken(scene, Generator().manual_seed(1))
    stops = (luma(dark) / luma(scene)).log2()
    ground, subject = (part.mean((1, 2, 3)) for part in (stops[..., :20, :], stops[..., 40:, :]))
    assert (subject < -0.2).float().mean() > 0.9
    assert 0.3 < (ground - subject > 0.3).float().mean() < 0.8  # the rest is dark everywhere, or aside


def test_a_black_and_white_look_has_at_most_one_tone() -> None:
    def between(low: float, high: float) -> torch.Tensor:
        return torch.full((24, 1, 1, 1), (low + high) / 2)

    looks = {look.__name__: look for _, look in LOOKS}
    assert bool(is_toned(looks["_black_and_white"](photos(), between)).all())


def test_in_doubt_less_is_done_and_old_files_guess_as_before() -> None:
    units = torch.tensor([[0.0, 0.05, -0.3, 0.9]])
    weakened = sure(units, torch.full_like(units, 0.1))
    assert torch.equal(weakened.sign(), units.sign())
    share = (weakened / units)[0, 1:]
    assert share[0] < 0.3 < 0.85 < share[1] < share[2] < 1
    torch.testing.assert_close(sure(units, torch.zeros_like(units)), units)
    config = load_prior("edit-prior").config
    config.pop("doubt")
    assert LearnedPrior.from_config(config).doubt == 0


def pool() -> PhotoPool:
    images = (smooth_photo(Generator().manual_seed(4), 8, 120, 150) * 255).round().to(torch.uint8)
    return PhotoPool(tuple(Path(f"{n}.png") for n in range(8)), tuple(images))


def gathered() -> list[PriorExamples]:
    return gather_examples(load_prior("edit-prior"), pool(), torch.arange(8).repeat(2), seed=3)


def test_examples_are_what_the_head_sees_and_finished_ones_are_their_own_target() -> None:
    [some] = gathered()
    chained = KINDS.index("by the chain")
    others = {KINDS.index("lacking light"), KINDS.index("pair")}
    assert set(some.kind.tolist()) == set(range(len(KINDS))) - others
    finished = some.kind <= 1
    assert torch.equal(some.images[finished], some.targets[finished])
    assert some.units[some.kind != chained].abs().sum() == 0
    assert some.units[some.kind == chained].abs().sum() > 0


def test_photos_that_lack_light_are_shown_lifted_and_only_so() -> None:
    images = tuple((image * 0.2).to(torch.uint8) for image in pool().images)
    dark = PhotoPool(pool().paths, images)
    [some] = gather_examples(load_prior("edit-prior"), dark, torch.arange(4), see=see_lacking)
    assert set(some.kind.tolist()) == {KINDS.index("lacking light")}
    before, after = (each.float().flatten(1).mean(1) for each in (some.images, some.targets))
    assert bool((after > 1.5 * before).all())


def test_a_lift_leaves_white_and_ordinary_light() -> None:
    white = torch.ones(1, 3, 32, 48)
    torch.testing.assert_close(lift(white), white)
    backlit = torch.full((1, 3, 64, 96), 0.06)
    backlit[..., :24, :] = 0.9
    backlit = (backlit * 255).round() / 255
    lifted = lift(backlit)
    assert luma(lifted)[..., 40:, :].mean() > 1.7 * luma(backlit)[..., 40:, :].mean()
    assert (luma(lifted) > 0.97).float().mean() == 0


def test_the_head_learns_to_restore_and_to_leave_alone() -> None:
    prior, examples = load_prior("edit-prior").requires_grad_(False), gathered()
    before = left_over(prior.head, prior.chain, examples)
    prior.head.requires_grad_(True).train()
    settings = HeadTraining(batch=48)
    train(prior.head, head_losses(prior.head, prior.chain, examples, settings), Schedule("t", 40, 2e-3, 5))
    after = left_over(prior.head, prior.chain, examples)
    assert after["as it is"] < before["as it is"]
    assert after["unprocessed"] < before["unprocessed"]


def test_too_few_photos_are_refused() -> None:
    with pytest.raises(UsageError, match="eight photos"):
        train_prior(load_prior("edit-prior"), [Path("a.png")], [], PriorTraining())


def pairs(count: int, stops: float) -> PhotoPool:
    """Photos that somebody made brighter."""
    chain = EditChain(select(["exposure"]))
    afters = smooth_photo(Generator().manual_seed(6), count, 120, 150)
    befores = chain.apply(afters, torch.full((count, 1), -stops))
    both = (torch.cat([befores, afters], dim=1) * 255).round().to(torch.uint8)
    return PhotoPool(tuple(Path(f"{n}.png") for n in range(count)), tuple(both))


def test_pairs_teach_what_was_done_and_the_best_head_of_the_way_stands() -> None:
    prior = load_prior("edit-prior")
    began = prior.head.state_dict()["out.weight"].clone()
    settings = PriorTraining(steps=16, rate=2e-3, pairs_kept=0.0, often=1, pair_crops=6, checks=4)
    left = train_prior(prior, [], [], settings, pairs=pairs(6, 1.5))
    assert left["pair"] < 0.9 * left[AT_THE_START]
    assert not torch.equal(prior.head.state_dict()["out.weight"], began)


def test_it_is_never_worse_than_it_began() -> None:
    prior = load_prior("edit-prior")
    began = {name: value.clone() for name, value in prior.head.state_dict().items()}
    settings = PriorTraining(steps=2, rate=3.0, pairs_kept=0.0, often=1, pair_crops=2, checks=2)
    left = train_prior(prior, [], [], settings, pairs=pairs(4, 0.5))
    assert left["pair"] == left[AT_THE_START]
    assert all(torch.equal(value, began[name]) for name, value in prior.head.state_dict().items())


def test_few_pairs_are_refused_and_odd_ones_told(tmp_path) -> None:
    with pytest.raises(UsageError, match="four pairs"):
        train_prior(load_prior("edit-prior"), [], [], PriorTraining(), pairs=pairs(3, 1.0))
    for name, size in (("a", (60, 40)), ("b", (30, 20)), ("c", (40, 40))):
        Image.new("RGB", size, (90, 80, 70)).save(tmp_path / f"{name}.png")
    a, b, c = (tmp_path / f"{name}.png" for name in "abc")
    found, problems = load_pairs([(a, b), (a, c), (a, tmp_path / "none.png")], 48)
    assert [image.shape for image in found.images] == [(6, 32, 48)]
    assert ["cropped" in problems[0], "none.png" in problems[1]] == [True, True]

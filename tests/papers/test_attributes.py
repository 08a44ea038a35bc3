import pytest
import torch

from retouch_aes.papers.pam.attributes import ATTRIBUTES, attributes


def plane(function) -> torch.Tensor:
    """A grey picture 72 x 96 of `function(down, right)`, both in [0, 1]."""
    down, right = torch.meshgrid(torch.linspace(0, 1, 72), torch.linspace(0, 1, 96), indexing="ij")
    return function(down, right).expand(3, 72, 96)[None].clamp(0, 1)


def ramp(down: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """From dark on the left to bright on the right."""
    return right + 0 * down


def spot(down: float, right: float, size: float = 0.08) -> torch.Tensor:
    """A bright spot on grey."""
    return plane(lambda y, x: 0.3 + 0.6 * torch.exp(-((y - down) ** 2 + (x - right) ** 2) / (2 * size**2)))


def tinted(*colours: tuple[float, float, float]) -> torch.Tensor:
    """Stripes of even colour, side by side."""
    stripes = [torch.tensor(colour).view(3, 1, 1).expand(3, 60, 90 // len(colours)) for colour in colours]
    return torch.cat(stripes, 2)[None]


def noise(seed: int = 0) -> torch.Tensor:
    return torch.rand(1, 3, 72, 96, generator=torch.Generator().manual_seed(seed))


sharp_middle = noise().clone()
sharp_middle[..., :24, :] = sharp_middle[..., 48:, :] = 0.5
waves = plane(lambda y, x: 0.5 + 0.3 * torch.sin(40 * x) * torch.sin(30 * y))
half = plane(lambda y, x: 0.5 + 0.3 * torch.sin(9 * (x - 0.5) ** 2 + 3 * y))
red, green, blue = (0.7, 0.3, 0.3), (0.3, 0.6, 0.3), (0.3, 0.4, 0.8)


@pytest.mark.parametrize(
    ("name", "more", "less"),
    [
        ("light", plane(lambda y, x: 0.5 + 0 * x * y), plane(lambda y, x: 0.05 + 0 * x * y)),
        ("contrast", plane(ramp), plane(lambda y, x: 0.4 + 0.2 * ramp(y, x))),
        ("vividness", tinted(red, green), tinted((0.5, 0.45, 0.45), (0.45, 0.5, 0.45))),
        ("harmony", tinted(red, (0.6, 0.2, 0.2)), tinted(red, green, blue)),
        ("depth_of_field", sharp_middle, noise()),
        ("emphasis", spot(0.5, 0.5), noise()),
        ("thirds", spot(1 / 3, 2 / 3), spot(0.5, 0.5)),
        ("balance", spot(0.5, 0.5), spot(0.2, 0.1)),
        ("repetition", waves, noise()),
        ("symmetry", half, plane(ramp)),
    ],
)
def test_each_says_what_its_name_says(name, more, less):
    column = ATTRIBUTES.index(name)
    assert attributes(more)[0, column] > attributes(less)[0, column] + 0.01


def test_even_pictures_have_finite_values_and_slopes():
    for value in (0.0, 0.5, 1.0):
        image = torch.full((1, 3, 40, 56), value, requires_grad=True)
        found = attributes(image)
        found.sum().backward()
        assert found.isfinite().all()
        assert image.grad.isfinite().all()


def test_a_batch_is_its_photos_and_gradients_are_right():
    batch = torch.cat([noise(0), noise(1)])
    assert attributes(batch)[1] == pytest.approx(attributes(noise(1))[0].numpy(), abs=1e-5)
    image = noise(2)[..., :33, :40].double().requires_grad_()
    step = torch.randn(image.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    (slope,) = torch.autograd.grad(attributes(image).sum(), image)
    with torch.no_grad():
        ahead, behind = (attributes(image + sign * 1e-6 * step).sum() for sign in (1, -1))
    assert float((slope * step).sum()) == pytest.approx(float(ahead - behind) / 2e-6, rel=1e-3, abs=1e-4)

"""A Gaussian blur, separable: kornia's, by reach in pixels."""

from torch import Tensor


def gaussian_blur(image: Tensor, sigma: float, reach: int, *, border: str = "replicate") -> Tensor:
    """Blur `(B, C, H, W)` by a Gaussian of deviation `sigma` pixels, cut off at `reach` pixels.

    `border` is how the frame goes on outside: "replicate", or "reflect" (`reach` below the short side).
    """
    from kornia.filters import gaussian_blur2d

    side = 2 * reach + 1
    blurred: Tensor = gaussian_blur2d(image, (side, side), (sigma, sigma), border_type=border)
    return blurred

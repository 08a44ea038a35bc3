"""Recipes of the first edition, from before the operators stood on kornia, give the pixels that they gave.

The numbers are the first edition's, in levels of 255: three pixels of a picture of waves, red, green and blue
each, with every slider at the same place of its range (0 neutral, 1 the end). A change that moves them needs
a new `version` of the operator, and keeps the first among `Operator.earlier`.
"""

import pytest
import torch

from retouch_aes.operators import OPERATORS, EditChain

FIRST_EDITION = {
    ("dehaze", -0.6): (227.49, 229.57, 132.22, 22.21, 86.62, 199.84, 29.06, 31.13, 127.63),
    ("dehaze", 0.6): (249.21, 218.49, 94.64, 10.74, 76.75, 201.43, 18.03, 17.75, 124.64),
    ("white_balance", -0.6): (192.71, 236.09, 127.66, -81.30, 85.53, 210.40, 7.59, 26.32, 132.55),
    ("white_balance", 0.6): (271.38, 213.45, 112.94, 54.08, 77.21, 193.39, 33.73, 22.29, 121.48),
    ("exposure", -0.6): (162.08, 155.51, 80.17, 7.82, 53.76, 137.75, 12.66, 13.32, 85.12),
    ("exposure", 0.6): (338.19, 325.04, 174.37, 29.36, 121.55, 289.52, 39.34, 40.66, 184.26),
    ("tones", -0.6): (212.93, 203.63, 97.10, -10.70, 54.49, 173.26, 2.15, 3.09, 104.63),
    ("tones", 0.6): (257.12, 247.82, 141.28, 44.01, 109.20, 227.97, 45.27, 46.20, 147.74),
    ("contrast", -0.6): (226.99, 215.33, 121.89, 23.65, 93.20, 187.43, 32.80, 33.97, 126.63),
    ("contrast", 0.6): (241.08, 234.05, 115.31, 11.50, 69.08, 213.02, 16.70, 17.40, 125.52),
    ("tone_curve", -0.6): (235.03, 225.73, 119.19, 16.65, 81.84, 200.61, 23.71, 24.64, 126.19),
    ("tone_curve", 0.6): (235.03, 225.73, 119.19, 16.65, 81.84, 200.61, 23.71, 24.64, 126.19),
    ("saturation", -0.6): (226.02, 222.30, 179.68, 52.60, 78.67, 126.18, 28.55, 28.92, 69.54),
    ("saturation", 0.6): (244.04, 229.16, 58.69, -19.29, 85.01, 275.04, 18.87, 20.36, 182.83),
    ("vibrance", -0.6): (233.23, 225.04, 131.27, 20.98, 81.46, 191.65, 24.79, 25.60, 113.52),
    ("vibrance", 0.6): (236.83, 226.41, 107.11, 12.33, 82.22, 209.57, 22.63, 23.69, 138.85),
    ("hsl", -0.6): (223.27, 203.86, 172.26, 12.49, 58.89, 86.29, 4.63, 19.54, 50.79),
    ("hsl", 0.6): (209.76, 259.09, 61.24, 73.87, 86.65, 338.50, 76.38, 19.56, 203.59),
    ("clarity", -0.6): (234.08, 224.78, 118.24, 17.57, 82.75, 201.52, 25.63, 26.57, 128.11),
    ("clarity", 0.6): (235.97, 226.67, 120.13, 15.74, 80.93, 199.70, 21.79, 22.72, 124.26),
    ("sharpening", 0.6): (235.03, 225.73, 119.19, 16.65, 81.84, 200.61, 23.71, 24.64, 126.19),
}


@pytest.mark.parametrize(("name", "place"), FIRST_EDITION)
def test_the_pixels_are_the_same_within_a_level(name: str, place: float) -> None:
    down, across = (torch.linspace(0, 1, count, dtype=torch.float64) for count in (24, 32))
    y, x = torch.meshgrid(down, across, indexing="ij")
    waves = [0.5 + 0.45 * torch.sin(7 * x + phase + 5 * y * y) for phase in (0.0, 0.9, 2.0)]
    image = torch.stack(waves)[None].float()
    [operator] = [one for one in (OPERATORS[name], *OPERATORS[name].earlier) if one.version == 1]
    chain = EditChain([operator])
    params = chain.from_units(torch.full((1, len(chain)), place))
    edited = operator.apply(image, params, operator.measure(image))
    found = 255 * edited[0][:, [3, 12, 20], [5, 16, 30]].T.flatten()
    torch.testing.assert_close(found, torch.tensor(FIRST_EDITION[name, place]), atol=0.5, rtol=0)

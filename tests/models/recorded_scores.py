"""Scores of twenty made pictures by the bundled models, recorded: `python tests/models/recorded_scores.py`.

The pictures are whole numbers from whole numbers, the same under every version of every library. Run it again
when a bundled model has changed; the file then names the new fingerprint.
"""

import json
from pathlib import Path

import numpy as np
import torch

from retouch_aes.models import load_model

MODELS = ("aesthetic", "aesthetic-compact")
RECORD = Path(__file__).parents[1] / "fixtures" / "recorded_scores.json"
COUNT = 20
HEIGHT, WIDTH = 150, 224


def picture(number: int) -> torch.Tensor:
    """Picture `number`, `(1, 3, HEIGHT, WIDTH)` in [0, 1]: waves, blocks and grain in integer arithmetic."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.int64)
    planes = []
    for channel in range(3):
        a, b, c = 1 + number % 5, 1 + (number // 5 + channel) % 4, 3 + number + channel
        wave = (a * x + b * y + 17 * c) % 256
        ramp = np.minimum(wave, 255 - wave) * 2
        block = ((x // (8 + 3 * a)) * 31 + (y // (6 + 5 * b)) * 57 + 40 * channel) % 256
        grain = (x * 7919 + y * 104729 + number * 611953 + channel * 15485863) % 41
        share = number % 4
        planes.append((ramp * (4 - share) + block * share + grain * 2) // 5 % 256)
    return torch.from_numpy(np.stack(planes)[None].astype(np.float32) / np.float32(255))


def scores(name: str) -> list[float]:
    """The scores of all pictures by a bundled model."""
    model = load_model(name).requires_grad_(False)
    return [round(float(model(picture(number))), 4) for number in range(COUNT)]


def record() -> dict[str, dict[str, object]]:
    """Fingerprint and scores of every bundled model."""
    return {name: {"fingerprint": load_model(name).fingerprint, "scores": scores(name)} for name in MODELS}


if __name__ == "__main__":
    RECORD.write_text(json.dumps(record(), indent=1) + "\n")

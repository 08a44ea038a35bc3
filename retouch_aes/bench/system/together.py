"""How many photos a second one device searches, one at a time and 32 together."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from retouch_aes.color.difference import delta_e_2000
from retouch_aes.editing.solve import Solution
from retouch_aes.photo import Photo
from retouch_aes.pipeline import Retoucher

PHOTOS = 32
"""That are searched: one photo in as many exposures."""
_DARKEST, _BRIGHTEST = 0.4, 1.0
_WARM = 3  # rounds before the clock runs, in which a GPU records what it replays later


@dataclass(frozen=True)
class TogetherCost:
    """Searches on `device`, `at_once` as one batch, the score's backbone in `bits`.

    `wall` and `cpu` are seconds for all `photos`, decoding and rendering left out. `apart` is the mean
    Delta E 2000 between the edits and those of one photo at a time in 32 bit, of the photo that has most.
    """

    device: str
    at_once: int
    bits: int
    photos: int
    wall: float
    cpu: float
    apart: float

    @property
    def per_second(self) -> float:
        """Photos a second, by the clock."""
        return self.photos / self.wall


def together_costs(
    photo: Photo, device: torch.device, model: str, prior: str, repeats: int
) -> Iterator[TogetherCost]:
    """The least of `repeats` runs of each way; on a CUDA device in 16 bit, too."""
    reference: list[Solution] = []
    for bits in (32, 16) if device.type == "cuda" else (32,):
        for at_once in (1, PHOTOS):
            retoucher = Retoucher.load(
                model=model, prior=prior, device=device, at_once=at_once, half=bits == 16
            )
            smalls = _exposures(retoucher.proxy(photo))
            for _ in range(_WARM if device.type != "cpu" else 0):
                retoucher.solve_together(smalls)
            wall, cpu = float("inf"), float("inf")
            for _ in range(repeats):
                began, used = time.perf_counter(), time.process_time()
                found = retoucher.solve_together(smalls)
                wall = min(wall, time.perf_counter() - began)
                cpu = min(cpu, time.process_time() - used)
            reference = reference or found
            apart = max(map(_apart, smalls, reference, found))
            yield TogetherCost(str(device), at_once, bits, PHOTOS, wall, cpu, apart)


def _exposures(small: Tensor) -> list[Tensor]:
    return [small * float(gain) for gain in torch.linspace(_DARKEST, _BRIGHTEST, PHOTOS)]


def _apart(small: Tensor, one: Solution, other: Solution) -> float:
    with torch.no_grad():
        return float(delta_e_2000(one.recipe.apply(small), other.recipe.apply(small)).mean())

"""Random chains of operators, for edits that nobody chose."""

import torch
from torch import Generator

from retouch_aes.operators import OPERATORS, EditChain, FillLight
from retouch_aes.operators.denoise import Denoise


def random_chain(generator: Generator, share: float = 0.45) -> EditChain:
    """A chain of operators drawn from the catalogue, each with probability `share`, one at least.

    Without denoise, which takes a fault away and hardly shows on a small copy, and fill light, so that the
    same seeds draw the same edits as before it was there.
    """
    names = [name for name in OPERATORS if name not in (Denoise.name, FillLight.name)]
    drawn = torch.rand(len(names), generator=generator)
    chosen = [name for name, value in zip(names, drawn.tolist(), strict=True) if value < share]
    return EditChain([OPERATORS[name] for name in chosen or [names[int(drawn.argmin())]]])

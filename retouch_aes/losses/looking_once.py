"""A score that looks at a photo and its mirror image, looking once: half the time a step.

Scores that are reported are the mean of both views, so a photo and its mirror image have the same. What
follows a gradient takes many small steps, in each of which the second view says nearly what the first said.
"""

import copy
import itertools

from torch import nn


def looking_once(module: nn.Module) -> nn.Module:
    """`module` itself where no part of it has `views` above 1, else a copy in which those have 1.

    The copy shares all tensors with `module`: it costs no memory, and follows changes made in place.

    Args:
        module: A score, or anything that holds one. A part that can look from several sides says so by an
            attribute `views`.

    Returns:
        A module of the same kind, in the same mode.

    Examples:
        >>> from retouch_aes import load_model
        >>> from retouch_aes.losses import looking_once
        >>> score = load_model("aesthetic")
        >>> score.config["views"], looking_once(score).pooled.views, score.pooled.views
        (2, 1, 2)
    """
    if not _several(module):
        return module
    tensors = itertools.chain(module.parameters(), module.buffers())
    once: nn.Module = copy.deepcopy(module, {id(tensor): tensor for tensor in tensors})
    for part in _several(once):
        part.views = 1  # type: ignore[assignment]
    return once


def _several(module: nn.Module) -> list[nn.Module]:
    """The parts of `module` that look from more than one side."""
    return [
        part for part in module.modules() if isinstance(views := getattr(part, "views", 1), int) and views > 1
    ]

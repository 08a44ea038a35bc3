"""Black and white photos keep their greys, and toned ones (sepia, duotone) their tone.

Which photos those are says `color.toned.is_toned`, which edits are about colour `Operator.colour`. A search
holds their sliders at neutral, and a recipe from elsewhere (saved, or shared by a group) is applied without
them: `Recipe.on`, `Recipe.apply`.
"""

import torch
from torch import Tensor

from retouch_aes.color.toned import is_toned
from retouch_aes.operators.chain import EditChain


def free_sliders(image: Tensor, chain: EditChain) -> Tensor:
    """`(B, P)`: 1 for the sliders that may be moved on photos `(B, 3, H, W)`, 0 for those held at neutral."""
    about_colour = [operator.colour for operator in chain.operators for _ in operator.params]
    if not any(about_colour):
        return image.new_ones(len(image), len(chain))
    colour = torch.tensor(about_colour, device=image.device)
    return (~(colour & is_toned(image)[:, None])).to(image.dtype)

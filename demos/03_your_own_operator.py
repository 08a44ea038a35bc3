"""An operator of your own: copy this file, change `apply`, run the checks.

    python demos/03_your_own_operator.py

An operator is one edit with named parameters, differentiable in the pixels and the parameters. This one is
split toning: it colours the shadows and the highlights, as darkroom prints were. To share it, return it from
a function that your package names in the entry point group `retouch_aes.operators`.
"""

from dataclasses import dataclass

import torch
from sklearn.datasets import load_sample_images
from torch import Tensor

from retouch_aes import Photo, Retoucher, RetouchSettings
from retouch_aes.color.luma import luma
from retouch_aes.operators import Operator, Param, Stats
from retouch_aes.optim.bfgs import BFGS
from retouch_aes.testing import check_operator


@dataclass(frozen=True)  # 1. A frozen dataclass: an operator has settings, but no state.
class SplitTone(Operator):
    """Warm or cool shadows and highlights, each on its own."""

    # 2. Its name in recipes, and a version: raise it whenever the same parameters give another picture.
    name: str = "split_tone"
    version: int = 1

    # 3. Its sliders: name, lowest, highest, the value that changes nothing, unit, what it does.
    params: tuple[Param, ...] = (
        Param("shadows", -100.0, 100.0, 0.0, "%", "positive warms the shadows, negative cools them"),
        Param("highlights", -100.0, 100.0, 0.0, "%", "positive warms the highlights, negative cools them"),
    )
    doc: str = "colour for the shadows and for the highlights"

    # 4. What depends on the whole photo is measured once, on a small copy, so that a large photo can be
    #    edited strip by strip. Here: how bright the photo is, to say where shadows end. Values are (B, C).
    #    An operator that needs no such thing leaves this method out.
    def measure(self, image: Tensor) -> Stats:
        """See `Operator.measure`."""
        return Stats({"middle": luma(image).mean(dim=(2, 3)).clamp(0.2, 0.8)})

    # 5. The edit: (B, 3, H, W) and (B, P) -> (B, 3, H, W). Pure, smooth, and without clamping: values may
    #    leave [0, 1], the chain of operators ends in one soft clamp.
    def apply(self, image: Tensor, params: Tensor, stats: Stats) -> Tensor:
        """See `Operator.apply`."""
        shadows, highlights = (params / 100)[:, :, None, None].unbind(dim=1)
        bright = torch.sigmoid(8 * (luma(image) - stats.of_frame("middle")))
        amount = shadows[:, None] * (1 - bright) + highlights[:, None] * bright
        warm = torch.tensor([0.10, 0.02, -0.12], dtype=image.dtype, device=image.device)[:, None, None]
        return image + amount * warm


def main() -> None:
    operator = SplitTone()

    # 6. The laws every operator obeys: neutral changes nothing, gradients are right, a batch equals its
    #    photos one by one, tiles equal the whole, a recipe survives JSON. Put this line into a test.
    check_operator(operator)
    print("split_tone obeys the laws of operators")

    # 7. Use it like any other, alone or beside ours.
    photo = torch.tensor(load_sample_images().images[0]).permute(2, 0, 1)[None].float() / 255
    settings = RetouchSettings(proxy=192, solver=BFGS(steps=10))
    retoucher = Retoucher.load(prior=None, operators=["exposure", operator], settings=settings)
    solution = retoucher(Photo(photo)).solution
    print(f"{solution.outcome}, score {solution.score_before:.2f} -> {solution.score_after:.2f}")
    print(solution.recipe.to_json())


if __name__ == "__main__":
    main()

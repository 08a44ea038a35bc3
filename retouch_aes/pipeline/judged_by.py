"""The score by which edits of a photo are judged: anyone's, or one person's, counted from the repair."""

from collections.abc import Sequence

from torch import Tensor

from retouch_aes.editing.repaired import repaired
from retouch_aes.models import AestheticModel
from retouch_aes.models.edit_prior import EditPrior
from retouch_aes.taste.contract import Taste


def judged_by(
    model: AestheticModel, taste: Taste | None, image: Tensor, prior: EditPrior | None, allowed: Sequence[str]
) -> AestheticModel:
    """A model that gives scores `(B,)` in [1, 10] of renditions of some photos.

    Args:
        model: The generic score.
        taste: One person's; None for anyone's.
        image: Small copies of the photos as they are, `(B, 3, h, w)`, sRGB [0, 1].
        prior: What repairs them, the general one.
        allowed: Names of the operators that may be used.

    Returns:
        The generic score, or the person's for these photos.
    """
    if taste is None:
        return model
    return taste.editing_model(model, repaired(image, prior, allowed) if taste.counts_from_repair else image)

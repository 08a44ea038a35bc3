"""What a taste does on most photos, as one recipe: its usual edit, or the median of its own moves."""

from pathlib import Path

import torch

from retouch_aes.errors import PhotoError, UsageError
from retouch_aes.models.edit_prior import NeutralPrior
from retouch_aes.operators import EditChain, Recipe, select
from retouch_aes.photo import find_photos, read
from retouch_aes.preferences.variations import STYLE_SLIDERS
from retouch_aes.taste.contract import Taste
from retouch_aes.taste.gp.usual_edit import UsualEditPrior

MOST = 24
_SIDE = 224


def typical_edit(taste: Taste, photos: str | Path) -> Recipe:
    """The median, slider by slider, of how `taste` moves photos from where they are.

    Args:
        taste: A taste that leans to a style; one that is a whole model says nothing of sliders.
        photos: A folder; up to 24 photos, spread over it, are looked at.

    Returns:
        A recipe of the sliders that make a style, or of all that a usual edit moves.

    Raises:
        UsageError: A taste without a style, or no photos that can be read.
    """
    prior = taste.prior(NeutralPrior())
    if prior is None or isinstance(prior, NeutralPrior):
        raise UsageError(
            "this taste is a whole model and leans to no style of sliders; export an edit instead"
        )
    if isinstance(prior, UsualEditPrior):
        return prior.usual.recipe
    chain = EditChain(select(name.split(".")[0] for name in STYLE_SLIDERS))
    found = find_photos(Path(photos))
    guesses = []
    for path in found[:: max(1, len(found) // MOST)][:MOST]:
        try:
            small = read(path).proxy(_SIDE)
        except PhotoError:
            continue
        with torch.no_grad():
            guesses.append(prior.guess(small, chain)[0])
    if not guesses:
        raise UsageError(f"{photos}: expected photos, found none that can be read")
    units = torch.cat(guesses).median(dim=0).values
    return Recipe.of(chain, chain.from_units(units[None])[0])

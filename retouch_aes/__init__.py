"""Learn a photo taste as a differentiable score, and retouch photos to it by gradient.

A taste is a score `f(x)` in [1, 10] that can be differentiated to the pixels, so `10 - f(x)` is a loss, and
whatever has parameters can be moved down it: the sliders of named operators, or a whole network.

    from retouch_aes import Retoucher, write

    retoucher = Retoucher.load()                          # or Retoucher.load(taste="me.taste")
    done = retoucher("harbour.jpg")
    write(done.photo, "harbour_retouched.jpg")
    done.recipe.save("harbour.json")

The names below are fetched when first used, so `import retouch_aes` is quick and loads no PyTorch. The house,
floor by floor, is drawn in `docs/architecture.md`; imports only go down, and a test reads them.
"""

from typing import TYPE_CHECKING

from retouch_aes.lazy_names import fetcher

if TYPE_CHECKING:
    from retouch_aes.editing import (
        Counterfactual,
        Outcome,
        RetouchSettings,
        Solution,
        develop,
        framed,
        render,
        retouch,
    )
    from retouch_aes.enhancers import Enhancer, enhance, load_enhancer
    from retouch_aes.errors import RetouchError
    from retouch_aes.losses import AestheticLoss
    from retouch_aes.models import (
        AestheticModel,
        as_model,
        from_pretrained,
        list_models,
        load_model,
        save_pretrained,
    )
    from retouch_aes.models.edit_prior import load_prior
    from retouch_aes.operators import (
        OPERATORS,
        ColourMask,
        EditChain,
        Framing,
        KorniaOperator,
        LinearMask,
        LuminanceMask,
        Mask,
        Operator,
        Param,
        RadialMask,
        Recipe,
        SkinMask,
        SkyMask,
        Stats,
        Step,
        SubjectMask,
        masked,
        read_recipe,
    )
    from retouch_aes.optim.training_loop import Schedule
    from retouch_aes.photo import Photo, find_photos, read, write
    from retouch_aes.pipeline import (
        Certificate,
        PhotoScore,
        Retouched,
        Retoucher,
        as_reward,
        certify,
        score,
    )
    from retouch_aes.preferences import (
        Choice,
        ChoiceLog,
        PairAcquisition,
        Question,
        Rating,
        Rendition,
        read_answers,
    )
    from retouch_aes.preferences.ratings import read_ratings
    from retouch_aes.taste import Taste, learn, load_taste
    from retouch_aes.training.enhancer.train import train_enhancer

__version__ = "0.2.0"

__all__ = [
    "OPERATORS",
    "AestheticLoss",
    "AestheticModel",
    "Certificate",
    "Choice",
    "ChoiceLog",
    "ColourMask",
    "Counterfactual",
    "EditChain",
    "Enhancer",
    "Framing",
    "KorniaOperator",
    "LinearMask",
    "LuminanceMask",
    "Mask",
    "Operator",
    "Outcome",
    "PairAcquisition",
    "Param",
    "Photo",
    "PhotoScore",
    "Question",
    "RadialMask",
    "Rating",
    "Recipe",
    "Rendition",
    "RetouchError",
    "RetouchSettings",
    "Retouched",
    "Retoucher",
    "Schedule",
    "SkinMask",
    "SkyMask",
    "Solution",
    "Stats",
    "Step",
    "SubjectMask",
    "Taste",
    "__version__",
    "as_model",
    "as_reward",
    "certify",
    "develop",
    "enhance",
    "find_photos",
    "framed",
    "from_pretrained",
    "learn",
    "list_models",
    "load_enhancer",
    "load_model",
    "load_prior",
    "load_taste",
    "masked",
    "read",
    "read_answers",
    "read_ratings",
    "read_recipe",
    "render",
    "retouch",
    "save_pretrained",
    "score",
    "train_enhancer",
    "write",
]

_HOMES = {
    "OPERATORS": "retouch_aes.operators",
    "AestheticLoss": "retouch_aes.losses",
    "AestheticModel": "retouch_aes.models",
    "Certificate": "retouch_aes.pipeline",
    "Choice": "retouch_aes.preferences",
    "ChoiceLog": "retouch_aes.preferences",
    "ColourMask": "retouch_aes.operators",
    "Counterfactual": "retouch_aes.editing",
    "EditChain": "retouch_aes.operators",
    "Framing": "retouch_aes.operators",
    "Enhancer": "retouch_aes.enhancers",
    "KorniaOperator": "retouch_aes.operators",
    "LinearMask": "retouch_aes.operators",
    "LuminanceMask": "retouch_aes.operators",
    "Mask": "retouch_aes.operators",
    "Operator": "retouch_aes.operators",
    "Outcome": "retouch_aes.editing",
    "PairAcquisition": "retouch_aes.preferences",
    "Param": "retouch_aes.operators",
    "Photo": "retouch_aes.photo",
    "PhotoScore": "retouch_aes.pipeline",
    "Question": "retouch_aes.preferences",
    "RadialMask": "retouch_aes.operators",
    "Rating": "retouch_aes.preferences",
    "Recipe": "retouch_aes.operators",
    "Rendition": "retouch_aes.preferences",
    "RetouchError": "retouch_aes.errors",
    "RetouchSettings": "retouch_aes.editing",
    "Retouched": "retouch_aes.pipeline",
    "Retoucher": "retouch_aes.pipeline",
    "Schedule": "retouch_aes.optim.training_loop",
    "SkinMask": "retouch_aes.operators",
    "SkyMask": "retouch_aes.operators",
    "Solution": "retouch_aes.editing",
    "Stats": "retouch_aes.operators",
    "Step": "retouch_aes.operators",
    "SubjectMask": "retouch_aes.operators",
    "Taste": "retouch_aes.taste",
    "as_model": "retouch_aes.models",
    "as_reward": "retouch_aes.pipeline",
    "certify": "retouch_aes.pipeline",
    "develop": "retouch_aes.editing",
    "enhance": "retouch_aes.enhancers",
    "framed": "retouch_aes.editing",
    "find_photos": "retouch_aes.photo",
    "from_pretrained": "retouch_aes.models",
    "learn": "retouch_aes.taste",
    "list_models": "retouch_aes.models",
    "load_enhancer": "retouch_aes.enhancers",
    "load_model": "retouch_aes.models",
    "load_prior": "retouch_aes.models.edit_prior",
    "load_taste": "retouch_aes.taste",
    "masked": "retouch_aes.operators",
    "read": "retouch_aes.photo",
    "read_answers": "retouch_aes.preferences",
    "read_ratings": "retouch_aes.preferences.ratings",
    "read_recipe": "retouch_aes.operators",
    "render": "retouch_aes.editing",
    "retouch": "retouch_aes.editing",
    "save_pretrained": "retouch_aes.models",
    "score": "retouch_aes.pipeline",
    "train_enhancer": "retouch_aes.training.enhancer.train",
    "write": "retouch_aes.photo",
}


__getattr__ = fetcher(__name__, globals(), _HOMES)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

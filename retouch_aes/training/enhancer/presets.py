"""What each network is trained on unless told otherwise, and the paper's "+" variants by name.

`NAME+` is the network NAME trained to a taste as well; Zhang et al. write DeepUPE+, DAR+ and DMMF+. Under a
veil a taste carries colours too far, so networks for haze are held nearer to what they should give: on photos
that no result is reported for, simulated people preferred 80 % of the pictures with 4 and 76 % with 1.5.
"""

from dataclasses import dataclass, replace

from retouch_aes.enhancers import enhancers
from retouch_aes.training.enhancer.train import EnhancerTraining

ALIASES = {"deepupe": "deep-upe", "dar": "distort-recover"}
_EXPOSURE, _HAZE = ("zero-dce", "zero-dce++", "deep-upe"), ("aod-net", "gcanet", "dmmf")


@dataclass(frozen=True)
class Preset:
    """A network's short name (or `pkg.module:Class`), what degrades its photos, and whether it has a taste.

    `fidelity` is its weight beside a taste.
    """

    name: str
    degradation: str
    to_a_taste: bool
    fidelity: float

    def weights(self, taste: float, fidelity: float | None) -> EnhancerTraining:
        """Those of a training; its own fidelity where none is given."""
        return EnhancerTraining(taste, self.fidelity if fidelity is None else fidelity)


def preset(text: str) -> Preset:
    """The preset that `text` means: `zero-dce`, `DeepUPE+`, `DAR+`, `my.nets:Net` ..."""
    known = enhancers()
    name = ALIASES.get(text.lower(), text if ":" in text else text.lower())
    if name not in known and name.endswith("+"):
        return replace(preset(text[:-1]), to_a_taste=True)
    degradation = "exposure" if name in _EXPOSURE else "haze" if name in _HAZE else "all"
    fidelity = 4.0 if degradation == "haze" else EnhancerTraining.fidelity
    return Preset(name, degradation, to_a_taste=False, fidelity=fidelity)

"""What each network is trained on unless told otherwise, and the paper's "+" variants by name.

`NAME+` is the network NAME trained to a taste as well; Zhang et al. write DeepUPE+, DAR+ and DMMF+.
"""

from dataclasses import dataclass

from retouch_aes.enhancers import enhancers

ALIASES = {"deepupe": "deep-upe", "dar": "distort-recover"}
_EXPOSURE, _HAZE = ("zero-dce", "zero-dce++", "deep-upe"), ("aod-net", "gcanet", "dmmf")


@dataclass(frozen=True)
class Preset:
    """A network's short name (or `pkg.module:Class`), what spoils its photos, and whether it has a taste."""

    name: str
    spoil: str
    to_a_taste: bool


def preset(text: str) -> Preset:
    """The preset that `text` means: `zero-dce`, `DeepUPE+`, `DAR+`, `my.nets:Net` ..."""
    known = enhancers()
    name = ALIASES.get(text.lower(), text if ":" in text else text.lower())
    if name not in known and name.endswith("+"):
        plain = preset(text[:-1])
        return Preset(plain.name, plain.spoil, to_a_taste=True)
    spoil = "exposure" if name in _EXPOSURE else "haze" if name in _HAZE else "all"
    return Preset(name, spoil, to_a_taste=False)

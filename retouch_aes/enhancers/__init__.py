"""Enhancement networks, ours and other people's: a photo in, a photo out, at any size.

A new network is one file with a subclass of `Enhancer` and its name in `catalogue.ENHANCERS`. Any other
module of that shape is hosted as it is (`Hosted`, or `pkg.module:Class` on the command line).
"""

from retouch_aes.enhancers.catalogue import ENHANCERS, enhancers, load_enhancer
from retouch_aes.enhancers.enhancer import Enhancer, MeasuredEnhancer, enhance
from retouch_aes.enhancers.full_size import FullSize
from retouch_aes.enhancers.hosted import Hosted
from retouch_aes.enhancers.low_resolution import LowResolution
from retouch_aes.enhancers.measured import MeasuredFullSize
from retouch_aes.enhancers.tiles import Tiles

__all__ = [
    "ENHANCERS",
    "Enhancer",
    "FullSize",
    "Hosted",
    "LowResolution",
    "MeasuredEnhancer",
    "MeasuredFullSize",
    "Tiles",
    "enhance",
    "enhancers",
    "load_enhancer",
]

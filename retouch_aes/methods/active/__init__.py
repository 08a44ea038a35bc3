"""Active selection: which photo to ask a person about next. One file each, listed here by short name."""

from retouch_aes.methods.active.active_pam import ActivePAM, ActivePAMPrinted
from retouch_aes.methods.active.at_random import Random
from retouch_aes.methods.active.committee import Committee
from retouch_aes.methods.active.greedy import Greedy
from retouch_aes.methods.active.mcal import MCAL
from retouch_aes.methods.active.selector import Album, Selector

SELECTORS: dict[str, type[Selector]] = {
    "active-pam": ActivePAM,
    "active-pam-printed": ActivePAMPrinted,
    "random": Random,
    "greedy": Greedy,
    "mcal": MCAL,
    "committee": Committee,
}

__all__ = ["SELECTORS", "Album", "Selector"]

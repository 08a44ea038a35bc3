"""Active selection: which photo to ask a person about next. One file each, listed here by short name."""

from retouch_aes.papers.active.active_pam import ActivePAM, ActivePAMPrinted
from retouch_aes.papers.active.at_random import RandomSelector
from retouch_aes.papers.active.committee import CommitteeSelector
from retouch_aes.papers.active.greedy import GreedySelector
from retouch_aes.papers.active.mcal import MCAL
from retouch_aes.papers.active.selector import RatedAlbum, Selector

SELECTORS: dict[str, type[Selector]] = {
    "active-pam": ActivePAM,
    "active-pam-printed": ActivePAMPrinted,
    "random": RandomSelector,
    "greedy": GreedySelector,
    "mcal": MCAL,
    "committee": CommitteeSelector,
}

__all__ = ["SELECTORS", "RatedAlbum", "Selector"]

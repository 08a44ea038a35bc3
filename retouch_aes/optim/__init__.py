"""Minimisers, and the one training loop: what moves parameters down a loss."""

from retouch_aes.optim.adam import Adam
from retouch_aes.optim.bfgs import BFGS
from retouch_aes.optim.minimiser import MinimiseOutcome, Minimiser, MinimiseResult

__all__ = ["BFGS", "Adam", "MinimiseOutcome", "MinimiseResult", "Minimiser"]

"""One person's taste: their choices, what to ask next, and the score learned from the answers."""

from retouch_aes.taste.choices import (
    Answer,
    Change,
    Choice,
    ChoiceLog,
    Rating,
    Skip,
    Tie,
    Undo,
    read_answers,
)
from retouch_aes.taste.chooser import Beliefs, PairChooser, Question
from retouch_aes.taste.preferences import Pair, Preferences
from retouch_aes.taste.renditions import Rendition
from retouch_aes.taste.variations import Variations

__all__ = [
    "Answer",
    "Beliefs",
    "Change",
    "Choice",
    "ChoiceLog",
    "Pair",
    "PairChooser",
    "Preferences",
    "Question",
    "Rating",
    "Rendition",
    "Skip",
    "Tie",
    "Undo",
    "Variations",
    "read_answers",
]

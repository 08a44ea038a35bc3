"""One person's taste: their choices, what to ask next, and the score learned from the answers."""

from retouch_aes.taste.beliefs import TasteBeliefs
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
from retouch_aes.taste.learn import learn
from retouch_aes.taste.model import PersonalModel
from retouch_aes.taste.preferences import Pair, Preferences
from retouch_aes.taste.prior import PersonalPrior
from retouch_aes.taste.renditions import Rendition
from retouch_aes.taste.sight import Sight, default_cache
from retouch_aes.taste.taste import Taste, TasteCard, merge
from retouch_aes.taste.variations import Variations

__all__ = [
    "Answer",
    "Beliefs",
    "Change",
    "Choice",
    "ChoiceLog",
    "Pair",
    "PairChooser",
    "PersonalModel",
    "PersonalPrior",
    "Preferences",
    "Question",
    "Rating",
    "Rendition",
    "Sight",
    "Skip",
    "Taste",
    "TasteBeliefs",
    "TasteCard",
    "Tie",
    "Undo",
    "Variations",
    "default_cache",
    "learn",
    "merge",
    "read_answers",
]

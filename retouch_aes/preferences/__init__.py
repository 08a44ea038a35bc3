"""Ratings and choices as data: renditions, the answer log, the preference graph, what to ask next."""

from retouch_aes.preferences.acquisition import PairAcquisition, PairPosterior, Question
from retouch_aes.preferences.answers import Answer, Change, Choice, Rating, Skip, Tie, Undo
from retouch_aes.preferences.choice_log import ChoiceLog, read_answers
from retouch_aes.preferences.graph import PreferenceGraph, PreferencePair
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.preferences.variations import RecipeVariations

__all__ = [
    "Answer",
    "Change",
    "Choice",
    "ChoiceLog",
    "PairAcquisition",
    "PairPosterior",
    "PreferenceGraph",
    "PreferencePair",
    "Question",
    "Rating",
    "RecipeVariations",
    "Rendition",
    "Skip",
    "Tie",
    "Undo",
    "read_answers",
]

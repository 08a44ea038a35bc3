"""A taste in plain words."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retouch_aes.taste.contract import Taste
    from retouch_aes.taste.gp.opinions import SliderOpinion
    from retouch_aes.taste.gp.taste import GPTaste

_WORDS = {
    "light": ("brighter", "darker"),
    "contrast": ("more contrast", "softer contrast"),
    "warmth": ("warmer", "cooler"),
    "tint": ("more magenta", "greener"),
    "colour": ("more colourful", "paler"),
    "clarity": ("crisper", "smoother"),
}
_NOTICEABLE = 0.3
_SLIDER_WORDS = {
    "white_balance.temperature": ("warmer", "cooler", "warmth"),
    "exposure.ev": ("brighter", "darker", "light"),
    "contrast.contrast": ("more contrast", "softer contrast", "contrast"),
    "saturation.saturation": ("more colourful", "paler", "colour"),
    "clarity.clarity": ("crisper", "smoother", "clarity"),
}


def lines(taste: "Taste") -> list[str]:
    """What was learned, from what, and how sure it is."""
    from retouch_aes.operators.describe import main_edits
    from retouch_aes.taste.gp.taste import GPTaste

    card = taste.info
    told = [f"learned from {card.choices} choices and {card.ratings} ratings"]
    if {"agreement", "generic_agreement"} <= card.metrics.keys():
        mine, generic = (100 * card.metrics[name] for name in ("agreement", "generic_agreement"))
        told.append(f"answers left out that it predicts: {mine:.0f} % (the generic score: {generic:.0f} %)")
    if card.curve:
        told.append(
            "after " + ", ".join(f"{count} answers {100 * share:.0f} %" for count, share in card.curve)
        )
    if card.says_little:
        told.append("these answers say little so far: go on choosing, and learn again")
    if isinstance(taste, GPTaste) and (taste.evidence is not None or not card.says_little):
        told.append(f"leans to: {leaning(taste)}")
        told += _undecided(taste)
    if isinstance(taste, GPTaste) and taste.usual is not None:
        what = main_edits(taste.usual.recipe) or "nothing"
        told.append(f"usual edit, of {taste.usual.edits}, with which every retouch starts: {what}")
    return told + [f"note: {note}" for note in card.notes]


def leaning(taste: "GPTaste") -> str:
    """The look that the taste leans to, beside an ordinary photo, and how sure that is where it is known."""
    opinions = _opinions(taste)
    if opinions:
        sure = sorted((o for o in opinions if o.word), key=lambda o: -abs(o.gain) / o.deviation)
        words = (f"{_SLIDER_WORDS[o.slider][o.gain < 0]} ({o.word})" for o in sure)
        return ", ".join(words) or "nothing in particular"
    line = taste.adjustment.style_linear.tolist()
    gains = dict(zip(_WORDS, line, strict=True))
    clear = sorted(
        (name for name in gains if abs(gains[name]) > _NOTICEABLE * max(map(abs, line))),
        key=lambda n: -abs(gains[n]),
    )
    return ", ".join(_WORDS[name][gains[name] < 0] for name in clear) or "nothing in particular"


def _opinions(taste: "GPTaste") -> "tuple[SliderOpinion, ...]":
    from retouch_aes.taste.gp.opinions import slider_opinions

    return () if taste.evidence is None else slider_opinions(taste.adjustment, taste.evidence)


def _undecided(taste: "GPTaste") -> list[str]:
    """What the answers do not tell from nothing."""
    open_ones = [_SLIDER_WORDS[o.slider][2] for o in _opinions(taste) if not o.word]
    if not open_ones or taste.usual is not None:
        return []
    return [f"not told by the answers, so left as each photo needs it: {', '.join(open_ones)}"]

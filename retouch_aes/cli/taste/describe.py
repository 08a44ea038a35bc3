"""A taste in plain words."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retouch_aes.taste.finetune.learn import FinetuneResult
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


def lines(taste: "GPTaste") -> list[str]:
    """What was learned, from what, and how sure it is."""
    card = taste.card
    told = [f"learned from {card.choices} choices and {card.ratings} ratings"]
    if "agreement" in card.metrics:
        mine, generic = (100 * card.metrics[name] for name in ("agreement", "generic_agreement"))
        told.append(f"answers left out that it foretells: {mine:.0f} % (the generic score: {generic:.0f} %)")
        told.append(
            "after " + ", ".join(f"{count} answers {100 * share:.0f} %" for count, share in card.curve)
        )
    if card.says_little:
        told.append("these answers say little so far: go on choosing, and learn again")
    else:
        told.append(f"leans to: {leaning(taste)}")
    return told + [f"note: {note}" for note in card.notes]


def whole_lines(learned: "FinetuneResult") -> list[str]:
    """The same of a model of its own."""
    answers = learned.preferences
    told = [
        f"learned from {len(answers.stated)} pairs and {len(answers.inferred)} inferred ones",
        learned.pool,
    ]
    if learned.metrics:
        mine, generic = (100 * learned.metrics[name] for name in ("agreement", "generic_agreement"))
        told.append(f"pairs left out that it foretells: {mine:.0f} % (the generic score: {generic:.0f} %)")
    else:
        told.append("not checked on pairs left out")
    if learned.says_little:
        told.append("these answers say little so far: go on choosing, and learn again")
    return told + [f"note: {note}" for note in answers.report()]


def leaning(taste: "GPTaste") -> str:
    """The look that the taste leans to, beside an ordinary photo."""
    line = taste.adjustment.line.tolist()
    gains = dict(zip(_WORDS, line, strict=True))
    clear = sorted(
        (name for name in gains if abs(gains[name]) > _NOTICEABLE * max(map(abs, line))),
        key=lambda n: -abs(gains[n]),
    )
    return ", ".join(_WORDS[name][gains[name] < 0] for name in clear) or "nothing in particular"

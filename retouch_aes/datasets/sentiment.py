"""From a review of a photo to good or bad, by counting words, as CFAN's labels were made.

Wang et al., "Collaborative and Attentive Learning for Personalized Image Aesthetic Assessment" (IJCAI
2018) set aside reviews that do not judge, count positive and negative words in the others and divide them
into five levels, of which the two lowest are bad. They used a parser; these are plain rules on short lists:

* a negation (`not`, `n't`, `hardly`, ...) turns the next judging word within three words round;
* an intensifier (`very`, `really`, ...) right before it counts it twice, a softener (`bit`, `slightly`) half;
* what follows the last `but`, `however`, `though` counts twice: that is where a review says what it means;
* no judging word at all: the review is equivocal and has no level.

With the sum `s`: level 1 for s <= -2, 2 for s < 0, 3 for 0, 4 for s < 2, 5 above. Good is 3 or more.
"""

import re

GOOD_FROM = 3
_REACH = 3


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


POSITIVE = _listed(
    "amazing awesome balanced beautiful beautifully best brilliant bright charming clean clear cool colorful "
    "colourful compelling creative crisp cute delicate delightful effective elegant enjoy enjoyed excellent "
    "exciting fantastic favorite favourite fine flawless fun gorgeous good great happy impressive incredible "
    "inspired interesting like liked love loved lovely magical marvelous moody natural neat nice nicely "
    "original outstanding perfect perfectly pleasant pleasing powerful precise pretty rich sharp soft "
    "striking strong stunning sublime superb vibrant vivid warm well wonderful wow"
)
NEGATIVE = _listed(
    "amateur awful awkward bad badly blah bland blown blurred blurry boring busy cheap cluttered cold "
    "confusing crooked dark dim dirty disappointing dislike distracting distracts drab dull fake flat fuzzy "
    "grainy harsh hate hated lacking lacks mediocre messy muddy murky noisy ordinary out-of-focus overdone "
    "overexposed oversaturated overprocessed pixelated plain poor poorly shaky soulless tilted tired ugly "
    "unbalanced unclear underexposed uninteresting unnatural unsharp washed weak worse worst wrong"
)
NEGATIONS = _listed(
    "no not never neither nor without hardly barely isn't aren't wasn't weren't don't doesn't didn't can't "
    "couldn't won't wouldn't isnt arent wasnt dont doesnt didnt cant"
)
_STRONGER = _listed("absolutely extremely incredibly really so too very")
_SOFTER = _listed("bit little rather slightly somewhat")
_TURNS = frozenset(("but", "however", "though", "although", "yet"))
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def words(text: str) -> list[str]:
    """The words of `text` in lower case, without numbers and punctuation; `isn't` is one word."""
    return [word.replace("’", "'") for word in _WORD.findall(text.lower())]


def sentiment(text: str) -> float | None:
    """The sum of the judging words of a review, or None where it has none."""
    found = words(text)
    turn = max((place for place, word in enumerate(found) if word in _TURNS), default=-1)
    total, negated_at, judged = 0.0, -_REACH - 1, False
    for place, word in enumerate(found):
        if word in NEGATIONS:
            negated_at = place
            continue
        if word not in POSITIVE and word not in NEGATIVE:
            continue
        value = 1.0 if word in POSITIVE else -1.0
        before = found[place - 1] if place else ""
        value *= 2.0 if before in _STRONGER else 0.5 if before in _SOFTER else 1.0
        if place - negated_at <= _REACH:
            value, negated_at = -value, -_REACH - 1
        total += 2 * value if place > turn >= 0 else value
        judged = True
    return total if judged else None


def level(text: str) -> int | None:
    """1 (bad) to 5 (good), or None for an equivocal review."""
    total = sentiment(text)
    if total is None:
        return None
    return 3 + (total > 0) + (total >= 2) - (total < 0) - (total <= -2)


def is_good(text: str) -> bool | None:
    """Level 3 or more; None for an equivocal review."""
    found = level(text)
    return None if found is None else found >= GOOD_FROM

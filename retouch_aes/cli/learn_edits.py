"""`learn --edits`: what a photographer's own before and after say."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from retouch_aes.cli import show
from retouch_aes.errors import UsageError

if TYPE_CHECKING:
    from retouch_aes.preferences.answers import Answer
    from retouch_aes.taste.gp.usual_edit import UsualEdit


def said(before: Path, after: Path, *, beside: bool) -> "tuple[list[Answer], UsualEdit]":
    """What the edits of two folders say, and the usual one; pairs that say nothing are told and left out.

    `beside`: there are other answers too.
    """
    from retouch_aes.datasets.pairs import pair_up
    from retouch_aes.export.edit_answers import USEFUL, edit_answers, fit_edits
    from retouch_aes.export.usual_edit_fit import usual_edit
    from retouch_aes.taste.gp.usual_edit import BESIDE_ANSWERS

    pairs, lonely = pair_up(before, after)
    with show.bar() as progress:
        found, problems = fit_edits(pairs, progress)
    for problem in (*lonely, *problems):
        show.line(f"left out: {problem}", err=True)
    if not found:
        raise UsageError(f"{before} and {after}: expected edits that sliders can make, got none")
    moved, left = (
        sum(values) / len(found) for values in zip(*((e.difference, e.left) for e in found), strict=True)
    )
    show.line(
        f"{len(found)} edits of mean Delta E 2000 {moved:.1f}; sliders leave {left:.1f} of it", err=True
    )
    if len(found) < USEFUL:
        show.line(f"fewer than {USEFUL} edits teach little", err=True)
    with show.bar() as progress:
        usual = usual_edit(found, progress)
    return list(edit_answers(found)), replace(usual, spread=BESIDE_ANSWERS) if beside else usual

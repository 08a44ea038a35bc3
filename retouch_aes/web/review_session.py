"""One person's review: the results, what was said of each, and everything a request may do about it.

A verdict is in the log of the review, and its answers in the file of choices, on the disk, before a request
about it returns; the result itself is made anew afterwards, on a thread of its own. Whoever starts again goes
on where they stood, and what a kill has left undone is done then.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from retouch_aes.errors import UsageError
from retouch_aes.operators import Recipe
from retouch_aes.photo import Photo, read
from retouch_aes.pipeline import Certificate
from retouch_aes.preferences.choice_log import ChoiceLog
from retouch_aes.web.album import Album
from retouch_aes.web.learning import Learning
from retouch_aes.web.pictures import SIDES, Pictures
from retouch_aes.web.result_writer import ResultWriter
from retouch_aes.web.review_items import ReviewItem
from retouch_aes.web.review_log import Review, ReviewLog, settle
from retouch_aes.web.trials import Trials

Certify = Callable[[Photo, Recipe, bool], Certificate]
"""The photo, the recipe, whether to ask for a counterfactual -> what the edit does."""


class ReviewSession:
    """What the page shows, and what it may ask for. Safe to call from many threads."""

    def __init__(
        self,
        items: Sequence[ReviewItem],
        album: Album,
        pictures: Pictures,
        choices: ChoiceLog,
        reviews: ReviewLog,
        manifest: Path | None,
        certify: Certify,
        learning: Learning,
    ) -> None:
        self.items, self.album, self.pictures = tuple(items), album, pictures
        self.log, self.reviews, self.learning = choices, reviews, learning
        self._places = {item.made.key: place for place, item in enumerate(self.items)}
        self._certify, self._trials = certify, Trials()
        self._lock, self._judging = threading.Lock(), threading.Lock()
        results = {item.made.key: item.made for item in self.items}
        self.writer = ResultWriter(results, self._wanted_of, reviews, manifest)
        self._resume()

    def state(self) -> dict[str, Any]:
        """Everything that the page shows of the whole, as plain values. `verdicts` has a letter an item."""
        with self._lock:
            verdicts = "".join(self._verdict(item)[:1] or "." for item in self.items)
            empty = self.reviews.empty
        writing, failures = self.writer.state()
        return {
            "phase": "reviewing",
            "file": Path(self.log.path).name,
            "verdicts": verdicts,
            "count": len(verdicts) - verdicts.count("."),
            "total": len(self.items),
            "answers": len(self.log.answers),
            "undo": not empty,
            "writing": writing,
            "failures": list(failures.values())[:3],
            "learning": self.learning.state(),
        }

    def item(self, place: int) -> dict[str, Any]:
        """Everything about the result at `place`."""
        item = self._at(place)
        with self._lock:
            recipe, verdict = self._wanted(item), self._verdict(item)
        size = self.pictures.get(item.original, SIDES[1])
        scores = item.made.scores
        return {
            "place": place,
            "name": item.photo,
            "verdict": verdict,
            "before": self.album.key(item.before(recipe)),
            "after": self.album.key(item.rendition(recipe)),
            "width": size.width,
            "height": size.height,
            "sliders": item.sliders(item.proposed),
            "values": {s["name"]: s["value"] for s in item.sliders(recipe) if s["value"] != s["neutral"]},
            "edits": item.told(item.proposed),
            "outcome": item.made.outcome,
            "reason": item.made.reason,
            "scores": None if scores is None else [round(score, 2) for score in scores],
        }

    def render(self, place: int, values: Mapping[str, Any], side: int) -> bytes:
        """The photo at `place` with these sliders, as JPEG of at most `side` pixels."""
        item = self._at(place)
        recipe = item.recipe(values)
        return self._trials.render(self.album.path(item.original), recipe, side)

    def why(self, place: int, values: Mapping[str, Any], wish: bool) -> dict[str, Any]:
        """What these sliders do: the certificate, in words and as values."""
        item = self._at(place)
        recipe = item.recipe(values)
        with self._judging:
            found = self._certify(read(self.album.path(item.original)), recipe, wish)
        return {"lines": list(found.lines), "certificate": found.to_json()}

    def judge(self, place: int, verdict: str, values: Mapping[str, Any] | None = None) -> None:
        """Take a verdict: "keep" the result with the sliders `values`, or "reject" the edit.

        Sliders that are not those of the run make it a correction.
        """
        item = self._at(place)
        if verdict == "reject":
            recipe = Recipe(proxy=item.proposed.proxy)
        elif verdict == "keep":
            recipe = item.proposed if values is None else item.recipe(values)
        else:
            raise UsageError(f"expected keep or reject, got {verdict!r}")
        if item.same(recipe, item.proposed):
            recipe, verdict = item.proposed, "keep"
        elif verdict == "keep":
            verdict = "correct"
        review = Review(item.made.key, verdict, recipe, item.proposed, item.answers(recipe))
        with self._lock:
            earlier = self._review(item)
            self.reviews.add(review)
            settle(self.log, review.answers, () if earlier is None else earlier.answers)
        self.writer.want(item.made.key)

    def undo(self) -> int:
        """Take back the last verdict; the place of its result, or -1 where there is none."""
        with self._lock:
            taken = self.reviews.undo()
            place = -1 if taken is None else self._places.get(taken.result, -1)
            if taken is None or place < 0:
                return -1
            item = self.items[place]
            now = self._review(item)
            settle(self.log, () if now is None else now.answers, taken.answers)
        self.writer.want(item.made.key)
        return place

    def close(self, patience: float = 10.0) -> None:
        """Write what is waiting, `patience` seconds at most, and let others write the files."""
        self.learning.stop()
        self.writer.finish(patience)
        self.learning.join(patience)
        with self._lock:
            self.log.close()
            self.reviews.close()

    def _resume(self) -> None:
        """Do what a kill has left undone: the answers of the last verdict, and results not made yet."""
        place = self._places.get(self.reviews.last or "")
        if place is not None:
            item = self.items[place]
            now = self._review(item)
            past = [one for one in self.reviews.said_of(item.made.key) if one is not now]
            unwanted = [answer for one in past for answer in one.answers]
            settle(self.log, () if now is None else now.answers, unwanted)
        for item in self.items:
            self.writer.want(item.made.key)
        self.writer.start()

    def _at(self, place: int) -> ReviewItem:
        if not 0 <= place < len(self.items):
            raise UsageError(f"expected one of {len(self.items)} results, counted from 0, got {place}")
        return self.items[place]

    def _review(self, item: ReviewItem) -> Review | None:
        """The verdict that counts; None where it was on another edit than the one that is proposed now."""
        found = self.reviews.of(item.made.key)
        return found if found is not None and item.same(found.proposed, item.proposed) else None

    def _verdict(self, item: ReviewItem) -> str:
        found = self._review(item)
        return "" if found is None else found.verdict

    def _wanted(self, item: ReviewItem) -> Recipe:
        found = self._review(item)
        return item.proposed if found is None else found.recipe

    def _wanted_of(self, key: str) -> Recipe:
        with self._lock:
            return self._wanted(self.items[self._places[key]])

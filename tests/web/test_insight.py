"""What is told about the answers: leanings that are no chance, and when it is enough."""

import io
import time

import numpy as np
import pytest
from PIL import Image

from retouch_aes.errors import UsageError
from retouch_aes.preferences.answers import Choice
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.web.insight import AgreementEstimate, Insight, convincing, insight_text
from retouch_aes.web.pictures import Pictures
from retouch_aes.web.tendencies import leans, measures, sign_test


def jpeg(array) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.uint8(np.clip(array, 0, 255))).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def test_measures_follow_the_sliders():
    base = np.random.default_rng(0).normal(110, 25, (32, 48, 3)).repeat(8, 0).repeat(8, 1)
    plain = measures(jpeg(base))
    changes = [base + 30, (base - 110) * 1.5 + 110, base + (base - base.mean(2, keepdims=True)) * 1.5]
    changes.append(base + np.array([20, 0, -20]))
    for index, changed in enumerate(changes):
        assert measures(jpeg(changed))[index] > plain[index]


def test_a_leaning_is_told_only_beyond_chance():
    bright = [((0.6, 0.2, 0.1, 0.0), (0.4, 0.2, 0.1, 0.0))]
    assert leans(bright * 12) == ("brighter",)
    assert leans([(b, a) for a, b in bright * 12]) == ("darker",)
    assert leans(bright * 3) == ()
    assert leans(bright * 8 + [(b, a) for a, b in bright * 6]) == ()
    assert leans([]) == ()


def test_chance_is_rarely_told_as_taste():
    random = np.random.default_rng(1)
    told = sum(bool(leans(random.random((40, 2, 4)))) for _ in range(400))
    assert told / 400 < 4 * 0.01 + 0.02


def test_sign_test_against_its_definition():
    assert sign_test(0, 0) == 1
    assert sign_test(5, 5) == 1
    assert sign_test(10, 0) == pytest.approx(2 / 2**10)
    assert sign_test(8, 2) == pytest.approx(2 * (45 + 10 + 1) / 2**10)


@pytest.mark.parametrize(
    ("count", "lean", "estimate", "words", "enough"),
    [
        (3, (), None, "first impression", False),
        (20, ("brighter", "warmer"), None, "favourites are brighter and warmer.", False),
        (20, (), None, "No clear leaning", False),
        (40, (), AgreementEstimate(40, 0.6, 0.55, False), "60% of your choices", False),
        (40, (), AgreementEstimate(40, 0.8, 0.55, False), "You can stop here", True),
        (40, (), AgreementEstimate(40, 0.8, 0.79, True), "cannot be predicted better", False),
        (20, (), AgreementEstimate(20, 0.95, 0.5, False), "95%", False),
        (100, (), None, "You can stop: learn now", False),
    ],
)
def test_what_is_told(count, lean, estimate, words, enough):
    assert words in insight_text(count, 100, lean, estimate)
    assert (estimate is not None and convincing(estimate)) == enough


def test_the_thread_follows_the_answers(album, cache, folder):
    for seed in range(20):
        Image.new("RGB", (40, 30), (200 + seed, 190, 180)).save(folder / f"bright{seed}.png")
        Image.new("RGB", (40, 30), (40 + seed, 35, 30)).save(folder / f"dark{seed}.png")
    album.__init__(folder)
    answers = [Choice(Rendition(f"bright{seed}.png"), Rendition(f"dark{seed}.png")) for seed in range(20)]
    asked, given = [], answers[:5]

    def estimator(answers, going):
        asked.append(len(answers))
        assert going()
        if len(answers) > 15:
            raise UsageError("a photo has gone")
        return AgreementEstimate(len(answers), 0.75, 0.5, False)

    insight = Insight(Pictures(album, cache), lambda: tuple(given), estimator)
    insight.start()

    def told(text):
        for _ in range(600):
            found = insight.state(len(given), 100)
            if text in found["text"] and not found["busy"]:
                return found
            time.sleep(0.02)
        raise AssertionError(found)

    told("first impression")
    given = answers[:14]
    insight.wake()
    assert "brighter" in told("75% of your choices")["text"]
    given = answers
    insight.wake()
    time.sleep(0.2)
    assert asked == [14]
    given = answers + answers[:3]
    insight.wake()
    told("favourites are brighter")
    for _ in range(200):
        if len(asked) == 2:
            break
        time.sleep(0.02)
    assert asked == [14, 23]
    assert "75%" not in told("favourites are brighter")["text"]
    insight.stop()

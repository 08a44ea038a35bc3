import csv
import hashlib
from pathlib import Path

import pytest

from retouch_aes.errors import UsageError
from retouch_aes.export.star_reading import read_stars
from retouch_aes.export.star_rules import (
    ByPercentile,
    ByThreshold,
    StarScale,
    parse_rule,
    ratings_from_stars,
    stars_from_answers,
)
from retouch_aes.export.stars import plan_stars, write_stars
from retouch_aes.preferences.answers import Choice, Rating
from retouch_aes.preferences.ratings import read_ratings
from retouch_aes.preferences.renditions import Rendition


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def photos(tmp_path, picture) -> Path:
    folder = tmp_path / "photos"
    (folder / "day 1").mkdir(parents=True)
    for place, name in enumerate(("a.jpg", "b.png", "day 1/c.tif", "day 1/d.webp", "e.jpg")):
        picture.rotate(90 * place).point(lambda level, dark=place: level * (9 - dark) // 9).save(
            folder / name
        )
    return folder


def test_stars_are_shown_first_written_when_told_and_taken_back(scored, run, photos, tmp_path):
    before, undo = digests(photos), tmp_path / "undo.jsonl"
    rule = "percentile:20,20,20,20,20"
    shown = scored("score", photos, "--write-stars", rule)
    assert shown.exit_code == 0
    assert "Nothing was written" in shown.stdout
    assert digests(photos) == before
    done = scored("score", photos, "--write-stars", rule, "--yes", "--undo-file", undo)
    assert done.exit_code == 0
    found = [read_stars(path) for path in sorted(photos.rglob("*.*"))]
    assert sorted(-1 if one.flag else one.stars for one in found) == [-1, 2, 3, 4, 5]
    assert run("stars", "undo", undo).exit_code == 0
    assert digests(photos) == before


def test_a_wrong_rule_is_a_mistake_of_usage(scored, photos):
    assert scored("score", photos, "--write-stars", "best").exit_code == 2


def test_scores_as_json_stay_json(scored, photos):
    import json

    result = scored("score", photos, "--write-stars", "score", "--json", "-")
    assert len(json.loads(result.stdout)) == 5


def test_stars_are_shown(run, photos, tmp_path):
    write_stars(plan_stars({photos / "a.jpg": 4, photos / "e.jpg": -1}), tmp_path / "undo")
    lines = run("stars", "show", photos).stdout.splitlines()
    assert lines[1:] == [f"4\t\t\t{photos / 'a.jpg'}", f"\trejected\t\t{photos / 'e.jpg'}"]


def test_learning_from_stars_is_learning_from_the_table(photos, tmp_path):
    given = dict(zip(sorted(path for path in photos.rglob("*.*")), (5, 1, 3, 4, 2), strict=True))
    write_stars(plan_stars(given), tmp_path / "undo")
    table = tmp_path / "ratings.csv"
    with table.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["user", "photo", "rating"])
        rows.writerows(["me", path.relative_to(photos), stars] for path, stars in given.items())
    by_stars = ratings_from_stars([read_stars(path) for path in given], photos)
    assert by_stars == read_ratings(table, photos, scale=(1, 5))


def test_learn_takes_stars(run, weights, photos, tmp_path):
    given = dict(zip(sorted(path for path in photos.rglob("*.*")), (5, 1, 3, 4, 2), strict=True))
    write_stars(plan_stars(given), tmp_path / "undo")
    options = ("--model", weights[0], "--cache", tmp_path / "cache")
    result = run("learn", photos, "--stars", "-o", tmp_path / "me.taste", *options)
    assert result.exit_code == 0, result.stderr
    assert "5 of 5 photos carry stars" in result.stderr
    assert (tmp_path / "me.taste").exists()


def test_learn_wants_something_to_learn_from(run, photos, tmp_path):
    assert run("learn", photos, "-o", tmp_path / "me.taste").exit_code == 2
    assert run("learn", photos, "--stars", "--label-stars", "Red", "-o", tmp_path / "a").exit_code == 2


class TestRules:
    def scores(self, count: int = 20) -> dict[Path, float]:
        return {Path(f"{place}.jpg"): float(place) for place in range(count)}

    def test_percentiles_count_photos(self):
        stars = list(ByPercentile((0.05, 0.15, 0.3, 0.3), 0.1)(self.scores()).values())
        assert [stars.count(number) for number in (5, 4, 3, 2, 1, -1)] == [1, 3, 6, 6, 2, 2]
        assert stars == sorted(stars)

    def test_equal_scores_get_equal_stars(self):
        assert len(set(ByPercentile()({Path(str(place)): 5.0 for place in range(9)}).values())) == 1

    def test_thresholds_are_least_scores(self):
        scores = {Path(str(score)): score for score in (2.0, 3.9, 4.0, 5.5, 6.0, 7.0, 9.0)}
        assert list(ByThreshold(rejected=3.0)(scores).values()) == [-1, 1, 2, 3, 4, 5, 5]

    @pytest.mark.parametrize(
        "text",
        ["percentile", "percentile:5,15,30,30", "percentile:5,15,30,30,10", "score", "score:3,4,5,6,2"],
    )
    def test_rules_are_parsed(self, text):
        rule = parse_rule(text)
        assert isinstance(rule, ByPercentile if text.startswith("p") else ByThreshold)
        assert rule.rejected == {"percentile:5,15,30,30,10": 0.1, "score:3,4,5,6,2": 2.0}.get(text, 0.0)

    @pytest.mark.parametrize(
        "text", ["", "percentile:1,2", "score:a,b,c,d", "percentile:90,90,1,1", "score:7,6,5,4"]
    )
    def test_wrong_rules_are_refused(self, text):
        with pytest.raises(UsageError):
            parse_rule(text)

    def test_flags_and_labels_mean_what_the_scale_says(self, photos):
        from retouch_aes.export.star_reading import Stars

        said = [
            Stars(photos / "a.jpg", 5, "rejected"),
            Stars(photos / "b.png", 0, "picked"),
            Stars(photos / "c.jpg", 3, "picked", "Red"),
            Stars(photos / "d.jpg", 0, "", "red"),
            Stars(photos / "e.jpg"),
        ]
        plain = ratings_from_stars(said, photos)
        assert [(one.photo.photo, one.rating) for one in plain] == [("a.jpg", 1), ("b.png", 4), ("c.jpg", 3)]
        labelled = ratings_from_stars(said, photos, StarScale(labels={"Red": 2}))
        assert [one.rating for one in labelled] == [1, 4, 3, 2]

    def test_ratings_of_the_page_become_stars(self):
        answers = [
            Rating(Rendition("a.jpg"), 4, (1, 5)),
            Rating(Rendition("b.jpg"), 10),
            Choice(Rendition("a.jpg"), Rendition("c.jpg")),
            Rating(Rendition("a.jpg"), 2, (1, 5)),
        ]
        assert stars_from_answers(answers, "in") == {Path("in/a.jpg"): 2, Path("in/b.jpg"): 5}

"""`score`: numbers for people, JSON and CSV for programs."""

import csv
import io
import json

import pytest

from retouch_aes.models import load_model

TECHNICAL = ("technical", "sharpness", "exposure", "cleanness", "blur", "light", "noise", "clipped")


def test_json_has_a_score_or_an_error_for_every_photo(scored, weights, tree, tmp_path):
    report, table = tmp_path / "scores.json", tmp_path / "scores.csv"
    result = scored("score", tree, "--json", report, "--csv", table)
    assert result.exit_code == 1
    records = json.loads(report.read_text(encoding="utf-8"))
    good = [record for record in records if "error" not in record]
    assert (len(records), len(good)) == (5, 2)
    for record in good:
        assert record.keys() == {"path", "score", "spread", "fingerprint", *TECHNICAL}
        assert 1 <= record["technical"] <= 10
        assert 1 <= record["score"] <= 10
        assert 0 <= record["spread"] <= 4.5
        assert record["fingerprint"] == load_model(weights[0]).fingerprint
    assert all("score" not in record for record in records if "error" in record)
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))))
    assert [row["path"] for row in rows] == [record["path"] for record in records]
    assert float(rows[-1]["score"]) == records[-1]["score"]


def test_only_the_result_is_on_stdout(scored, tree):
    heading = ",".join(["path,score,spread,fingerprint,error", *TECHNICAL])
    assert len(json.loads(scored("score", tree, "--json", "-").stdout)) == 5
    assert len(json.loads(scored("score", tree, "--json").stdout)) == 5
    assert scored("score", tree, "--csv", "-").stdout.splitlines()[0] == heading
    assert scored("score", tree, "--csv", "-", "--json", "-").exit_code == 2


def test_people_see_the_best_photo_first(scored, tree):
    result = scored("score", tree, "--relative")
    heading, *rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert heading == ["score", "spread", "percentile", "technical", "blur", "light", "noise", "photo"]
    assert [row[2] for row in rows] == ["100", "0"]
    assert float(rows[0][0]) >= float(rows[1][0])


def test_percentiles_of_equal_photos_are_equal(scored, photo, picture):
    for name in ("b", "c"):
        picture.save(photo.with_stem(name))
    records = json.loads(scored("score", photo.parent, "--relative", "--json").stdout)
    assert [record["percentile"] for record in records] == [50, 50, 50]
    [alone] = json.loads(scored("score", photo, "--relative", "--json").stdout)
    assert alone["percentile"] == 50


def test_reports_are_not_overwritten_unasked(scored, photo, tmp_path):
    report = tmp_path / "scores.json"
    report.write_text("mine")
    assert scored("score", photo, "--json", report).exit_code == 1
    assert report.read_text() == "mine"
    assert scored("score", photo, "--json", report, "--overwrite").exit_code == 0
    assert json.loads(report.read_text())


@pytest.mark.parametrize("option", ["--json", "--csv"])
def test_a_report_never_lands_on_a_photo(scored, photo, option):
    before = photo.read_bytes()
    assert scored("score", photo, option, photo, "--overwrite").exit_code == 2
    assert photo.read_bytes() == before


def test_a_damaged_weight_file_is_told(run, weights, photo, tmp_path):
    broken = tmp_path / "model.safetensors"
    broken.write_bytes(weights[0].read_bytes()[:-100])
    result = run("score", photo, "--model", broken)
    assert result.exit_code == 1
    assert "damaged" in result.stderr
    assert "unexpected" not in result.stderr

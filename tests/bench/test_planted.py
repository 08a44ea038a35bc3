"""The papers' claims on planted worlds, small: each test can fail, and says what it states."""

from dataclasses import replace

import numpy as np

from retouch_aes.bench.common.bootstrap import Estimate
from retouch_aes.bench.common.correlation import spearman
from retouch_aes.bench.papers.planted import PlantedClaim, PlantedPlan, PlantedReport, planted
from retouch_aes.bench.papers.planted_people import attribute_world, place_world, rater_world

SMALL = PlantedPlan(people=8, worlds=1, seeds=4, cfan_seeds=1, reviews=(30, 120, 20, 5))


def differences(paper, plan=SMALL):
    return [(c.better, c.worse, c.difference.value, c) for c in planted([paper], plan).claims]


def test_pam_over_fpmf_over_direct_regression():
    (better, worse, gain, _), (_, last, more, _) = differences("pam")
    assert (better, worse, last) == ("pam", "fpmf", "direct")
    assert gain > 0
    assert more > 0


def test_zhang_over_no_rankings_over_no_population():
    small = replace(SMALL, people=4)
    claims = differences("zhang", small)
    assert [claim[:2] for claim in claims] == [
        ("zhang", "zhang-no-rankings"),
        ("zhang-no-rankings", "zhang-no-population"),
    ]
    assert claims[0][2] > 0.005
    assert claims[1][2] > 0.01
    assert len(claims[0][3].by_world) == 1


def test_ranking_within_raters_over_regression():
    [(_, _, gain, _)] = differences("kong")
    assert gain > 0


def test_a_table_tells_the_sizes_of_the_papers_that_were_asked_for():
    claim = PlantedClaim("kong", "ranking", "regression", "rho", (0.6, 0.5), Estimate(0.1, 0.05, 0.15))
    [table] = PlantedReport(20, 60, 60, 4, 8, 2, (claim,)).tables()
    assert table.note.startswith("8 seeds (Kong); ")


def test_the_claims_of_cfan_are_measured():
    """They need longer trainings than a test has; `test_bench_cfan` holds one to a bound."""
    claims = {claim[:2]: claim[2] for claim in differences("cfan")}
    assert next(iter(claims)) == ("VBPR", "BPR")
    assert len(claims) == 3
    assert np.isfinite(list(claims.values())).all()


def test_the_worlds_are_what_they_say():
    study, people = attribute_world(0, 3)
    assert not set(study.population.users) & {person.name for person in people}
    assert len({person.name for person in people}) == 3
    residual = people[0].scores - study.score
    assert residual.std() > 0.5
    study, people = place_world(0, 3)
    assert study.population_index.max() < people[0].photos.min()
    features, data, worth = rater_world(0)
    assert data.ratings.counts().min() == data.ratings.counts().max() == 5
    means = spearman(data.ratings.mean_scores(), worth)
    within = []
    for user in range(len(data.ratings.users)):
        mine = data.ratings.user_index == user
        within.append(spearman(data.ratings.scores[mine], worth[data.ratings.photo_index[mine]]))
    assert np.mean(within) > means - 0.05  # a rater orders photos as well as the mean of five does
    assert len(features) == len(worth)


def test_a_claim_holds_only_where_it_is_sure():
    claim = PlantedClaim("pam", "a", "b", "rho", (0.5, 0.4), Estimate(0.1, -0.01, 0.2))
    assert not claim.holds
    assert PlantedClaim("pam", "a", "b", "rho", (0.5, 0.4), Estimate(0.1, 0.01, 0.2)).holds


def test_the_command(monkeypatch, tmp_path):
    import json

    from click.testing import CliRunner

    from retouch_aes.cli import main

    out = tmp_path / "planted.json"
    words = ["bench", "planted", "--papers", "kong", "--seeds", "1", "--json", str(out)]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    assert [claim["paper"] for claim in json.loads(out.read_text())["claims"]] == ["kong"]
    assert CliRunner().invoke(main, ["bench", "planted", "--papers", "magic"]).exit_code == 2

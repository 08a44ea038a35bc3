import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from retouch_aes.bench.common.resumable import ResumableResults
from retouch_aes.bench.papers.active import ActivePlan, active
from retouch_aes.bench.papers.draws import draw
from retouch_aes.bench.papers.own_rows import GenericRow, GPChoicesRow, GPRow
from retouch_aes.bench.papers.piaa import PiaaPlan, _Prediction, digest, pair_agreement, piaa, settings
from retouch_aes.bench.papers.preference_figure import preference_figure
from retouch_aes.bench.papers.preference_map import preference_map
from retouch_aes.bench.papers.study import StudyPerson, persons, split_people, study_of
from retouch_aes.datasets import Ratings
from retouch_aes.datasets.user_traits import UserTraits
from retouch_aes.errors import RetouchError, UsageError
from retouch_aes.executors import InProcess
from retouch_aes.papers.active import SELECTORS
from retouch_aes.papers.pam.method import PAM, PAMFeatures
from retouch_aes.papers.personal.study_backbone import StudyBackbone, StudyFeatures

PHOTOS = 90


@pytest.fixture(scope="module")
def ratings() -> Ratings:
    """30 people of whom each likes directions of their own in features and attributes."""
    random = np.random.default_rng(1)
    seen = features_and_attributes()
    liked = (
        seen.features @ random.normal(size=(8, 30)) / 3 + seen.attributes @ random.normal(size=(10, 30)) / 3
    )
    table = 5.5 + 0.8 * seen.features[:, :1] + liked + 0.3 * random.normal(size=(PHOTOS, 30))
    photo, user = np.divmod(np.arange(table.size), 30)
    return Ratings(
        tuple(f"u{index:02d}" for index in range(30)),
        tuple(Path(f"thing{index % 18:02d}_{index // 18}.jpg") for index in range(PHOTOS)),
        user,
        photo,
        np.clip(table, 1, 10).ravel(),
        (1.0, 10.0),
    )


def features_and_attributes() -> StudyFeatures:
    random = np.random.default_rng(2)
    return StudyFeatures(random.normal(size=(PHOTOS, 8)), None, random.normal(size=(PHOTOS, 10)))


@pytest.fixture(scope="module")
def study(ratings):
    population, _ = split_people(ratings, 0.5, 8, 0)
    return study_of(ratings, features_and_attributes(), population, 0)


@pytest.fixture(scope="module")
def people(ratings) -> list[StudyPerson]:
    return persons(ratings, split_people(ratings, 0.5, 8, 0)[1])


def rows():
    return {"generic": GenericRow(), "pam": PAM(), "ours": GPRow(), "ours-choices": GPChoicesRow()}


def test_nothing_of_the_people_predicted_is_in_the_study(ratings, study, people):
    assert len(people) == 8
    assert not {person.name for person in people} & set(study.population.users)
    mean = np.mean([person.scores for person in people], axis=0)
    assert np.corrcoef(study.score, mean)[0, 1] > 0.3
    assert len({int(fold) for fold in study.folds}) == 10
    for fold in np.unique(study.folds):
        themes = {study.population.photos[photo].stem[:7] for photo in np.flatnonzero(study.folds == fold)}
        others = {study.population.photos[photo].stem[:7] for photo in np.flatnonzero(study.folds != fold)}
        assert not themes & others


def test_a_photos_own_ratings_are_not_in_its_generic_score(ratings, study):
    population, _ = split_people(ratings, 0.5, 8, 0)
    praised = ratings.original.copy()
    praised[ratings.photo_index == 0] = 10
    again = study_of(replace(ratings, original=praised), features_and_attributes(), population, 0)
    fold = study.folds == study.folds[0]
    assert again.score[fold] == pytest.approx(study.score[fold])
    assert not np.allclose(again.score[~fold], study.score[~fold])


def test_who_rated_a_photo_twice_has_rated_it_by_the_mean(ratings):
    doubled = replace(
        ratings,
        user_index=np.append(ratings.user_index, 3),
        photo_index=np.append(ratings.photo_index, 7),
        original=np.append(ratings.original, 1.0),
    )
    (before,), (after,) = persons(ratings, ["u03"]), persons(doubled, ["u03"])
    assert np.array_equal(before.photos, after.photos)
    assert after.scores[7] == pytest.approx((before.scores[7] + 1) / 2)


def test_what_is_known_of_raters_goes_where_the_ratings_go(ratings):
    known = UserTraits(("u02", "u05"), {"gender": ("a", "b")}, {"openness": np.array([1.0, 3.0])})
    made = study_of(ratings, features_and_attributes(), ["u05", "u07"], 0, user_traits=known)
    assert made.population_traits.tolist() == [[0, 1, 1], [0.5, 0.5, 0.5]]
    (one,) = persons(ratings, ["u02"], known)
    assert draw(one, 10, [0]).evidence.traits.tolist() == [1, 0, 0]
    assert draw(persons(ratings, ["u02"])[0], 10, [0]).evidence.traits is None
    assert digest(made, [one]) != digest(replace(made, population_traits=None), [one])
    (unknown,), (other,) = persons(ratings, ["u02"]), persons(ratings, ["u05"], known)
    assert len({digest(made, [p]) for p in (one, unknown, replace(one, traits=other.traits))}) == 3


def test_results_of_people_with_other_traits_are_begun_anew(ratings, study, people, tmp_path):
    plan, path = PiaaPlan(sizes=(10,), repeats=1), tmp_path / "kept.jsonl"
    known = [replace(person, traits=np.array([0.0, 1.0])) for person in people[:2]]
    begun = ResumableResults(path, settings(study, known, plan))
    piaa(study, known, {"generic": GenericRow()}, plan, kept=begun)
    del begun  # and with it the file's lock
    ResumableResults(path, settings(study, known, plan))
    other = [replace(person, traits=np.array([1.0, 0.0])) for person in people[:2]]
    with pytest.raises(UsageError, match="another photos and people"):
        ResumableResults(path, settings(study, other, plan))


def test_people_are_predicted_and_the_papers_numbers_stand_beside(study, people, in_terminal):
    report = piaa(study, people, rows(), PiaaPlan(sizes=(10, 60), repeats=2))
    cells = {row.short: row.cells for row in report.rows}
    assert cells["generic"][60].gain.value == 0
    for short in ("pam", "ours", "ours-choices"):
        assert cells[short][60].gain.value > 0.05
        assert cells[short][60].gain.value > cells[short][10].gain.value
        assert cells[short][60].gain.low < cells[short][60].gain.value < cells[short][60].gain.high
    value = json.loads(json.dumps(report.to_json(), allow_nan=False))
    assert [row["published"] for row in value["rows"] if row["method"] == "pam"] == [0.006, None]
    assert "| +0.006 |" in report.to_markdown()
    assert "PAM" in in_terminal(report.table())
    other = piaa(study, people, {"pam": PAM()}, PiaaPlan("zhang", (60,), 2))
    assert other.rows[0].cells[60] == cells["pam"][60]
    assert f"{other.rows[0].cells[60].rho.value:.3f}" in other.to_markdown()


def test_what_goes_to_another_process_says_the_same_there(study, people):
    plan = PiaaPlan(sizes=(10,), repeats=1)
    for method in rows().values():
        method.prepare(study)
        predict = _Prediction(study, people, method, plan)
        assert pickle.loads(pickle.dumps(predict))(2) == predict(2)


class Elsewhere:
    """As if each person were predicted in another process, the last one first."""

    def map(self, function, jobs):
        yield from InProcess(threads=1).map(pickle.loads(pickle.dumps(function)), reversed(jobs))


def test_another_process_says_what_this_one_says(study, people):
    plan, three = PiaaPlan(sizes=(10,), repeats=1), people[:3]
    here = piaa(study, three, {"pam": PAM()}, plan, executor=InProcess(threads=1))
    there = piaa(study, three, {"pam": PAM()}, plan, executor=Elsewhere())
    assert there.to_json() == here.to_json()


def test_what_was_finished_is_not_done_again(study, people, tmp_path, monkeypatch):
    plan = PiaaPlan(sizes=(10,), repeats=1)
    same = settings(study, people, plan)
    file = tmp_path / "kept" / "results.jsonl"
    whole = piaa(study, people, {"pam": PAM()}, plan, kept=ResumableResults(file, same))
    lines = file.read_text().splitlines(keepends=True)
    assert len(lines) == 1 + len(people)
    file.write_text("".join(lines[:4]) + lines[4][:9])  # as a crash leaves it
    fits = []
    fit = PAM.fit
    monkeypatch.setattr(PAM, "fit", lambda self, *args, **more: fits.append(0) or fit(self, *args, **more))
    again = piaa(study, people, {"pam": PAM()}, plan, kept=ResumableResults(file, same))
    assert again.to_json() == whole.to_json()
    assert len(fits) == len(people) - 3
    with pytest.raises(UsageError, match="another seed"):
        ResumableResults(file, same | {"seed": 5})
    file.write_text("".join([lines[0], "mud\n", *lines[1:]]))
    with pytest.raises(RetouchError, match=":2: expected a result"):
        ResumableResults(file, same)
    ResumableResults(file, same | {"seed": 5}, overwrite=True)
    (tmp_path / "letter.txt").write_text("Dear reader\n")
    with pytest.raises(RetouchError, match="holds no results"):
        ResumableResults(tmp_path / "letter.txt", same)


def test_draws_are_nested_and_leave_enough(people):
    small, large = (draw(people[0], size, [0, 1]) for size in (10, 60))
    assert set(small.evidence.photos) < set(large.evidence.photos)
    assert len(small.evidence.pairs) <= 45
    assert len(large.evidence.pairs) == 100
    assert not set(large.evidence.photos) & set(large.photos)
    score = dict(zip(people[0].photos.tolist(), people[0].scores.tolist(), strict=True))
    assert all(score[winner] > score[loser] for winner, loser in large.evidence.pairs.tolist())
    assert draw(people[0], PHOTOS - 7, [0]) is None


def test_selectors_side_by_side(study, people, in_terminal):
    chosen = {name: SELECTORS[name]() for name in ("random", "greedy", "active-pam")}
    plan = ActivePlan(5, 25, step=10, repeats=2)
    report = active(study, people[:4], PAMFeatures(), chosen, plan)
    assert report.stops == (5, 15, 25)
    curves = {curve.short: curve for curve in report.curves}
    assert curves["random"].whole[-1] > curves["random"].whole[0]
    assert curves["random"].whole[0] == curves["greedy"].whole[0]
    assert curves["random"].over_random is None
    assert json.loads(json.dumps(report.to_json(), allow_nan=False))["selectors"][1]["over_random"]
    assert "Greedy" in report.to_markdown()
    assert "random" in in_terminal(report.table())
    with pytest.raises(UsageError, match="photos at least"):
        active(study, people, PAM(), chosen, ActivePlan(10, 200))


def test_people_stand_out_from_random_users(study, people, in_terminal):
    found = preference_map(study, people)
    assert found.people.shape == found.random.shape == (8, 10)
    assert found.people.std() > 1.3 * found.random.std()
    picture = found.picture()
    assert picture.size[0] > 2 * 10 * 20
    assert len(picture.getcolors(100_000)) > 50
    assert json.dumps(found.to_json(), allow_nan=False)
    assert "vividness" in found.to_markdown()
    assert "random" in in_terminal(found.table())
    with pytest.raises(UsageError, match="two people"):
        preference_map(study, people[:1])


@pytest.mark.parametrize(
    "wrong",
    [{"protocol": "fast"}, {"sizes": ()}, {"sizes": (1,)}, {"sizes": (9, 9)}, {"repeats": 0}],
)
def test_a_plan_that_cannot_be_is_refused(wrong):
    with pytest.raises(UsageError, match="expected"):
        PiaaPlan(**wrong)


def test_a_backbone_remembers_what_it_saw(photos, tmp_path, monkeypatch):
    import torch

    from retouch_aes.models import EMDAttention
    from retouch_aes.models.compact import CompactBackbone

    torch.manual_seed(0)
    model = EMDAttention(CompactBackbone((8, 16, 24, 32), (1, 1, 1, 1)), side=64)
    backbone = StudyBackbone(model, "small")
    first = backbone.see(photos, tmp_path)
    maps = backbone.see(photos, tmp_path, maps=True).maps
    assert [len(layer) for layer in maps] == [2] * len(maps)
    assert len({layer.shape[1:] for layer in maps}) == len(maps) > 1
    monkeypatch.setattr(StudyBackbone, "_look", None)
    again = backbone.see(photos, tmp_path)
    assert np.array_equal(first.features, again.features)
    assert np.array_equal(first.score, again.score)
    assert first.attributes.shape == (2, 10)


def test_a_pools_distributions_are_learned_from_not_only_its_means(ratings):
    """AVA's ten counts: two photos of one mean, one of them disputed."""
    from retouch_aes.datasets import RatedDataset

    photos = (Path("ava/1.jpg"), Path("ava/2.jpg"))
    counts = np.zeros((2, 10))
    counts[0, [0, 9]], counts[1, [4, 5]] = 0.5, 0.5
    pool = RatedDataset("ava", photos, counts @ np.arange(1, 11), counts)
    joint = ratings.joined(pool.single_ratings())
    seen = features_and_attributes()
    order = [joint.photos.index(path) for path in (*ratings.photos, *photos)]
    rows = np.argsort(order)
    features = np.concatenate([seen.features, np.eye(2, 8)])[rows]
    attributes = np.concatenate([seen.attributes, np.zeros((2, 10))])[rows]
    known = StudyFeatures(features, np.full(len(features), 5.5), attributes)
    made = study_of(joint, known, ["crowd"], 0, None, pool)
    assert made.folds is None
    assert np.array_equal(made.histograms(), counts)
    assert np.allclose(made.population.scores, 5.5)


def test_pairs_in_the_persons_order():
    truth = np.array([1.0, 2.0, 2.0, 3.0])
    assert pair_agreement(truth, truth) == 1
    assert pair_agreement(-truth, truth) == 0
    assert pair_agreement(np.zeros(4), truth) == 0.5
    assert pair_agreement(np.array([1.0, 2.0, 9.0, 3.0]), truth) == pytest.approx(4 / 5)


def test_results_kept_before_pairs_were_counted_go_on(study, people, tmp_path):
    plan = PiaaPlan(sizes=(10,), repeats=1)
    kept = ResumableResults(tmp_path / "kept.jsonl", settings(study, people, plan))
    for person in people:
        kept.add(("generic", person.name), {"10": [[0.5, 0.5]]})
    report = piaa(study, people, {"generic": GenericRow()}, replace(plan, protocol="zhang"), kept=kept)
    assert report.rows[0].cells[10].rho.value == 0.5
    assert report.to_json()["rows"][0]["agreement"]["value"] is None
    assert len(report.tables()) == 2


def test_real_tastes_lie_above_average_users(study, people):
    found = preference_figure(study, people, [f"a{n}" for n in range(10)])
    assert found.people.shape == (len(people), 20)
    assert found.above == 1
    assert found.simulated_sums[0] == pytest.approx(found.simulated_sums[1], rel=0.2)
    assert "| people above both | 100% (100% to 100%) | 100% of 111 |" in found.to_markdown()

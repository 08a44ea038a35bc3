import warnings

import numpy as np
import pytest
import torch
from made_folders import make_aadb, make_ava, make_flickr_aes, make_para
from torch.utils.data import DataLoader

from retouch_aes import plugins
from retouch_aes.datasets import (
    HistogramView,
    MeanScoreView,
    PairView,
    RatedDataset,
    SkipLog,
    Skipped,
    UserRatingView,
    catalogue,
    list_datasets,
    load_dataset,
    rating_pairs,
    readable_only,
)
from retouch_aes.datasets.histograms import histograms_of_means, rebin
from retouch_aes.errors import PhotoError, UsageError


@pytest.fixture(scope="module")
def flickr(tmp_path_factory):
    made = make_flickr_aes(tmp_path_factory.mktemp("flickr"))
    return made, load_dataset("flickr-aes", made.folder)


def test_a_subset_keeps_tables_and_photos_together(tmp_path):
    make_para(tmp_path)
    whole = load_dataset("para", tmp_path)
    wanted = [whole.photos[i] for i in (40, 3, 71)]
    part = whole.subset(wanted)
    rows = [3, 40, 71]
    assert part.photos == tuple(whole.photos[i] for i in rows)
    assert np.array_equal(part.mean_scores, whole.mean_scores[rows])
    assert np.array_equal(part.attributes.values, whole.attributes.values[rows])
    assert np.array_equal(part.tags.index, whole.tags.index[rows])
    assert np.array_equal(part.histograms(), whole.histograms()[rows])
    assert part.ratings.photos == part.photos
    assert sum(len(split.photos) for split in part.splits.values()) == 3
    with pytest.raises(UsageError, match="3 others"):
        whole.subset([path / "x" for path in wanted])


def test_parts(flickr):
    _, whole = flickr
    assert not set(whole.part("train").ratings.users) & set(whole.part("test").ratings.users)
    with pytest.raises(UsageError, match="out of train, test, got 'validation'"):
        whole.part("validation")


def test_tables_have_to_fit(flickr):
    _, whole = flickr
    with pytest.raises(UsageError, match="tables of 120 photos"):
        RatedDataset("x", whole.photos, whole.mean_scores[1:])
    with pytest.raises(UsageError, match="named once"):
        RatedDataset("x", (whole.photos[0],) * 2, whole.mean_scores[:2])


def test_views_make_batches(flickr):
    made, whole = flickr
    sound = readable_only(whole)
    images, scores = next(iter(DataLoader(MeanScoreView(sound, 32), 4)))
    assert images.shape == (4, 3, 32, 32)
    assert 0 <= images.min() <= images.max() <= 1
    assert torch.allclose(scores.double(), torch.from_numpy(sound.mean_scores[:4]))
    _, histograms = next(iter(DataLoader(HistogramView(sound, 32), 4)))
    assert torch.allclose(histograms.sum(1), torch.ones(4))
    view = UserRatingView(sound, 32)
    assert len(view) == len(sound.ratings)
    image, user, score = view[7]
    assert (view.users[user], score) == (
        sound.ratings.users[sound.ratings.user_index[7]],
        sound.ratings.scores[7],
    )
    assert torch.equal(image, MeanScoreView(sound, 32)[int(sound.ratings.photo_index[7])][0])
    longest = MeanScoreView(sound, 24, square=False)[0][0]
    assert max(longest.shape) == 24
    assert longest.shape[1] < longest.shape[2]
    with pytest.raises(PhotoError, match=made.damaged.name):
        MeanScoreView(whole)[whole.photos.index(made.damaged)]


def test_pairs_are_one_persons_unequal_ratings(flickr):
    _, whole = flickr
    ratings = whole.ratings
    pairs = rating_pairs(ratings, 30, seed=3)
    given = {
        (u, p): v for u, p, v in zip(ratings.user_index, ratings.photo_index, ratings.original, strict=True)
    }
    assert all(given[user, winner] > given[user, loser] for user, winner, loser in pairs)
    assert len({tuple(row) for row in pairs.tolist()}) == len(pairs)
    assert np.bincount(pairs[:, 0]).tolist() == [30] * len(ratings.users)
    assert np.array_equal(pairs, rating_pairs(ratings, 30, seed=3))
    assert not np.array_equal(pairs, rating_pairs(ratings, 30, seed=4))
    winner, loser, user = PairView(readable_only(whole), 16, per_user=2)[0]
    assert (winner.shape, loser.shape, user) == ((3, 16, 16), (3, 16, 16), 0)


def test_views_of_single_ratings_need_them(tmp_path):
    make_ava(tmp_path)
    found = load_dataset("ava", tmp_path)
    for view in (UserRatingView, PairView):
        with pytest.raises(UsageError, match="ava has none"):
            view(found)


def test_bins_share_and_keep_the_mean():
    table = histograms_of_means(np.array([1.0, 2.25, 10.0]))
    assert table[1, 1:3].tolist() == [0.75, 0.25]
    assert np.allclose(table @ np.arange(1, 11), [1, 2.25, 10])
    assert rebin(np.array([[0, 2, 2]]), np.array([1, 5.5, 10])).tolist() == [
        [0, 0, 0, 0, 0.25, 0.25, 0, 0, 0, 0.5]
    ]
    with pytest.raises(UsageError, match="no row empty"):
        rebin(np.zeros((1, 3)), np.array([1, 5.5, 10]))
    with pytest.raises(UsageError, match=r"1\.\.10"):
        histograms_of_means(np.array([0.5]))


def test_the_summary_names_some_and_counts_all():
    log = SkipLog()
    for number in range(5):
        log.add("bad value", f"a.csv:{number}", "no number")
    log.add("missing photo", "a.csv:9", "gone.jpg")
    lines = log.closed().summary(shown=2)
    assert lines == [
        "skipped 6 (bad value: 5, missing photo: 1)",
        "  bad value: a.csv:0: no number",
        "  bad value: a.csv:1: no number",
        "  bad value: ... and 3 more",
        "  missing photo: a.csv:9: gone.jpg",
    ]
    assert Skipped().summary() == []
    assert len(log.closed() + log.closed()) == 12


class Point:
    value = "elsewhere:Thing"

    def __init__(self, name, thing):
        self.name, self.thing = name, thing

    def load(self):
        if isinstance(self.thing, Exception):
            raise self.thing
        return self.thing


def test_datasets_of_other_packages_and_broken_ones(monkeypatch, tmp_path):
    points = [
        Point("theirs", catalogue.AADB),
        Point("broken", ImportError("no such module")),
        Point("odd", dict),
        Point("ava", catalogue.EVA),
    ]
    monkeypatch.setattr(
        plugins, "_entry_points", lambda group, _: points if group == "retouch_aes.datasets" else []
    )
    make_aadb(tmp_path)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        names = list_datasets()
        found = load_dataset("theirs", tmp_path)
        reader = catalogue.find_reader("ava")
    assert names[-1] == "theirs"
    assert not {"broken", "odd"} & set(names)
    assert len(found) == 80
    assert reader is catalogue.AVA
    texts = [str(one.message) for one in told]
    assert any("'broken'" in text and "no such module" in text for text in texts)
    assert any("'odd'" in text and "expected a subclass of DatasetReader" in text for text in texts)

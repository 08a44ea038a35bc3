"""Every reader on a folder in its authors' layout, with odd things in it."""

import numpy as np
import pytest
from made_folders import MAKERS, make_aadb, make_ava, make_eva, make_flickr_aes, make_para, make_real_cur

from retouch_aes.datasets import (
    AADB,
    AVA,
    EVA,
    PARA,
    AVALabels,
    FlickrAES,
    RealCUR,
    find_reader,
    load_dataset,
    readable_only,
)
from retouch_aes.datasets.aadb_raters import photo_name
from retouch_aes.datasets.flickr_aes import split_workers
from retouch_aes.datasets.reviews import consistency
from retouch_aes.datasets.skipped import MISSING, UNREADABLE
from retouch_aes.errors import DatasetError, UsageError


@pytest.fixture(scope="module", params=MAKERS)
def made(request, tmp_path_factory):
    return MAKERS[request.param](tmp_path_factory.mktemp(request.param))


def test_all_that_is_sound_is_read_and_the_rest_counted(made):
    found = load_dataset(made.name, made.folder)
    assert len(found) == made.photos
    assert (0 if found.ratings is None else len(found.ratings)) == made.ratings
    assert found.skipped.counts() == made.skipped
    assert all(photo.is_file() for photo in found.photos)


def test_what_every_dataset_holds(made):
    found = load_dataset(made.name, made.folder)
    assert ((found.mean_scores >= 1) & (found.mean_scores <= 10)).all()
    histograms = found.histograms()
    assert histograms.shape == (len(found), 10)
    assert np.allclose(histograms.sum(1), 1)
    if found.attributes is not None:
        known = found.attributes.values[np.isfinite(found.attributes.values)]
        assert found.attributes.values.shape == (len(found), len(found.attributes.names))
        assert np.abs(known).max() <= 1
    for split in found.splits.values():
        assert set(split.photos) <= set(found.photos)
    if {"train", "test"} <= set(found.splits):
        assert not set(found.splits["train"].photos) & set(found.splits["test"].photos)


def test_a_damaged_photo_is_named_and_left_out(made):
    before, steps = load_dataset(made.name, made.folder), []
    found = readable_only(before, progress=lambda _, done, of: steps.append((done, of)))
    assert steps[-1] == (len(before), len(before))
    assert len(found) == len(before) - 1
    assert made.damaged not in found.photos
    assert found.skipped.counts() == made.skipped | {UNREADABLE: 1}
    assert made.damaged.name in found.skipped.entries[-1][1]
    if found.ratings is not None:
        assert made.damaged not in found.ratings.photos


def test_a_folder_of_something_else_is_refused_with_the_layout(made, tmp_path):
    with pytest.raises(DatasetError, match=r"cannot be read|expected"):
        load_dataset(made.name, tmp_path)
    with pytest.raises(DatasetError, match="is no folder"):
        load_dataset(made.name, tmp_path / "nowhere")


def test_ava(tmp_path):
    make_ava(tmp_path)
    found = AVA(tmp_path).read()
    counts = [int(word) for word in (tmp_path / "AVA.txt").read_text().splitlines()[0].split()[2:12]]
    assert found.photos[0].name == "953600.jpg"
    assert np.allclose(found.histograms()[0], np.array(counts) / sum(counts))
    assert found.mean_scores[0] == pytest.approx(np.dot(counts, range(1, 11)) / sum(counts))
    assert found.tags.names == ("Abstract", "Cityscape", "Fashion", "Family")
    assert found.tags.index[:2].tolist() == [[0, -1], [1, 3]]
    assert [len(found.splits[name].photos) for name in ("train", "test", "generic_ss_train")] == [60, 19, 30]
    assert found.styles.names == ("Complementary_Colors", "Duotones", "HDR")
    assert found.styles.values[1].tolist() == [0, 1, 0]
    assert found.styles.values[6].tolist() == [0, 1, 1]
    assert np.isnan(found.styles.values[8:]).all()
    moved = tmp_path / "elsewhere"
    (tmp_path / "images").rename(moved)
    assert len(AVA(tmp_path, moved).read()) == 79
    with pytest.raises(DatasetError, match=r"names no photo that is there(.|\n)*missing photo: 80"):
        AVA(tmp_path).read()


def test_ava_labels_alone_list_every_problem(tmp_path):
    make_ava(tmp_path)
    labels = AVALabels(tmp_path)
    train, test = labels.styles()
    assert train.names == ("Complementary_Colors", "Duotones", "HDR")
    assert train.labels[2].tolist() == [False, False, True]
    assert test.labels[0].tolist() == [False, True, True]
    assert labels.list_names() == ("animal", "generic_ls", "generic_ss")
    with pytest.raises(DatasetError, match="is in animal's training"):
        labels.split("animal")
    with (tmp_path / "style_image_lists/train.lab").open("a") as file:
        file.write("9\n")
    with pytest.raises(DatasetError, match=r"train.lab:7: expected the number"):
        labels.styles()


@pytest.mark.parametrize("size", ["warp256", "original"])
@pytest.mark.parametrize("table", ["AllinAll.csv", "AADB_AllinAll.csv"])
def test_aadb_in_both_pairs_of_folders(tmp_path, size, table):
    make_aadb(tmp_path, size, table)
    found = AADB(tmp_path).read()
    assert [len(split.photos) for split in found.splits.values()] == [56, 8, 16]
    assert found.attributes.names[0] == "BalacingElements"
    assert found.ratings.scale == (1, 5)
    assert found.ratings.counts().max() == 5
    test = found.part("test")
    assert {photo.parent.name.partition("_orig")[0] for photo in test.photos} == {"AADB_newtest"}
    assert all(photo.name[:2] in ("0.", "1.") for photo in test.photos)
    raters = dict(zip(found.ratings.photos, found.ratings.mean_scores(), strict=True))
    agree = [
        raters[p] for p, m in zip(found.photos, found.mean_scores, strict=True) if abs(raters[p] - m) < 1e-3
    ]
    assert len(agree) >= 78  # all but the photos of which a worker gave 0
    assert load_dataset("aadb", tmp_path, size=size).photos == found.photos
    photo = found.ratings.photos[30]
    votes = found.histograms()[found.photos.index(photo)]
    assert np.array_equal(votes, found.ratings.histogram(photo))


def test_aadb_test_photos_may_lie_among_the_others_and_lists_may_lack(tmp_path):
    make_aadb(tmp_path)
    for photo in (tmp_path / "AADB_newtest").iterdir():
        photo.rename(tmp_path / "datasetImages_warp256" / photo.name.partition("_")[2])
    assert len(AADB(tmp_path).read().part("test")) == 16
    for path in (tmp_path / "imgListFiles_label").glob("*Light.txt"):
        path.unlink()
    (tmp_path / "AllinAll.csv").unlink()
    found = AADB(tmp_path).read()
    assert len(found.attributes.names) == 10
    assert found.skipped.counts()["missing file"] == 3
    assert found.ratings is None
    crowd = found.single_ratings()
    assert (crowd.users, len(crowd)) == (("crowd",), 80)
    assert np.allclose(sorted(crowd.scores), sorted(found.mean_scores))
    assert np.allclose(found.histograms() @ np.arange(1, 11), found.mean_scores)
    (tmp_path / "raters.csv").write_text(f"worker,photo,score\nA1,{found.photos[0].name},4\n")
    assert AADB(tmp_path).read().ratings.users == ("A1",)
    with pytest.raises(UsageError, match="warp256, original"):
        AADB(tmp_path, size="huge")


def test_names_of_aadb_photos_come_from_addresses():
    assert photo_name("https://farm1.staticflickr.com/450/20_5d_b.jpg") == "farm1_450_20_5d_b.jpg"
    assert photo_name(" http://farm6.static.flickr.com/5/a_b.jpg ") == "farm6_5_a_b.jpg"
    assert photo_name("450/20_5d_b.jpg") is None


@pytest.mark.parametrize("workers", ["test_workers.txt", "test_workers.csv"])
def test_flickr_aes_by_either_file_of_test_workers(tmp_path, workers):
    make_flickr_aes(tmp_path, workers)
    found = FlickrAES(tmp_path).read()
    train, test = found.part("train"), found.part("test")
    assert test.ratings.users == tuple(f"A{user:02}Z" for user in range(8))
    assert train.ratings.users == tuple(f"A{user:02}Z" for user in range(8, 20))
    assert (len(train), len(test)) == (72, 48)
    (tmp_path / workers).rename(tmp_path / "test_workers.csv")
    (tmp_path / "test_workers.csv").write_text("number;worker\r\n1;A03Z\r\n2;A05Z\r\n")
    assert FlickrAES(tmp_path).read().splits["test"].users == ("A03Z", "A05Z")
    scores = FlickrAES(tmp_path).scores()
    assert len(scores) == 120
    assert max(scores.values()) == 0.95


def test_flickr_aes_draws_its_test_workers_where_none_are_named(tmp_path):
    make_flickr_aes(tmp_path, "test_workers.txt")
    (tmp_path / "test_workers.txt").unlink()
    few = FlickrAES(tmp_path).read()
    assert few.splits == {}
    assert few.skipped.counts()["missing file"] == 1
    rows = [
        f"W{worker:02},{'farm1' if photo < 107 else 'far'}_{photo}.jpg,{1 + (worker + photo) % 5}"
        for worker in range(40)
        for photo in range(105 + worker % 3)
    ]
    rows += [f"train,new{photo}.jpg,2" for photo in range(3)]
    (tmp_path / "FLICKR-AES_image_labeled_by_each_worker.csv").write_text(
        "\n".join(["worker, imagePair, score", *rows, ""])
    )
    for photo in range(107):
        (tmp_path / "40K" / f"farm1_{photo}.jpg").touch()
    for photo in range(3):
        (tmp_path / "40K" / f"new{photo}.jpg").touch()
    found = FlickrAES(tmp_path, seed=1).read()
    assert len(found.splits["test"].users) == 37
    assert [photo.name for photo in found.splits["train"].photos] == ["new0.jpg", "new1.jpg", "new2.jpg"]
    assert found.splits["train"].users == ("train",)
    other = FlickrAES(tmp_path, seed=2).read()
    assert other.splits["test"].users != found.splits["test"].users
    with pytest.raises(UsageError, match="no test user rated"):
        split_workers(found.part("test").ratings, found.splits["test"].users)


def test_real_cur_reads_folders_and_doubles_as_zhang(tmp_path):
    make_real_cur(tmp_path)
    found = RealCUR(tmp_path).read()
    assert len(found.ratings.users) == 14
    assert found.ratings.users[0] == "album 01"
    assert all(
        photo.parent.name == f"{value:g}"
        for photo, value in zip(
            (found.photos[i] for i in found.ratings.photo_index), found.ratings.original, strict=True
        )
    )
    doubled = load_dataset("real-cur", tmp_path, doubled=True)
    assert np.array_equal(doubled.ratings.scores, 2 * found.ratings.original)
    assert doubled.mean_scores.min() == 2
    with pytest.raises(UsageError, match=r"1\.\.5 to be doubled"):
        doubled.ratings.doubled()


def test_para(tmp_path):
    make_para(tmp_path)
    found = PARA(tmp_path).read()
    assert [len(found.splits[part].photos) for part in ("train", "test")] == [80, 20]
    assert found.traits.users == tuple(f"A{user:02}" for user in range(16))
    assert found.traits.categories["artExperience"][:2] == ("beginner", "competent")
    assert np.isnan(found.traits.numbers["personality-O"][3])
    assert found.traits.encoded().shape == (16, len(found.traits.names()))
    assert found.traits.encoded()[3, found.traits.names().index("personality-O")] == 0.5
    assert found.tags.names == ("night", "people", "plant")
    place = [photo.name for photo in found.photos].index("iaa_pub2_.jpg")
    steps = (tmp_path / "annotation/PARA-GiaaTrain.csv").read_text().splitlines()[2].split(",")[3:12]
    votes = np.array(steps, float)
    mean = votes @ np.linspace(1, 10, 9) / votes.sum()
    assert found.distributions[place] @ np.arange(1, 11) == pytest.approx(mean)
    first = [photo.name for photo in found.photos].index("iaa_pub1_.jpg")  # without votes in the list
    assert found.distributions[first] @ np.arange(1, 11) == pytest.approx(found.mean_scores[first])
    for kind in ("GiaaTrain", "GiaaTest", "UserInfo"):
        (tmp_path / f"annotation/PARA-{kind}.csv").unlink()
    bare = PARA(tmp_path).read()
    assert (bare.splits, bare.traits) == ({}, None)
    assert bare.skipped.counts()["missing file"] == 3


@pytest.mark.parametrize("photos", ["EVA_together", "images/EVA_together"])
def test_eva(tmp_path, photos):
    make_eva(tmp_path, photos)
    found = EVA(tmp_path).read()
    assert found.ratings.scale == (0, 10)
    assert found.ratings.original.min() == 0
    assert found.attributes.names == ("visual", "composition", "quality", "semantic")
    assert found.attributes.values[0].tolist()[1::2] == [pytest.approx(-1 / 3), 1.0]  # 2 and 4 of 1..4
    assert found.tags.index[:7, 0].tolist() == [0, 1, 2, 3, 4, 5, 0]
    assert found.traits.categories["photographicLevel"][0] == "none"
    assert np.isnan(found.traits.numbers["birthYear"][0])


def test_review_ava(tmp_path):
    MAKERS["review-ava"](tmp_path)
    found = load_dataset("review-ava", tmp_path).reviews
    assert len(found.users) == 8
    bad = [text for text, good in zip(found.texts, found.good, strict=True) if not good]
    assert set(bad) == {"Ugly and dull.", "A bit flat."}
    assert "Where is it?" not in found.texts
    kept = found.subset(found.photos[:3])
    assert kept.photos == found.photos[:3]
    assert [kept.photos[i] for i in kept.photo_index] == [found.photos[i] for i in found.photo_index if i < 3]
    assert found.subset([]) is None


def test_reviews_agree_with_ratings_as_in_the_papers_equation(tmp_path):
    MAKERS["review-ava"](tmp_path)
    found = load_dataset("review-ava", tmp_path).reviews
    shares = []
    for photo, liked in enumerate(found.liked):
        good = found.good[found.photo_index == photo]
        shares.append(np.mean(good == liked))
    assert consistency(found) == pytest.approx(np.mean(shares))
    assert 0.5 < consistency(found) < 1


def test_missing_photos_are_noted_once_each(tmp_path):
    make_eva(tmp_path)
    (tmp_path / "EVA_together" / "3001.jpg").unlink()
    found = EVA(tmp_path).read()
    assert found.skipped.counts()[MISSING] == 2
    assert len(found.ratings) == 720 - 12


def test_names_and_options_of_datasets():
    assert find_reader("FLICKR_AES") is FlickrAES
    with pytest.raises(UsageError, match="out of ava, aadb"):
        find_reader("magic")
    with pytest.raises(UsageError, match="options of real-cur out of doubled"):
        load_dataset("real-cur", ".", double=True)

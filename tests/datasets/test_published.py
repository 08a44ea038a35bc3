"""Small folders in exactly the layouts that the authors published."""

import numpy as np
import pytest

from retouch_aes.datasets import AADB, PARA, AVALabels, FlickrAES, RealCUR, ReviewAVA, split_workers
from retouch_aes.datasets.aadb import ATTRIBUTES
from retouch_aes.errors import DatasetError, UsageError


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def append(path, text):
    with path.open("a") as file:
        file.write(text)


def ava_line(photo, tags="0 0", votes="0 1 5 17 38 36 15 6 5 1"):
    return f"1 {photo} {votes} {tags} 1396\n"


@pytest.fixture
def ava(tmp_path):
    return write(
        tmp_path,
        {
            "AVA.txt": ava_line(11, "1 2")
            + ava_line(12)
            + ava_line(13, "2 0", "0 0 0 0 0 0 0 1 1 1")
            + ava_line(14, "2 0"),
            "tags.txt": "1 Abstract\n2 Cityscape\n",
            "aesthetics_image_lists/generic_ls_train.jpgl": "11\n12\n",
            "aesthetics_image_lists/generic_test.jpgl": "13\n",
            "aesthetics_image_lists/animal_train.jpgl": "11\n",
            "aesthetics_image_lists/animal_test.jpgl": "11\n",
            "style_image_lists/styles.txt": "1 Complementary_Colors\n2 Duotones\n3 HDR\n",
            "style_image_lists/train.jpgl": "11\n12\n",
            "style_image_lists/train.lab": "3\n1\n",
            "style_image_lists/test.jpgl": "13\n",
            "style_image_lists/test.multilab": "0 1 1\n",
            "reviews.csv": "user,photo,review\nann,11,What a lovely sky!\nbob,11,I do not like the light.\n"
            'ann,13,"Do you live there, in the steeple?"\nbob,13,very sharp\n',
            "images/11.jpg": "",
            "images/12.jpg": "",
            "images/13.jpg": "",
            "images/14.jpg": "",
        },
    )


def test_ava_tags_lists_and_styles(ava):
    labels = AVALabels(ava)
    assert labels.tag_names() == {1: "Abstract", 2: "Cityscape"}
    assert labels.tags() == {"11": (1, 2), "12": (), "13": (2,), "14": (2,)}
    assert labels.split() == (("11", "12"), ("13",))
    train, test = labels.styles()
    assert train.names == ("Complementary_Colors", "Duotones", "HDR")
    assert train.labels.tolist() == [[False, False, True], [True, False, False]]
    assert (test.ids, test.labels.tolist()) == (("13",), [[False, True, True]])
    with pytest.raises(DatasetError, match="photo 11 is in animal's training"):
        labels.split("animal")


def test_ava_labels_list_every_problem(ava):
    append(ava / "style_image_lists/train.lab", "9\n")
    append(ava / "style_image_lists/test.multilab", "0 1\n")
    with pytest.raises(DatasetError, match=r"2 problems(.|\n)*train.lab:3(.|\n)*test.multilab:2: expected 3"):
        AVALabels(ava).styles()
    append(ava / "AVA.txt", "1 2 3\n" + ava_line(15, "7 0"))
    with pytest.raises(DatasetError, match=r"AVA.txt:5: expected 15(.|\n)*AVA.txt:6: .* the tag 7"):
        AVALabels(ava).tags()
    append(ava / "aesthetics_image_lists/generic_test.jpgl", "cat.jpg\n")
    with pytest.raises(DatasetError, match=r"generic_test.jpgl:2: expected a photo id"):
        AVALabels(ava).split()


def test_reviews_become_judgements(ava):
    found = ReviewAVA(ava).read()
    assert (found.users, [p.name for p in found.photos]) == (("ann", "bob"), ["11.jpg", "13.jpg"])
    assert found.good.tolist() == [True, False, True]
    assert found.tags.tolist() == [0, 1]
    assert found.tag_names == ("Abstract", "Cityscape")
    assert found.liked.tolist() == [True, True]


def test_reviews_list_every_problem(ava):
    (ava / "images/11.jpg").unlink()
    assert len(ReviewAVA(ava, missing_allowed=True).read()) == 1
    with pytest.raises(DatasetError, match="photo not found"):
        ReviewAVA(ava).read()
    (ava / "images/11.jpg").touch()
    append(ava / "reviews.csv", "ann,99,lovely\n,11,nice\nann,11\n")
    with pytest.raises(
        DatasetError, match=r"3 problems(.|\n)*csv:6: .*'99'(.|\n)*csv:7(.|\n)*csv:8"
    ) as caught:
        ReviewAVA(ava).read()
    assert "expected 3 values, got 2" in str(caught.value)


@pytest.fixture
def aadb(tmp_path):
    files = {f"datasetImages_warp256/{n}.jpg": "" for n in ("farm1_a_b", "farm1_c_d")}
    files["AADB_newtest/0.500_farm1_e_b.jpg"] = ""
    for name in ("score", *ATTRIBUTES):
        value = ("0.25", "1.0") if name == "score" else ("-0.6", "0.2")
        label = "imgListFiles_label/imgList{}Regression_" + name + ".txt"
        files[label.format("Train")] = f"farm1_a_b.jpg {value[0]}\nfarm1_c_d.jpg {value[1]} \n"
        files[label.format("TestNew")] = f"0.500_farm1_e_b.jpg {value[1]}\n"
    files["raters.csv"] = "worker,photo,score\nA1,farm1_a_b.jpg,2\nA2,farm1_a_b.jpg,4\nA1,farm1_e_b.jpg,5\n"
    return write(tmp_path, files)


def test_aadb(aadb):
    train, test = AADB(aadb).read(), AADB(aadb).read("test")
    assert train.scores.tolist() == [3.25, 10.0]
    assert train.attributes.shape == (2, 11)
    assert train.attributes[0].tolist() == [-0.6] * 11
    assert [photo.name for photo in test.photos] == ["0.500_farm1_e_b.jpg"]
    ratings = AADB(aadb).ratings()
    assert (ratings.users, ratings.original.tolist()) == (("A1", "A2"), [2.0, 4.0])
    assert len(AADB(aadb).ratings("test")) == 1


def test_aadb_lists_every_problem(aadb):
    lists = aadb / "imgListFiles_label"
    append(lists / "imgListTrainRegression_score.txt", "farm1_e_x.jpg 1.5\nfarm1_f_x.jpg\nfarm1_g.jpg 0.5\n")
    append(lists / "imgListTrainRegression_Light.txt", "farm1_g.jpg high\n")
    with pytest.raises(DatasetError, match="4 problems") as caught:
        AADB(aadb).read()
    for part in (
        "score.txt:3: expected a number in 0..1",
        "score.txt:4",
        "Light.txt:3",
        "score.txt:5: photo not",
    ):
        assert part in str(caught.value)
    append(aadb / "raters.csv", "A1,farm1_e_b.jpg,6\nA3,nowhere.jpg,3\n")
    with pytest.raises(DatasetError, match=r"2 problems(.|\n)*csv:6: photo not found: nowhere|csv:5: .*1..5"):
        AADB(aadb).ratings("test")
    with pytest.raises(UsageError, match="expected a split"):
        AADB(aadb).read("all")


FLICKR = "FLICKR-AES_image_labeled_by_each_worker.csv"


@pytest.fixture
def flickr(tmp_path):
    rows = "worker, imagePair, score\nA1,a.jpg,5\nA1,b.jpg,1\nA2,a.jpg,3\nA2,c.jpg,4\nA3,d.jpg,2\n"
    photos = {f"40K/{name}.jpg": "" for name in "abcd"}
    scores = {"FLICKR-AES_image_score.txt": "a.jpg 0.75\nb.jpg 0.0\n"}
    return write(tmp_path, {FLICKR: rows, **photos, **scores})


def test_flickr_aes(flickr):
    reader = FlickrAES(flickr)
    ratings = reader.read()
    assert (ratings.users, ratings.scale, len(ratings)) == (("A1", "A2", "A3"), (1.0, 5.0), 5)
    assert reader.scores() == {flickr / "40K" / "a.jpg": 0.75, flickr / "40K" / "b.jpg": 0.0}
    with pytest.raises(DatasetError, match="37 workers with 105 to 171 photos, found 0"):
        reader.test_workers(ratings)
    (flickr / "test_workers.txt").write_text("A1\n")
    train, test = split_workers(ratings, reader.test_workers(ratings))
    assert test.users == ("A1",)
    assert [photo.name for photo in train.photos] == ["c.jpg", "d.jpg"]


def test_flickr_aes_draws_the_test_workers(flickr):
    rows = [f"W{worker:02},{photo}.jpg,3" for worker in range(40) for photo in range(105)]
    (flickr / FLICKR).write_text("worker, imagePair, score\n" + "\n".join([*rows, "few,1.jpg,2"]) + "\n")
    for photo in range(105):
        (flickr / "40K" / f"{photo}.jpg").touch()
    ratings = FlickrAES(flickr).read()
    drawn = FlickrAES(flickr).test_workers(ratings, seed=1)
    assert len(set(drawn)) == 37
    assert "few" not in drawn
    with pytest.raises(UsageError, match="no test user rated"):
        split_workers(ratings, drawn)


def test_flickr_aes_lists_every_problem(flickr):
    append(flickr / FLICKR, "A1,c.jpg,7\nA1,c.jpg\nA1,gone.jpg,3\nA1,,3\nA1,d.jpg,five\n")
    with pytest.raises(DatasetError, match="5 problems") as caught:
        FlickrAES(flickr).read()
    for line, part in (
        (7, "1..5, got 7"),
        (8, "3 values"),
        (9, "photo not found"),
        (10, "a photo"),
        (11, "five"),
    ):
        assert any(f"csv:{line}: " in row and part in row for row in str(caught.value).splitlines()), line


def test_real_cur(tmp_path):
    for album in ("one", "two"):
        write(
            tmp_path, {f"{album}/a b.jpg": "", f"{album}/c.jpg": "", f"{album}/r.txt": "a b.jpg 2\nc.jpg 5\n"}
        )
    ratings = RealCUR(tmp_path).read()
    assert ratings.users == ("one", "two")
    assert ratings.scores.tolist() == [3.25, 10.0, 3.25, 10.0]
    append(tmp_path / "two/r.txt", "d.jpg 3\nc.jpg 6\nc.jpg\n")
    (tmp_path / "three").mkdir()
    with pytest.raises(DatasetError, match="4 problems") as caught:
        RealCUR(tmp_path).read()
    for part in (
        "three: expected one text file",
        "r.txt:3: photo not",
        "r.txt:4: .*1..5",
        "r.txt:5: .*a photo",
    ):
        assert caught.match(part)


PARA_HEAD = (
    "sessionId,imageName,userId,aestheticScore,qualityScore,compositionScore,colorScore,dofScore,contentScore,"
    "lightScore,isObjectEmphasis,imageEmotion,difficultyOfJudgment,contentPreference,willingnessToShare,semantic\n"
)


def para_row(name, user, score, light=5):
    return f"session1,{name},{user},{score},3.0,4.0,1.0,3.0,3.0,{light},1,excitement,0,3.0,2.0,plant\n"


@pytest.fixture
def para(tmp_path):
    rows = para_row("iaa_pub1_.jpg", "A1", "2.5") + para_row("iaa_pub1_.jpg", "B2", "4.5", 3)
    giaa = "imageName,sessionId,semantic,aestheticScore_1.0\n"
    return write(
        tmp_path,
        {
            "imgs/session1/iaa_pub1_.jpg": "",
            "annotation/PARA-Images.csv": PARA_HEAD + rows,
            "annotation/PARA-GiaaTrain.csv": giaa + "iaa_pub1_.jpg,session1,plant,0.2\n",
            "annotation/PARA-GiaaTest.csv": giaa + "iaa_pub2_.jpg,session1,plant,0.2\n",
        },
    )


def test_para(para):
    ratings = PARA(para).read()
    assert (ratings.users, ratings.original.tolist()) == (("A1", "B2"), [2.5, 4.5])
    found = PARA(para).attributes()
    assert found.scores.tolist() == [1 + 9 * 2.5 / 4]
    assert np.allclose(found.attributes, [[0, 0.5, -1, 0, 0, 0.5]])
    train, test = PARA(para).split()
    assert (train[0].name, test[0].name) == ("iaa_pub1_.jpg", "iaa_pub2_.jpg")


def test_para_lists_every_problem(para):
    path = para / "annotation/PARA-Images.csv"
    append(
        path,
        para_row("gone.jpg", "A1", 3) + para_row("iaa_pub1_.jpg", "", 3) + para_row("x", "A1", 6) + "x\n",
    )
    with pytest.raises(DatasetError, match="4 problems") as caught:
        PARA(para).read()
    for line in (4, 5, 6, 7):
        assert f"PARA-Images.csv:{line}: " in str(caught.value)
    path.write_text(PARA_HEAD.replace("userId", "user"))
    with pytest.raises(DatasetError, match=r"csv:1: expected the columns"):
        PARA(para).read()

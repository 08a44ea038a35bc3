"""Small folders in exactly the layouts of the published datasets, with the odd things that real ones hold.

Every `make_NAME(folder)` writes one and returns a `Made`: what a reader has to find in it, and what it has to
skip. The ratings are planted: a photo's quality is its brightness, and each user also likes or dislikes red,
so that there is something to learn. Nothing here is copied from a dataset.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from retouch_aes.datasets import skipped
from retouch_aes.datasets.aadb import AADB_ATTRIBUTES, SIZES
from retouch_aes.datasets.para import STEPS

BOM = "\ufeff"


@dataclass(frozen=True)
class Made:
    """A folder that was made: `name` of its reader, how many `photos` and single `ratings` are sound, the
    file that is there but `damaged`, and how many of each kind have to be `skipped`."""

    name: str
    folder: Path
    photos: int
    ratings: int
    damaged: Path
    skipped: dict[str, int] = field(default_factory=dict)


class World:
    """Photos with a planted quality and redness, both in [0, 1], and users with a taste for red."""

    def __init__(self, photos: int, users: int, seed: int = 0) -> None:
        random = np.random.default_rng(seed)
        self.random = random
        self.quality = random.permutation(np.linspace(0.05, 0.95, photos))
        self.red = random.random(photos)
        self.taste = np.linspace(-0.6, 0.6, users)

    def opinion(self, user: int, photo: int) -> float:
        """In [0, 1], with a little noise."""
        liked = self.quality[photo] + self.taste[user] * (self.red[photo] - 0.5)
        return float(np.clip(liked + self.random.normal(0, 0.05), 0, 1))

    def draw(self, path: Path, photo: int, size: tuple[int, int] = (48, 32)) -> None:
        """Write the photo: a gradient as bright as it is good, and as red as it is red."""
        path.parent.mkdir(parents=True, exist_ok=True)
        y, x = np.meshgrid(np.linspace(0, 1, size[1]), np.linspace(0, 1, size[0]), indexing="ij")
        light = 40 + 170 * self.quality[photo] + 40 * np.sin((2 + photo % 5) * x + y * (photo % 3))
        tint = np.array([1.0, 1 - 0.7 * self.red[photo], 1 - 0.5 * self.red[photo]])
        pixels = np.clip(light[..., None] * tint, 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(path, "JPEG", quality=90)


def damage(path: Path) -> Path:
    """Cut the file off, so that it can no longer be decoded."""
    path.write_bytes(path.read_bytes()[:80])
    return path


def write(path: Path, text: str, *, crlf: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((text.replace("\n", "\r\n") if crlf else text).encode())


def table(rows: Sequence[Sequence[object]], delimiter: str = ",", *, quoted: bool = False) -> str:
    text = io.StringIO()
    kind = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    csv.writer(text, delimiter=delimiter, quoting=kind, lineterminator="\n").writerows(rows)
    return text.getvalue()


def make_ava(folder: Path, photos: int = 80, *, reviews: bool = False) -> Made:
    """With a byte order mark, a line that is cut off, one photo gone, one damaged and one line repeated."""
    world, random = World(photos, 8, 1), np.random.default_rng(1)
    lines, ids = [], [str(953600 + 7 * index) for index in range(photos)]
    for index, name in enumerate(ids):
        world.draw(folder / "images" / f"{name}.jpg", index)
        votes = np.bincount(
            np.clip(np.rint(1 + 9 * world.quality[index] + random.normal(0, 1.2, 60)), 1, 10).astype(int),
            minlength=11,
        )[1:]
        tags = f"{1 + index % 3} {(index % 2) * 4}"
        lines.append(f"{index + 1} {name} {' '.join(map(str, votes))} {tags} {1396 + index % 4}")
    (folder / "images" / f"{ids[-1]}.jpg").unlink()
    odd = [lines[0], "81 999999 0 1 5", f"82 999998 {'0 ' * 10}1 2 1396"]
    write(folder / "AVA.txt", BOM + "\n".join([*lines, *odd, ""]), crlf=True)
    write(folder / "tags.txt", "1 Abstract\n2 Cityscape\n3 Fashion\n4 Family\n")
    lists = folder / "aesthetics_image_lists"
    cut = photos * 3 // 4
    for name, part in (
        ("generic_ls_train", ids[:cut]),
        ("generic_ss_train", ids[: cut // 2]),
        ("generic_test", ids[cut:]),
        ("animal_train", ids[:6]),
        ("animal_test", [*ids[6:10], ids[0]]),
    ):
        write(lists / f"{name}.jpgl", "\n".join([*part, ""]))
    styles = folder / "style_image_lists"
    write(styles / "styles.txt", "1 Complementary_Colors\n2 Duotones\n3 HDR\n")
    write(styles / "train.jpgl", "\n".join([*ids[:6], ""]))
    write(styles / "train.lab", "1\n2\n3\n1\n2\n3\n")
    write(styles / "test.jpgl", "\n".join([*ids[6:8], ""]))
    write(styles / "test.multilab", "0 1 1\n1 0 0\n")
    if reviews:
        words = ("Ugly and dull.", "A bit flat.", "Nice colours.", "Superb, lovely light!")
        rows = [["user", "photo", "review"]]
        for user in range(8):
            for index in range(photos - 1):
                if (index + user) % 2:
                    rows.append([f"u{user}", ids[index], words[min(3, int(4 * world.opinion(user, index)))]])
        rows += [["u1", "12", "lovely"], ["u1", ids[0], ""], rows[1], ["u2", ids[0], "Where is it?"]]
        write(folder / "reviews.csv", BOM + table(rows), crlf=True)
    wrong = {skipped.INCOMPLETE: 2, skipped.DUPLICATED: 1, skipped.MISSING: 1, skipped.LISTED_TWICE: 1}
    if reviews:
        wrong = wrong | {skipped.INCOMPLETE: 3, skipped.DUPLICATED: 2, skipped.UNLISTED: 1}
    name = "review-ava" if reviews else "ava"
    return Made(name, folder, photos - 1, 0, damage(folder / "images" / f"{ids[3]}.jpg"), wrong)


def make_review_ava(folder: Path) -> Made:
    """AVA with `reviews.csv`."""
    return make_ava(folder, reviews=True)


def make_aadb(folder: Path, size: str = "warp256", table_name: str = "AllinAll.csv") -> Made:
    """80 photos in batches of ten, each rated by five of nine workers; some answers are 0."""
    world, train, test = World(80, 9, 2), 56, 16
    pair, parts = (
        SIZES[size],
        ("Train",) * train + ("Validation",) * (80 - train - test) + ("TestNew",) * test,
    )
    names = [f"farm{1 + i % 8}_{200 + i}_{19452343093 + i}_40ef3edc{i:02x}_b.jpg" for i in range(80)]
    urls = [
        f"https://{farm}.staticflickr.com/{place}/{rest}"
        for farm, place, rest in (name.split("_", 2) for name in names)
    ]
    answers = [[world.opinion(user, photo) for photo in range(80)] for user in range(9)]
    raters = {photo: [(photo // 10 + k) % 9 for k in range(5)] for photo in range(80)}
    stars = np.array([[1 + min(4, int(5 * value)) for value in row] for row in answers])
    labels = folder / "imgListFiles_label"
    for photo, (name, part) in enumerate(zip(names, parts, strict=True)):
        score = float(np.mean([(stars[user, photo] - 1) / 4 for user in raters[photo]]))
        shown = f"{score:.3f}_{name}" if part == "TestNew" else name
        world.draw(folder / pair[part == "TestNew"] / shown, photo, (40, 40))
        for attribute in ("score", *AADB_ATTRIBUTES):
            value = score if attribute == "score" else np.clip(2 * world.red[photo] - 1, -1, 1)
            path = labels / f"imgList{part}Regression_{attribute}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a") as file:
                file.write(f"{shown} {value:.4f} \n")
    with (labels / "imgListTrainRegression_score.txt").open("a") as file:
        file.write(f"farm9_1_gone_b.jpg 0.5\n{names[0]} 0.5\nfarm9_2_high_b.jpg 1.5\ncut\n")
    for attribute in AADB_ATTRIBUTES:
        with (labels / f"imgListTrainRegression_{attribute}.txt").open("a") as file:
            file.write("farm9_1_gone_b.jpg 0.2\n")
    rows = [_turk_heading()]
    for batch in range(8):
        for user in raters[10 * batch]:
            row = dict.fromkeys(rows[0], "Neutral") | {"WorkerId": f"A{user}", "Title": "rate, please"}
            for place in range(10):
                row[f"Input.image_url{place + 1}"] = urls[10 * batch + place]
                row[f"Answer.overallScore{place + 1}"] = str(stars[user, 10 * batch + place])
            rows.append([row[name] for name in rows[0]])
    place = rows[0].index("Answer.overallScore1")
    rows[1][place], rows[2][place] = "0", "0"
    other = list(rows[3])
    other[rows[0].index("Input.image_url1")] = "https://farm1.staticflickr.com/9/elsewhere_b.jpg"
    cut = [["cut", "off"]]
    write(folder / table_name, table([*rows, other, *cut], quoted=True))
    wrong = {
        skipped.DUPLICATED: 1 + 9,  # a line, and the nine photos of the repeated batch
        skipped.BAD_VALUE: 1,
        skipped.INCOMPLETE: 2,
        skipped.MISSING: 1,
        skipped.UNANSWERED: 2,
        skipped.UNLISTED: 1,
    }
    return Made("aadb", folder, 80, 80 * 5 - 2, damage(folder / pair[0] / names[5]), wrong)


def _turk_heading() -> list[str]:
    """The columns of Mechanical Turk's table, in its order: 10 comes after 1."""
    order = (1, 10, *range(2, 10))
    answers = (
        *("ColorHarmony", "Content", "DoF", "MotionBlur", "ObjectEmphasis", "Repetition", "RuleOfThirds"),
        *("StrongColor", "Symmetry", "VisualBalance", "choiceLight", "overallScore"),
    )
    return [
        *("HITId", "HITTypeId", "Title", "Description", "Keywords", "Reward", "AssignmentId", "WorkerId"),
        *("AssignmentStatus", "WorkTimeInSeconds"),
        *(f"Input.image_url{number}" for number in range(1, 11)),
        *(f"Answer.{name}{number}" for name in answers for number in order),
        *("Approve", "Reject"),
    ]


def make_flickr_aes(folder: Path, workers: str = "test_workers.csv") -> Made:
    """120 photos, each rated by five: 48 by test workers (8), 72 by the others (12)."""
    world = World(120, 20, 3)
    rows: list[Sequence[object]] = [["worker", " imagePair", " score"]]
    for photo in range(120):
        world.draw(folder / "40K" / _flickr(photo), photo)
        users = [(photo + 3 * k) % 8 for k in range(5)]
        users = users if photo < 48 else [8 + (photo + 5 * k) % 12 for k in range(5)]
        for user in sorted(set(users)):
            rows.append([f"A{user:02}Z", _flickr(photo), 1 + min(4, int(5 * world.opinion(user, photo)))])
    count = len(rows) - 1
    odd = [rows[1], ["A00Z", "farm9_gone.jpg", 3], ["A00Z", _flickr(2)], ["A00Z", "", 3]]
    odd += [["A00Z", _flickr(3), 7], ["A00Z", _flickr(4), "five"], ["A00Z", _flickr(5), ""]]
    write(folder / "FLICKR-AES_image_labeled_by_each_worker.csv", BOM + table([*rows, *odd]), crlf=True)
    scores = "".join(f"{_flickr(photo)} {world.quality[photo]:.3f}\n" for photo in range(120))
    write(folder / "FLICKR-AES_image_score.txt", scores + "cut.jpg\n")
    named = [f"A{user:02}Z" for user in range(8)] + ["A99Z"]
    write(folder / workers, "\n".join([*(["worker"] if workers.endswith(".csv") else []), *named, ""]))
    wrong = {skipped.DUPLICATED: 1, skipped.MISSING: 1, skipped.INCOMPLETE: 4, skipped.BAD_VALUE: 2}
    return Made("flickr-aes", folder, 120, count, damage(folder / "40K" / _flickr(6)), wrong)


def _flickr(photo: int) -> str:
    return f"farm{1 + photo % 5}_{photo:04}_o.jpg"


def make_real_cur(folder: Path) -> Made:
    """14 albums of 12 photos; names with blanks, a folder that is no score, an album without photos."""
    world = World(168, 14, 4)
    for photo in range(168):
        album = photo // 12
        score = 1 + min(4, int(5 * world.opinion(album, photo)))
        world.draw(folder / f"album {album + 1:02}" / str(score) / f"IMG {photo:04}.jpg", photo)
    write(folder / "album 01" / "best" / "note.txt", "not a score")
    write(folder / "album 01" / "3" / "Thumbs.db", "not a photo")
    (folder / "album 99" / "1").mkdir(parents=True)
    damaged = next(iter(sorted((folder / "album 02").glob("*/*.jpg"))))
    return Made("real-cur", folder, 168, 168, damage(damaged), {skipped.BAD_VALUE: 1, skipped.INCOMPLETE: 1})


PARA_COLUMNS = (
    *("sessionId", "imageName", "userId", "aestheticScore", "qualityScore", "compositionScore", "colorScore"),
    *("dofScore", "contentScore", "lightScore", "isObjectEmphasis", "imageEmotion", "difficultyOfJudgment"),
    *("contentPreference", "willingnessToShare", "semantic"),
)


def make_para(folder: Path) -> Made:
    """100 photos in five sessions, each rated by ten of sixteen people in half steps."""
    world, notes = World(100, 16, 5), folder / "annotation"
    rows: list[list[object]] = [list(PARA_COLUMNS)]
    votes = np.zeros((100, len(STEPS)), int)
    for photo in range(100):
        session, name = f"session{1 + photo // 20}", f"iaa_pub{photo + 1}_.jpg"
        world.draw(folder / "imgs" / session / name, photo)
        for k in range(10):
            user = (photo + k) % 16
            step = min(8, int(9 * world.opinion(user, photo)))
            votes[photo, step] += 1
            light, red = 1 + round(8 * world.quality[photo]) / 2, 1 + round(4 * world.red[photo])
            scores = [STEPS[step], light, 3, red, 2.5, 3, light, 1, "joy", 0, red, light]
            rows.append([session, name, f"A{user:02}", *scores, ("plant", "night", "people")[photo % 3]])
    count = len(rows) - 1
    lacking = list(rows[1])
    lacking[2], lacking[4] = "A15", ""
    odd = [rows[1], lacking, ["session9", "gone.jpg", *rows[1][2:]], rows[2][:5]]
    odd += [[*rows[3][:2], "", *rows[3][3:]], [*rows[4][:3], "5.5", *rows[4][4:]]]
    write(notes / "PARA-Images.csv", BOM + table([*rows, *odd]), crlf=True)
    heading = ["imageName", "sessionId", "semantic", *(f"aestheticScore_{step}" for step in STEPS)]
    heading += ["aestheticScore_mean", "aestheticScore_std", "qualityScore_mean"]
    for kind, part in (("Train", range(80)), ("Test", range(80, 100))):
        lines: list[list[object]] = [heading]
        for photo in part:
            who = [f"iaa_pub{photo + 1}_.jpg", f"session{1 + photo // 20}", "plant"]
            lines.append([*who, *(votes[photo] if photo else [0] * 9), 3.0, 0.5, 3.0])
        write(notes / f"PARA-Giaa{kind}.csv", table(lines))
    people: list[list[object]] = [
        ["userId", "age", "gender", "EducationalLevel", "artExperience", "photographyExperience"]
        + [f"personality-{letter}" for letter in "EANOC"]
    ]
    for user in range(16):
        level = ("beginner", "competent", "proficient", "expert")[user % 4]
        words = [("18-21", "22-25")[user % 2], ("male", "female")[user % 2], "university", level, level]
        people.append([f"A{user:02}", *words, 5, 6, user % 10, "" if user == 3 else 7, 8])
    write(notes / "PARA-UserInfo.csv", table([*people, people[1]], ";"), crlf=True)
    wrong = {skipped.DUPLICATED: 2, skipped.MISSING: 1, skipped.INCOMPLETE: 3, skipped.BAD_VALUE: 1}
    return Made("para", folder, 100, count + 1, damage(folder / "imgs" / "session1" / "iaa_pub5_.jpg"), wrong)


def make_eva(folder: Path, photos: str = "EVA_together") -> Made:
    """60 photos, each rated by twelve of twenty people 0..10, with a zero among them."""
    world, data = World(60, 20, 6), folder / "data"
    names = ["image_id", "user_id", "score", "difficulty", "visual", "composition", "quality", "semantic"]
    rows: list[list[object]] = [[*names, "vote_time", "1", "2", "3", "4"]]
    for photo in range(60):
        world.draw(folder / photos / f"{3000 + photo}.jpg", photo)
        for k in range(12):
            user, light = (photo + k) % 20, 1 + min(3, int(4 * world.quality[photo]))
            score = min(10, int(11 * world.opinion(user, photo)))
            rest = [3, light, 2, light, 4, 12.5, 0, 1, 0, 0]
            rows.append([3000 + photo, f"E{user}", score, *rest])
    rows[1][2], count = 0, len(rows) - 1
    odd = [rows[1], [9999, *rows[1][1:]], rows[2][:4], [*rows[3][:2], 11, *rows[3][3:]]]
    write(data / "votes_filtered.csv", table([*rows, *odd], "="), crlf=True)
    people: list[list[object]] = [["id", "age", "region", "photographic_level_id", "gender_id", "eyecheck"]]
    people += [[f"E{u}", 1980 + u if u else "", "FR", u % 4, 1 + u % 2, 0] for u in range(20)]
    write(data / "users.csv", table(people, "="))
    kinds = [["image_id", "category"], *([str(3000 + p), str(1 + p % 6)] for p in range(60)), ["3000", "9"]]
    write(data / "image_content_category.csv", table(kinds, quoted=True))
    wrong = {skipped.DUPLICATED: 1, skipped.MISSING: 1, skipped.INCOMPLETE: 1, skipped.BAD_VALUE: 2}
    return Made("eva", folder, 60, count, damage(folder / photos / "3007.jpg"), wrong)


MAKERS = {
    "ava": make_ava,
    "aadb": make_aadb,
    "flickr-aes": make_flickr_aes,
    "real-cur": make_real_cur,
    "para": make_para,
    "eva": make_eva,
    "review-ava": make_review_ava,
}

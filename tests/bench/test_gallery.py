"""A sheet of made pictures, judged blind in a browser; the tally read back by the command."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from retouch_aes import Photo
from retouch_aes.bench.editing import gallery_methods
from retouch_aes.bench.editing.gallery import GalleryRow, files_of, gallery_row, write_gallery
from retouch_aes.bench.editing.gallery_report import GalleryCount, GalleryReport, read_tally
from retouch_aes.cli import main
from retouch_aes.errors import DatasetError, RetouchError
from retouch_aes.photo import write

METHODS = ("original", "ours", "ours, personal", "autocontrast")


def times(gain: float) -> gallery_methods.GalleryMethod:
    def made(photo: Photo, path: Path) -> str:
        write(Photo((gain * photo.image).clamp(0, 1)), path, overwrite=True)
        return "edited" if gain != 1 else ""

    return made


def broken(photo: Photo, path: Path) -> str:
    raise RetouchError("a program fell over")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two kinds of photos, soft gradients."""
    y, x = np.mgrid[0:48, 0:72] / 72
    for number, name in enumerate(("night/a<b>.png", "night/b.png", "day/c.png")):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        waves = [0.4 + 0.2 * np.sin(4 * x + number + phase + y) for phase in (0, 1, 2)]
        Image.fromarray((255 * np.stack(waves, axis=-1)).astype(np.uint8)).save(path)
    return tmp_path / "photos"


@pytest.fixture
def laid_out(folder: Path, tmp_path: Path):
    """A sheet on which "ours" is the original of the day, and brighter at night."""

    def make(seed: int = 0, name: str = "sheet.html") -> tuple[Path, GalleryReport]:
        sheet, rows = tmp_path / name, []
        for number, photo in enumerate(sorted(folder.rglob("*.png"))):
            gains = (1.0, 1.0 if "day" in str(photo) else 1.4, 1.2, 1.6)
            methods = dict(zip(METHODS, map(times, gains), strict=True))
            rows.append(gallery_row(photo, photo.relative_to(folder), number, methods, sheet))
        return sheet, write_gallery(rows, sheet, METHODS, seed=seed, overwrite=True)

    return make


def data(sheet: Path) -> dict:
    return json.loads(re.search(r'id="sheet">(.*?)</script>', sheet.read_text("utf-8"), re.DOTALL)[1])


def test_pairs_are_drawn_by_the_seed_and_identical_ones_are_not_asked(laid_out):
    sheet, report = laid_out()
    trials = data(sheet)["trials"]
    assert (report.photos, report.pairs, report.identical) == (3, 14, 1)
    assert len(trials) == 15  # ours: two others; personal: two others and ours; of three photos
    assert {trial["swapped"] for trial in trials} == {True, False}
    again = data(laid_out(0, "again.html")[0])["trials"]
    other = data(laid_out(1, "other.html")[0])["trials"]
    assert again == trials != other
    assert report.moved["day"]["ours"] == 0
    assert report.moved["night"]["autocontrast"] > report.moved["night"]["ours"] > 3


def test_the_page_asks_nobody_and_holds_no_markup_of_files(laid_out):
    text = laid_out()[0].read_text("utf-8")
    assert "default-src 'none'" in text
    assert "http://" not in text
    assert "a<b>" not in text


def test_a_program_that_fails_is_told_and_ours_is_not_passed_over(folder, tmp_path):
    photo, sheet = folder / "night/b.png", tmp_path / "s.html"
    row = gallery_row(
        photo, Path("night/b.png"), 0, {"original": times(1), "RawTherapee auto": broken}, sheet
    )
    assert row.told == "RawTherapee auto: a program fell over"
    assert set(row.pictures) == {"original"}
    with pytest.raises(RetouchError, match="fell over"):
        gallery_row(photo, Path("night/b.png"), 0, {"ours": broken}, sheet)


def test_a_photo_without_a_folder_has_a_kind(tmp_path):
    assert GalleryRow(Path("a.jpg"), {}).kind == "."


@pytest.mark.skipif(shutil.which("rawtherapee-cli") is None, reason="needs rawtherapee-cli")
def test_rawtherapee_brightens_a_dark_photo(tmp_path):
    method = gallery_methods._rawtherapee(shutil.which("rawtherapee-cli"))
    y, x = np.mgrid[0:96, 0:128] / 128
    dark = np.repeat((255 * (0.02 + 0.15 * x * y))[..., None], 3, axis=-1).astype(np.uint8)
    Image.fromarray(dark).save(tmp_path / "dark.png")
    from retouch_aes import read

    assert method(read(tmp_path / "dark.png"), tmp_path / "made.jpg") == ""
    with Image.open(tmp_path / "made.jpg") as made:
        assert made.size == (128, 96)
        assert np.asarray(made).mean() > 1.5 * dark.mean()


def test_darktable_is_for_camera_raw_alone(tmp_path, folder):
    from retouch_aes import read

    method = gallery_methods._darktable("no such program")
    assert method(read(folder / "day/c.png"), tmp_path / "made.jpg") is None


def test_a_program_that_makes_nothing_is_named(tmp_path):
    with pytest.raises(RetouchError, match="no-such-program could not be run"):
        gallery_methods._run(["no-such-program"], tmp_path / "made.jpg")
    with pytest.raises(RetouchError, match="made no picture"):
        gallery_methods._run(["false"], tmp_path / "made.jpg")


SAID = [
    ("night", "original", "first"), ("night", "original", "first"), ("night", "original", "second"),
    ("day", "original", "same"), ("day", "autocontrast", "second"),
]  # fmt: skip


def saved(path: Path, said: list) -> Path:
    lines = [
        {"photo": "p.jpg", "kind": k, "first": "ours", "second": o, "verdict": v, "judged": v != "same"}
        for k, o, v in said
    ]
    path.write_text(json.dumps({"format": "retouch_aes.gallery_tally", "version": 1, "said": lines}))
    return path


def test_a_tally_counts_by_kind(tmp_path):
    found = read_tally([saved(tmp_path / "one.json", SAID), saved(tmp_path / "two.json", SAID[:1])])
    assert found.counts == (
        GalleryCount("ours", "original", "day", 0, 1, 0),
        GalleryCount("ours", "original", "night", 3, 0, 1),
        GalleryCount("ours", "original", "all", 3, 1, 1),
        GalleryCount("ours", "autocontrast", "day", 0, 0, 1),
        GalleryCount("ours", "autocontrast", "all", 0, 0, 1),
    )
    assert (found.judged, found.identical) == (5, 1)


@pytest.mark.parametrize("text", ["", "[]", '{"format": "other"}', "no JSON"])
def test_another_file_is_no_tally(tmp_path, text):
    (tmp_path / "odd.json").write_text(text)
    with pytest.raises(DatasetError, match=r"odd\.json"):
        read_tally([tmp_path / "odd.json"])


def test_an_empty_or_damaged_tally_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="judge some"):
        read_tally([saved(tmp_path / "none.json", [])])
    with pytest.raises(DatasetError, match="damaged"):
        read_tally([saved(tmp_path / "bad.json", [("day", "original", "perhaps")])])


def test_the_command_makes_a_sheet_once(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda _: None)
    sheet = tmp_path / "sheet.html"
    words = ["bench", "gallery", str(folder), "-o", str(sheet), "--steps", "0", "--limit", "1"]
    made = CliRunner().invoke(main, words)
    assert made.exit_code == 0, made.output
    assert data(sheet)["methods"] == ["original", "ours", "autocontrast"]
    assert len(list(files_of(sheet).iterdir())) == 3
    assert CliRunner().invoke(main, words).exit_code == 1


@pytest.mark.parametrize(
    "words", [(), ("-o", "x.html"), (".",), (".", "-o", "x.txt"), (".", "-o", "x.html", "--tally", __file__)]
)
def test_odd_words_are_a_usage_error(words):
    assert CliRunner().invoke(main, ["bench", "gallery", *words]).exit_code == 2


def test_the_tally_is_printed(tmp_path):
    path = saved(tmp_path / "one.json", SAID)
    told = CliRunner().invoke(main, ["bench", "gallery", "--tally", str(path)])
    assert told.exit_code == 0
    assert "ours against original" in told.output
    assert "| night | 2 | 0 | 1 |" in told.output


@pytest.fixture
def browser(tmp_path):
    webdriver = pytest.importorskip("selenium.webdriver", reason="needs selenium")
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--window-size=1200,700"):
        options.add_argument(argument)
    options.add_experimental_option("prefs", {"download.default_directory": str(tmp_path / "downloads")})
    try:
        driver = webdriver.Chrome(options=options)
    except Exception as error:
        pytest.skip(f"needs Chromium and its driver: {error}")
    yield driver
    driver.quit()


def test_photos_are_judged_blind_in_a_browser(laid_out, browser, tmp_path):
    """Everyone here likes the brighter picture; keys, take back, reload, and the download say so."""
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import WebDriverWait

    sheet, report = laid_out()
    browser.get(sheet.as_uri())
    wait = WebDriverWait(browser, 30)

    def js(code: str):
        return browser.execute_script(f"return {code}")

    def press(key: str) -> None:
        ActionChains(browser).send_keys(key).perform()

    ready = """[...document.querySelectorAll('#pair img')].map(
      image => image.complete && image.naturalWidth && new URL(image.src).pathname)"""
    gains = {"0": 1.0, "1": 1.4, "2": 1.2, "3": 1.6}  # by the number of the method in the file's name

    def gain(path: str) -> float:
        name = Path(path).stem
        return 1.0 if name == "0000_1" else gains[name[-1]]  # the first photo, by day, was left alone

    wait.until(lambda _: js("[...document.querySelectorAll('figure img')].every(i => i.naturalWidth)"))
    assert js("document.querySelectorAll('figure').length") == 12
    browser.find_element("id", "judging").click()
    for asked in range(report.pairs):
        paths = wait.until(lambda _: all(found := js(ready)) and found)
        assert "original" not in browser.find_element("id", "judge").text
        shown = js("document.body.dataset.shown")
        if asked == 0:
            press("2")
            wait.until(lambda _, shown=shown: js("document.body.dataset.shown") != shown)
            press(Keys.BACKSPACE)
            wait.until(lambda _, shown=shown: js("document.body.dataset.shown") == shown)
        if asked == 3:
            browser.refresh()
            browser.find_element("id", "judging").click()
            assert js("document.body.dataset.shown") == shown  # what was said before is remembered
        press("1" if gain(paths[0]) > gain(paths[1]) else "3")
    assert js("document.body.dataset.shown") == "none"
    press(Keys.ESCAPE)
    browser.find_element("id", "save").click()
    tally = tmp_path / "downloads/tally.json"
    wait.until(lambda _: tally.is_file())
    found = read_tally([tally])
    assert (found.judged, found.identical) == (14, 1)
    assert GalleryCount("ours", "original", "night", 2, 0, 0) in found.counts
    assert GalleryCount("ours", "original", "day", 0, 1, 0) in found.counts
    assert GalleryCount("ours", "autocontrast", "all", 0, 0, 3) in found.counts
    assert GalleryCount("ours, personal", "ours", "night", 0, 0, 2) in found.counts
    assert browser.get_log("browser") == []

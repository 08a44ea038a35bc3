import json
import re
from pathlib import Path

import pytest
from PIL import Image

from retouch_aes.errors import RetouchError
from retouch_aes.export.html_report import ReportEntry, entry_of, write_html_report
from retouch_aes.operators import OPERATORS, Recipe, Step

EXPOSURE = Recipe((Step(OPERATORS["exposure"], (0.5,)),))


def data(page: Path, name: str) -> list:
    text = page.read_text(encoding="utf-8")
    return json.loads(re.search(rf'id="{name}">(.*?)</script>', text, re.DOTALL)[1])


@pytest.fixture
def photos(tmp_path, picture) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    for name in ("a b#1.jpg", "b.jpg", "c.jpg"):
        picture.save(tmp_path / "in" / name)
        after = Image.eval(picture, lambda level: level // 2) if name == "c.jpg" else picture
        after.save(tmp_path / "out" / name)
    return tmp_path


def entries(folder: Path) -> list[ReportEntry]:
    return [
        ReportEntry(folder / "in/a b#1.jpg", folder / "out/a b#1.jpg", "edited", 5.0, 5.5, EXPOSURE),
        ReportEntry(folder / "in/b.jpg", folder / "out/b.jpg", "left alone", 5.0, 5.0, Recipe()),
        ReportEntry(folder / "in/c.jpg", folder / "out/c.jpg", "edited", 5.0, 4.0, EXPOSURE),
        ReportEntry(folder / "in/gone.jpg", error="</script><script>alert(1)</script>"),
    ]


def test_a_page_holds_everything_and_asks_for_nothing(photos):
    page = write_html_report(entries(photos), photos / "report.html", side=48)
    text = page.read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//""", text)
    rows = data(page, "photos")
    assert [row["group"] for row in rows] == ["edited", "left alone", "edited", "failed"]
    assert [row["name"] for row in rows] == ["a b#1.jpg", "b.jpg", "c.jpg", "gone.jpg"]
    assert rows[0]["recipe"] == [["exposure.ev", "+0.5 EV"]]
    assert [bool(before) for before, _ in data(page, "thumbs")] == [True, True, True, False]


def test_the_change_is_that_of_the_pictures(photos):
    rows = data(write_html_report(entries(photos), photos / "report.html", side=48), "photos")
    assert rows[1]["change"] < 0.5
    assert rows[2]["change"] > 10
    assert rows[3]["change"] is None


def test_links_lead_to_the_results_from_where_the_page_lies(photos):
    (photos / "deep").mkdir()
    rows = data(write_html_report(entries(photos), photos / "deep/report.html", side=48), "photos")
    assert rows[0]["link"] == "../out/a%20b%231.jpg"


def test_what_a_file_says_is_never_markup(photos):
    text = write_html_report(entries(photos), photos / "r.html", title="<b>", side=48).read_text("utf-8")
    assert "<script>alert" not in text
    assert "<title>&lt;b&gt;</title>" in text


def test_a_report_is_not_replaced_unasked(photos):
    write_html_report([], photos / "r.html")
    with pytest.raises(RetouchError):
        write_html_report([], photos / "r.html")
    write_html_report([], photos / "r.html", overwrite=True)


def test_records_of_the_command_line_are_understood():
    entry = entry_of(
        {"path": "a.jpg", "output": "b.jpg", "outcome": "edited", "score_before": 4.0, "score_after": 5.0}
        | {"recipe": EXPOSURE.to_json()}
    )
    assert (entry.group, entry.recipe) == ("edited", EXPOSURE)
    assert entry_of({"path": "a.jpg", "error": "damaged"}).group == "failed"


@pytest.fixture
def browser():
    webdriver = pytest.importorskip("selenium.webdriver", reason="needs selenium")
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--window-size=400,800"):
        options.add_argument(argument)
    try:
        driver = webdriver.Chrome(options=options)
    except Exception as error:
        pytest.skip(f"needs Chromium and its driver: {error}")
    yield driver
    driver.quit()


def test_the_page_works_in_a_browser(photos, browser):
    """Filters, orders, and before and after by one click, on a screen as wide as a phone's."""
    page = write_html_report(entries(photos), photos / "report.html", side=48)
    browser.get(page.as_uri())

    def names() -> list[str]:
        return browser.execute_script(
            "return [...document.querySelectorAll('article p:first-child')].map(p => p.textContent)"
        )

    assert names() == ["c.jpg", "a b#1.jpg", "b.jpg", "gone.jpg"]
    for name, count in (("failed", 1), ("left alone", 1), ("edited", 2), ("large change", 1), ("all", 4)):
        browser.find_element("css selector", f"[data-filter='{name}']").click()
        assert len(names()) == count
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    mark = browser.find_element("css selector", "article button span")
    assert mark.text == "after"
    browser.find_element("css selector", "article button").click()
    assert mark.text == "before"
    assert browser.get_log("browser") == []

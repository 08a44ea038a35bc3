import json

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from retouch_aes.cli import main
from retouch_aes.errors import RetouchError, UsageError
from retouch_aes.export.contact_sheets import write_contact_sheets
from retouch_aes.export.html_report import ReportEntry

RED, BLUE = (200, 30, 30), (30, 30, 200)


@pytest.fixture
def entry(tmp_path):
    Image.new("RGB", (60, 40), RED).save(tmp_path / "é.png")
    Image.new("RGB", (60, 40), BLUE).save(tmp_path / "after.png")
    return ReportEntry(tmp_path / "é.png", tmp_path / "after.png", "edited", 4.0, 5.0)


def test_before_and_after_stand_side_by_side(entry, tmp_path):
    [file] = write_contact_sheets(
        [entry, ReportEntry(tmp_path / "gone.jpg", error="damaged")], tmp_path / "s.png"
    )
    sheet = np.asarray(Image.open(file)).astype(int)
    middle = sheet[sheet.shape[0] // 2]
    reds, blues = ((abs(middle - colour).max(axis=1) < 12).nonzero()[0] for colour in (RED, BLUE))
    assert len(reds) > 200
    assert len(blues) > 200
    assert reds.max() < blues.min()


def test_many_photos_get_several_pages(entry, tmp_path):
    files = write_contact_sheets([entry] * 49, tmp_path / "s.jpg")
    assert [file.name for file in files] == ["s-1.jpg", "s-2.jpg", "s-3.jpg"]
    with pytest.raises(RetouchError, match="exists already"):
        write_contact_sheets([entry] * 49, tmp_path / "s.jpg")
    heights = []
    for file in files:
        with Image.open(file) as sheet:
            heights.append(sheet.height)
    assert heights[0] == heights[1] > heights[2]


def test_nothing_to_show_is_told(entry, tmp_path):
    with pytest.raises(UsageError, match="none of these"):
        write_contact_sheets([ReportEntry(tmp_path / "a.jpg", error="damaged")], tmp_path / "s.jpg")
    with pytest.raises(UsageError, match=r"s\.gif"):
        write_contact_sheets([entry], tmp_path / "s.gif")


def test_the_command_makes_the_sheet_alone_unless_a_page_is_wanted_too(entry, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    records = [{"path": str(entry.photo), "output": str(entry.output), "outcome": "edited"}]
    (tmp_path / "r.json").write_text(json.dumps(records))
    first = CliRunner().invoke(main, ["report", "r.json", "--contact-sheet", "s.jpg"])
    assert (first.exit_code, first.stdout) == (0, "s.jpg\n")
    assert not (tmp_path / "report.html").exists()
    both = CliRunner().invoke(main, ["report", "r.json", "--contact-sheet", "t.jpg", "-o", "t.html"])
    assert (both.exit_code, both.stdout) == (0, "t.jpg\nt.html\n")

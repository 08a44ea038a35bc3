"""A certificate tells the truth of an edit: by other ways of counting, and in files that others read."""

import json
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
import torch
from PIL import Image

from retouch_aes import Photo, Retoucher, certify, learn, load_model, read
from retouch_aes.color.difference import delta_e_2000
from retouch_aes.errors import UsageError
from retouch_aes.export.certificates import write_certificates
from retouch_aes.operators import OPERATORS, Framing, Recipe, Step
from retouch_aes.preferences import Choice, Rendition
from retouch_aes.testing import smooth_photo

BRIGHT = Recipe((Step(OPERATORS["exposure"], (1.2,)),), 224)


@pytest.fixture(scope="module")
def retoucher():
    return Retoucher.load(fast=True, device="cpu")


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    image = smooth_photo(torch.Generator().manual_seed(2), 1, 120, 180)[0]
    place = tmp_path_factory.mktemp("photos") / "<b>&.png"
    Image.fromarray((image.permute(1, 2, 0) * 255).round().to(torch.uint8).numpy()).save(place)
    return place


def test_every_number_is_what_it_says(retoucher, path):
    photo = read(path)
    found = certify(retoucher, photo, BRIGHT)
    small = photo.proxy(224)
    edited = BRIGHT.apply(small)
    other = load_model("aesthetic")
    with torch.no_grad():
        for pair, model in ((found.generic, retoucher.model), (found.second, other)):
            assert [pair.before, pair.after] == pytest.approx([float(model(small)), float(model(edited))])
    assert found.second_name == "aesthetic"
    assert found.personal is None
    assert found.counterfactual is None
    assert found.difference == pytest.approx(float(delta_e_2000(edited, small).mean()))
    pixels = np.asarray(Image.open(path))
    assert found.white.before == pytest.approx((pixels == 255).any(2).mean())
    assert found.black.before == pytest.approx((pixels == 0).all(2).mean())
    rendered = retoucher.render(photo, BRIGHT).image
    assert found.white.after == pytest.approx(float((rendered >= 254.5 / 255).any(1).float().mean()))
    assert found.white.after > found.white.before
    assert json.loads(json.dumps(found.to_json()))["edits"] == "exposure +1.2 EV"


def test_large_photos_are_sampled_evenly(retoucher):
    image = torch.full((1, 3, 2048, 512), 0.5)
    image[:, :, :512] = 1.0
    found = certify(retoucher, Photo(image), Recipe())
    assert found.white.before == pytest.approx(0.25, abs=0.04)
    assert found.white.after == found.white.before
    assert found.difference == 0


def test_a_taste_says_from_where_on_it_likes_and_what_would_have_to_be_different(path, retoucher):
    dark = Recipe((Step(OPERATORS["exposure"], (-0.8,)),), 224)
    name = path.name
    answers = [
        Choice(Rendition(name, dark), Rendition(name)),
        Choice(Rendition(name), Rendition(name, BRIGHT)),
    ]
    taste = learn(answers, path.parent, retoucher.model, name="aesthetic-compact")
    assert 1 < taste.info.metrics["liked_from"] < 10
    personal = Retoucher(retoucher.model, taste=taste, prior=None)
    found = certify(personal, read(path), BRIGHT)
    assert found.personal.after < found.personal.before  # it likes it dark
    assert found.counterfactual.threshold == taste.info.metrics["liked_from"]
    assert found.lines[-1] == found.counterfactual.text
    if not found.counterfactual.crosses:
        pytest.fail(found.counterfactual.text)
    asked = certify(personal, read(path), BRIGHT, threshold=9.9)
    assert not asked.counterfactual.crosses


class Cells(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.text = [], []

    def handle_starttag(self, tag, _):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text.append(data)


def test_files_hold_a_line_a_photo_and_no_markup_of_names(retoucher, path, tmp_path):
    record = {"path": str(path), "certificate": certify(retoucher, read(path), BRIGHT).to_json()}
    failed = {"path": "broken.jpg", "error": "it is broken"}
    write_certificates([record, failed, record], tmp_path / "c.json")
    assert [one["path"] for one in json.loads((tmp_path / "c.json").read_text())] == [str(path)] * 2
    write_certificates([record, failed, record], tmp_path / "c.html")
    page = Cells()
    page.feed((tmp_path / "c.html").read_text())
    assert page.tags.count("tr") == 3
    assert "b" not in page.tags
    assert str(path) in page.text
    assert "exposure +1.2 EV" in page.text
    with pytest.raises(UsageError, match=r"\.json or \.html"):
        write_certificates([record], tmp_path / "c.pdf")


def test_the_frame_is_told(retoucher, path, tmp_path):
    turned = replace(BRIGHT, framing=Framing(angle=3.0, width=0.5))
    found = certify(retoucher, read(path), turned)
    assert found.frame == "turned 3.0 degrees to the right, 46 % of the photo kept"
    assert f"frame: {found.frame}" in found.lines
    assert certify(retoucher, read(path), BRIGHT).frame == ""
    page = tmp_path / "why.html"
    write_certificates([{"path": "a.jpg", "certificate": found.to_json()}], page)
    assert found.frame in page.read_text(encoding="utf-8")

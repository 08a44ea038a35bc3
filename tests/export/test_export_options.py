import os
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from retouch_aes.color.transfer import linear_to_srgb, srgb_to_linear
from retouch_aes.errors import RetouchError, UsageError
from retouch_aes.export.companions import copy_sidecars, keep_time
from retouch_aes.export.naming import NameTemplate, apart
from retouch_aes.export.sizing import reduced, resized
from retouch_aes.export.xmp_packet import XMP, new_packet
from retouch_aes.photo import Photo


class TestSizing:
    def test_light_is_averaged_not_codes(self):
        """Black and white lines, half of the light each, become the grey of half the light: 188 of 255."""
        lines = torch.zeros(1, 3, 64, 64)
        lines[..., ::2] = 1
        middle = reduced(lines, (8, 8), sharpen=0)[..., 2:-2, 2:-2]
        assert middle.mean().item() == pytest.approx(188 / 255, abs=0.01)

    def test_a_plain_area_stays(self):
        plain = torch.full((1, 3, 50, 80), 0.37)
        assert torch.allclose(reduced(plain, (10, 16)), torch.full((1, 3, 10, 16), 0.37), atol=1e-4)

    def test_the_light_of_the_whole_stays(self, image):
        small = reduced(image, (16, 24), sharpen=0)
        assert srgb_to_linear(small).mean().item() == pytest.approx(
            srgb_to_linear(image).mean().item(), abs=0.01
        )

    def test_sharpening_steepens_an_edge_and_keeps_hue(self):
        edge = torch.full((1, 3, 64, 64), 0.3)
        edge[..., 32:] = 0.6
        soft, sharp = (reduced(edge, (16, 16), sharpen=amount) for amount in (0.0, 0.4))
        assert sharp.diff(dim=3).max() > soft.diff(dim=3).max()
        assert (sharp - soft).std(dim=1).max() < 1e-6

    def test_nothing_is_enlarged_and_alpha_comes_along(self, image):
        photo = Photo(image, alpha=image[:, :1])
        assert resized(photo, 96) is photo
        small = resized(photo, 48)
        assert (small.height, small.width) == (32, 48)
        assert small.alpha.shape == (1, 1, 32, 48)
        with pytest.raises(UsageError):
            resized(photo, 0)

    def test_white_and_black_stay_so(self):
        assert float(reduced(torch.ones(1, 3, 9, 9), (3, 3)).min()) > 1 - 1e-5
        assert float(reduced(linear_to_srgb(torch.zeros(1, 3, 9, 9)), (3, 3)).max()) < 1e-6


class TestNaming:
    def test_fields(self):
        template = NameTemplate("{date} {stem}_{taste}-{n}{ext}")
        name = template.name("IMG_1", ".jpg", taste="anna", date="2026-11-28", n=7, of=120)
        assert name == "2026-11-28 IMG_1_anna-007.jpg"
        assert NameTemplate("{stem}_{taste}").name("a", ".jpg") == "a_generic.jpg"

    @pytest.mark.parametrize(
        "text", ["{taste}", "{stem}{foo}", "{stem!r}", "{stem:>9}", "a/{stem}", "{stem", "{}", "{stem}\n"]
    )
    def test_what_is_no_template_is_refused(self, text):
        with pytest.raises(UsageError):
            NameTemplate(text)

    def test_a_name_that_is_too_long_is_refused(self):
        with pytest.raises(UsageError):
            NameTemplate("{stem}").name("写" * 90, ".jpg")

    @given(st.lists(st.sampled_from(["a.jpg", "A.jpg", "a-2.jpg", "b.png", "a.JPG"]), max_size=9))
    def test_no_two_names_are_one(self, names):
        found = apart([Path(name) for name in names], [Path("b.png")])
        assert len({str(path).casefold() for path in found} | {"b.png"}) == len(names) + 1

    def test_names_that_are_apart_stay(self):
        paths = [Path("x/a.jpg"), Path("y/a.jpg"), Path("x/b.jpg")]
        assert apart(paths) == paths


class TestCompanions:
    def test_the_time_is_kept(self, tmp_path):
        one, two = tmp_path / "a", tmp_path / "b"
        one.touch()
        two.touch()
        os.utime(one, ns=(10**18 + 1, 10**18 + 3))
        keep_time(one, two)
        assert two.stat().st_mtime_ns == one.stat().st_mtime_ns

    def test_stars_and_keywords_come_along_edits_do_not(self, tmp_path):
        (tmp_path / "a.nef").write_bytes(b"")
        (tmp_path / "a.xmp").write_bytes(new_packet(f'xmlns:xmp="{XMP}" xmp:Rating="4"'))
        history = 'xmlns:darktable="http://darktable.sf.net/" darktable:history_end="3"'
        (tmp_path / "a.nef.xmp").write_bytes(new_packet(history))
        copied, left = copy_sidecars(tmp_path / "a.nef", tmp_path / "out.jpg")
        assert copied == [tmp_path / "out.xmp"]
        assert left == [tmp_path / "a.nef.xmp"]
        assert (tmp_path / "out.xmp").read_bytes() == (tmp_path / "a.xmp").read_bytes()
        with pytest.raises(RetouchError):
            copy_sidecars(tmp_path / "a.nef", tmp_path / "out.jpg")
        assert copy_sidecars(tmp_path / "none.jpg", tmp_path / "out.jpg") == ([], [])

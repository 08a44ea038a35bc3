"""A recipe with a frame on photos of any size: seamless, in its own depth, and its metadata follows."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from retouch_aes import Framing, Photo, Recipe, Step, develop, framed, read, render, write
from retouch_aes.operators import OPERATORS, LinearMask, masked
from retouch_aes.photo.source import LevelsSource
from retouch_aes.testing import smooth_photo

FRAME = Framing(4.0, 0.48, 0.52, 0.9, 0.9)


def levels(height: int, width: int) -> LevelsSource:
    rng = np.random.default_rng(0)
    return LevelsSource(Image.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8)))


def test_tiles_have_no_seams() -> None:
    source = levels(700, 1100)
    whole = FRAME.apply(source.rows(0, 700))
    strips = framed(Photo(source), FRAME).image
    assert strips.shape == whole.shape
    assert float((strips - whole).abs().max()) < 2e-3  # places are rounded otherwise in a smaller block


def test_strips_do_not_depend_on_where_they_begin() -> None:
    source = framed(Photo(levels(300, 900)), FRAME).source
    whole = source.rows(0, 100)
    assert float((source.rows(37, 61) - whole[:, :, 37:61]).abs().max()) < 1e-3


def test_what_follows_sees_the_frame_alone() -> None:
    image = smooth_photo(torch.Generator().manual_seed(0), 1, 120, 180)
    graduated = masked(OPERATORS["exposure"], [LinearMask(zero_y=0.5)])
    recipe = Recipe((Step(graduated, (-1.0,)), Step(OPERATORS["clarity"], (40.0,))), 96, FRAME)
    cut = FRAME.apply(image)
    assert torch.allclose(render(image, recipe), render(cut, recipe.unframed()), atol=2e-3)


def test_a_straight_frame_is_bit_exact(tmp_path: Path) -> None:
    photo = Photo(levels(90, 120))
    done = develop(photo, Recipe(framing=Framing(0.0, 0.5, 0.5, 0.5, 0.5)))
    write(done, tmp_path / "a.png")
    assert np.array_equal(
        np.asarray(Image.open(tmp_path / "a.png")), np.asarray(photo.source.pixels)[22:67, 30:90]
    )


def test_alpha_and_size_follow() -> None:
    alpha = torch.ones(1, 1, 60, 80)
    alpha[..., :30, :] = 0
    photo = Photo(smooth_photo(torch.Generator().manual_seed(0), 1, 60, 80), alpha=alpha)
    done = framed(photo, Framing(0.0, 0.5, 0.75, 1.0, 0.5))
    assert (done.height, done.width) == (30, 80)
    assert bool((done.alpha == 1).all())


def test_nothing_to_cut_is_the_photo_itself() -> None:
    photo = Photo(smooth_photo(torch.Generator().manual_seed(0), 1, 60, 80))
    assert framed(photo, None) is photo
    assert framed(photo, Framing()) is photo


XMP = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
 xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#" xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#">
<mwg-rs:Regions rdf:parseType="Resource">
<mwg-rs:AppliedToDimensions stDim:w="200" stDim:h="100" stDim:unit="pixel"/>
<mwg-rs:RegionList><rdf:Bag>
<rdf:li rdf:parseType="Resource"><mwg-rs:Area stArea:x="0.5" stArea:y="0.5" stArea:w="0.1" stArea:h="0.2"/>
<mwg-rs:Name>Kept</mwg-rs:Name></rdf:li>
<rdf:li rdf:parseType="Resource"><mwg-rs:Area stArea:x="0.05" stArea:y="0.5" stArea:w="0.1" stArea:h="0.2"/>
<mwg-rs:Name>Gone</mwg-rs:Name></rdf:li>
</rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions></rdf:Description></rdf:RDF></x:xmpmeta>"""


def test_face_regions_follow_and_those_outside_are_taken_out() -> None:
    plain = Photo(smooth_photo(torch.Generator().manual_seed(0), 1, 100, 200))
    photo = replace(plain, metadata=replace(plain.metadata, xmp=XMP, size=(200, 100)))
    done = framed(photo, Framing(0.0, 0.6, 0.5, 0.5, 1.0))  # columns 70 to 170
    xmp = done.metadata.xmp.decode()
    assert 'stArea:x="0.3" stArea:y="0.5" stArea:w="0.2" stArea:h="0.2"' in xmp
    assert 'stDim:w="100" stDim:h="100"' in xmp
    assert "Kept" in xmp
    assert "Gone" not in xmp


def test_the_subject_of_exif_follows(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9214] = (120, 40)
    Image.new("RGB", (200, 100)).save(tmp_path / "a.jpg", exif=exif)
    write(framed(read(tmp_path / "a.jpg"), Framing(0.0, 0.75, 0.5, 0.5, 1.0)), tmp_path / "b.jpg")
    with Image.open(tmp_path / "b.jpg") as written:
        assert written.getexif().get_ifd(0x8769)[0x9214] == (20, 40)


@pytest.mark.parametrize("depth", [8, 16])
def test_it_is_written_in_its_own_depth(tmp_path: Path, depth: int) -> None:
    photo = Photo(smooth_photo(torch.Generator().manual_seed(0), 1, 64, 96), bit_depth=depth)
    write(develop(photo, Recipe(framing=FRAME)), tmp_path / "a.png")
    assert read(tmp_path / "a.png").bit_depth == depth

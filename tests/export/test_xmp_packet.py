import pytest
from hypothesis import given
from hypothesis import strategies as st

from retouch_aes.errors import PhotoError
from retouch_aes.export.xmp_packet import RDF, XMP, fitted, new_packet, read_properties, set_property

RATING = (XMP, "Rating")
DC = "http://purl.org/dc/elements/1.1/"


def packet(inside: str, head: str = "") -> bytes:
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}">{head}{inside}</rdf:RDF></x:xmpmeta>'
    ).encode()


AS_ATTRIBUTE = packet(f'<rdf:Description rdf:about="" xmlns:xmp="{XMP}" xmp:Rating="2" xmp:Label="Red"/>')
AS_ELEMENT = packet(
    f'<rdf:Description rdf:about="" xmlns:xap="{XMP}"><xap:Rating>2</xap:Rating>'
    "<xap:Label>Red</xap:Label></rdf:Description>"
)
EMPTY_ELEMENT = packet(
    f'<rdf:Description rdf:about="" xmlns:xmp="{XMP}" xmp:Label="Red"><xmp:Rating/></rdf:Description>'
)
ABSENT = packet(f"<rdf:Description rdf:about='' xmlns:q='{XMP}' q:Label='Red'></rdf:Description>")
OTHER_PREFIX = packet('<rdf:Description rdf:about="" xmlns:xmp="http://other/" xmp:Rating="7"/>')
TWICE = packet(
    f'<rdf:Description rdf:about="" xmlns:xmp="{XMP}" xmp:Rating="2"/>'
    f'<rdf:Description rdf:about="" xmlns:xmp="{XMP}"><xmp:Rating>3</xmp:Rating></rdf:Description>'
)
NESTED = packet(
    f'<rdf:Description rdf:about="" xmlns:xmp="{XMP}" xmlns:h="http://h/"><h:Past><rdf:Seq>'
    '<rdf:li rdf:parseType="Resource"><xmp:Rating>5</xmp:Rating></rdf:li></rdf:Seq></h:Past>'
    "</rdf:Description>"
)
QUOTED = packet(f"<rdf:Description a='1 > 0' xmlns:xmp = \"{XMP}\"\n xmp:Rating = '2'\n/>")


@pytest.mark.parametrize(
    "before", [AS_ATTRIBUTE, AS_ELEMENT, EMPTY_ELEMENT, ABSENT, OTHER_PREFIX, TWICE, NESTED, QUOTED]
)
def test_a_set_property_is_read_back_and_all_others_stay(before):
    old = read_properties(before)
    after = set_property(before, RATING, "xmp", "4")
    new = read_properties(after)
    assert new[RATING] == "4"
    assert {k: v for k, v in new.items() if k != RATING} == {k: v for k, v in old.items() if k != RATING}
    assert set_property(after, RATING, "xmp", "4") == after


def test_only_the_digit_changes_where_there_is_one():
    assert set_property(AS_ATTRIBUTE, RATING, "xmp", "5") == AS_ATTRIBUTE.replace(b'"2"', b'"5"')
    assert set_property(AS_ELEMENT, RATING, "xmp", "5") == AS_ELEMENT.replace(b">2<", b">5<")


def test_every_copy_of_a_property_is_set():
    assert b'"2"' not in set_property(TWICE, RATING, "xmp", "5")
    assert b">3<" not in set_property(TWICE, RATING, "xmp", "5")


def test_a_rating_of_something_else_is_not_the_photos():
    assert RATING not in read_properties(NESTED)
    assert b"<xmp:Rating>5</xmp:Rating>" in set_property(NESTED, RATING, "xmp", "1")


def test_arrays_are_joined():
    tags = (
        f"<dc:subject xmlns:dc='{DC}'><rdf:Bag><rdf:li>a</rdf:li> <rdf:li>b c</rdf:li></rdf:Bag></dc:subject>"
    )
    found = read_properties(packet(f"<rdf:Description>{tags}</rdf:Description>"))
    assert found[DC, "subject"] == "a,b c"


@given(st.integers(-3000, 3000))
def test_padding_brings_a_packet_to_any_length_it_can(change):
    whole = new_packet(f'xmlns:xmp="{XMP}" xmp:Rating="3"')
    result = fitted(whole, len(whole) + change)
    if result is None:
        assert change < -900
    else:
        assert len(result) == len(whole) + change
        assert read_properties(result) == read_properties(whole)


@pytest.mark.parametrize(
    "broken",
    [
        b"<x:xmpmeta",
        b"no markup at all",
        packet("<rdf:Description>"),
        b'<!DOCTYPE a [<!ENTITY b "c">]>' + AS_ATTRIBUTE,
    ],
)
def test_a_broken_packet_is_refused(broken):
    with pytest.raises(PhotoError):
        set_property(broken, RATING, "xmp", "4")


def test_a_packet_without_a_description_has_no_place():
    with pytest.raises(PhotoError, match="no rdf:Description"):
        set_property(packet(""), RATING, "xmp", "4")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "latin-1"])
def test_a_packet_in_another_encoding_is_read_and_becomes_utf_8(encoding):
    text = packet(
        '<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4" xmp:Label="gr\u00fcn"/>'
    )
    there = text.decode().replace("\ufeff", "\ufeff" if encoding != "latin-1" else "").encode(encoding)
    assert read_properties(there)[XMP, "Label"] == "gr\u00fcn"
    changed = set_property(there, RATING, "xmp", "2")
    assert read_properties(changed) == {**read_properties(there), RATING: "2"}
    assert "gr\u00fcn" in changed.decode("utf-8")

"""What lies beside the one picture that is kept, by what announces it: films, gain maps, depth maps, mattes.

Of these the gain map is kept (`gain_maps`). Depth and mattes are what other programs made of the
unedited picture, and a film behind it would show the scene unedited.
"""

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

from retouch_aes.photo.metadata.xmp_packet import Item, Packet

GOOGLE = "http://ns.google.com/photos/"
CAMERA = GOOGLE + "1.0/camera/"
_ITEM = GOOGLE + "1.0/container/item/"
GAIN_MAP = "the gain map (HDR)"
COLOURED_GAIN_MAP = "the gain map (HDR), which is coloured as the picture no longer is,"
_DEPTH, _FILM = "the depth map", "the film of the motion photo"
_MATTE, _SOUND, _ORIGINAL = "the mattes of its parts", "the sound", "the picture before its first edit"

# What is announced lies behind the picture in the file, or in an auxiliary picture.
ELSEWHERE = {
    GOOGLE + "1.0/container/": "",  # a list of what the others announce
    GOOGLE + "1.0/image/": _ORIGINAL,
    GOOGLE + "dd/1.0/": _DEPTH,
    "http://ns.adobe.com/hdr-gain-map/1.0/": GAIN_MAP,
    "http://ns.apple.com/HDRGainMap/1.0/": GAIN_MAP,
    "http://ns.apple.com/depthData/1.0/": _DEPTH,
    "http://ns.apple.com/pixeldatainfo/1.0/": "",
    "http://ns.apple.com/portraitEffectsMatte/1.0/": _MATTE,
    "http://ns.apple.com/semanticSegmentationMatte/1.0/": _MATTE,
}
IN_THE_PACKET = {GOOGLE + "1.0/depthmap/": _DEPTH, GOOGLE + "1.0/audio/": _SOUND}
"""What is in the packet itself, if it is there."""

_SEMANTICS = {"GainMap": GAIN_MAP, "MotionPhoto": _FILM, "Depth": _DEPTH, "Original": _ORIGINAL}
_AUXILIARY = (
    *(("gainmap", GAIN_MAP), ("gain-map", GAIN_MAP), ("hdrgm", GAIN_MAP), ("21496", GAIN_MAP)),
    *(("depth", _DEPTH), ("disparity", _DEPTH), ("2015:auxid:2", _DEPTH), ("matte", _MATTE)),
)


def is_film(item: Item) -> bool:
    """Whether it tells of a film behind the picture."""
    return item.name[0] == CAMERA and item.name[1].startswith(("MotionPhoto", "MicroVideo"))


def unkept(xmp: bytes, turned: bool) -> tuple[str, ...]:
    """What a packet announces and no file that is written holds, in words.

    `turned` says whether its picture is turned upright.
    """
    with contextlib.suppress(ValueError):
        return _once(_announced(list(Packet(xmp).items()), turned))
    return ()


def of_auxiliaries(kinds: Iterable[Any]) -> tuple[str, ...]:
    """The same of auxiliary pictures, by the URNs of their kinds or the marks of their metadata."""
    texts = [str(kind).lower() for kind in kinds]
    return _once(words for text in texts for mark, words in _AUXILIARY if mark in text)


def _announced(items: list[Item], turned: bool) -> Iterator[str]:
    data = {item.name[0] for item in items if item.name[1] == "Data"}
    for item in items:
        namespace, name = item.name
        yield from (words for start, words in ELSEWHERE.items() if namespace.startswith(start))
        if turned or namespace not in data:
            yield IN_THE_PACKET.get(namespace, "")
        if namespace == _ITEM and name == "Semantic":
            yield _SEMANTICS.get(item.text, "")
        if is_film(item) and item.text.strip() not in ("0", ""):
            yield _FILM


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in words if word))

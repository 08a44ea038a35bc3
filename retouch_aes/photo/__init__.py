"""Files <-> pixels. Everything above this room sees one thing: a `Photo` in sRGB.

Reading and writing
    `read`         any supported file -> `Photo`: upright, sRGB, nothing lost without a word
    `write`        `Photo` -> file: dithered, tagged, whole or not at all, never over the original unasked
    `preview`      a file -> small RGB picture for the screen
    `Prefetcher`    photos one after the other, the next one decoded meanwhile
    `find_photos`  files and folders -> sorted list of photo files

Who does what
    photo.py        `Photo` and `Metadata`, the values
    source.py       where a photo's pixels come from, by rows; strips shared out among the cores
    small.py        the small copy of a photo that is not yet a tensor
    kinds.py        what a file is, by its first bytes, and which suffixes are photos
    finding.py      walking folders
    reading.py      `read`: checks, dispatch, upright
    ahead.py        `Prefetcher`
    preview.py      `preview`: the same at screen size, 8 bit and sooner
    raster.py       8 bits a channel, through Pillow
    tiff.py         what a TIFF's header says; 16 bit TIFF, through tifffile
    tiff_tags.py    metadata into a TIFF that is already written
    png.py          PNG chunks; 16 bit PNG, through imagecodecs
    isobmff.py      HEIC, through pillow-heif, and the colour box of AVIF
    raw.py          camera RAW, through rawpy
    profiles.py     ICC profiles -> sRGB, in 8 and 16 bit
    icc.py          ICC profiles built from primaries and a curve
    exif.py         orientation, size and thumbnail, patched in place
    orientation.py  the eight EXIF orientations
    tensors.py      float pixels -> 8 and 16 bit arrays, strip by strip, with dither
    writing.py      `write`: checks and dispatch
    encoders.py     one function per 8 bit format
    deep.py         16 bit PNG and TIFF
    guard.py        decoder failures become `PhotoError`, their warnings stay quiet
"""

from retouch_aes.photo.finding import find_photos
from retouch_aes.photo.kinds import RAW_SUFFIXES, READ_SUFFIXES, WRITE_SUFFIXES
from retouch_aes.photo.photo import Metadata, Photo
from retouch_aes.photo.prefetch import Prefetcher
from retouch_aes.photo.preview import preview
from retouch_aes.photo.reading import MAX_PIXELS, read
from retouch_aes.photo.writing import write

__all__ = [
    "MAX_PIXELS",
    "RAW_SUFFIXES",
    "READ_SUFFIXES",
    "WRITE_SUFFIXES",
    "Metadata",
    "Photo",
    "Prefetcher",
    "find_photos",
    "preview",
    "read",
    "write",
]

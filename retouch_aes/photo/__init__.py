"""Files <-> pixels. Everything above this room sees one thing: a `Photo` in sRGB.

Reading and writing
    `read`         any supported file -> `Photo`: upright, sRGB, nothing lost without a word
    `write`        `Photo` -> file: dithered, tagged, whole or not at all, never over the original unasked
    `preview`      a file -> small RGB picture for the screen
    `Prefetcher`    photos one after the other, the next one decoded meanwhile
    `find_photos`  files and folders -> sorted list of photo files
    `survey`       the same, with the files that were left out and why
    `capture_time` when a photo was taken

Who does what
    photo.py        `Photo` and `Metadata`, the values
    source.py       where a photo's pixels come from, by rows; strips shared out among the cores
    small.py        the small copy of a photo that is not yet a tensor
    kinds.py        what a file is, by its first bytes, and which suffixes are photos
    finding.py      walking folders
    reading.py      `read`: checks, dispatch, upright
    prefetch.py     `Prefetcher`
    preview.py      `preview`: the same at screen size, 8 bit and sooner
    jpeg.py         what libjpeg finds wrong with a JPEG that can be read
    png_repair.py   a copy that Pillow reads of a PNG whose pixels are whole
    raster.py       8 bits a channel, through Pillow
    tiff.py         what a TIFF's header says; 16 bit TIFF, through tifffile
    png.py          PNG chunks; 16 bit PNG, through imagecodecs
    isobmff.py      HEIC, through pillow-heif, and the colour box of AVIF
    raw.py          camera RAW, through rawpy
    profiles.py     ICC profiles -> sRGB, in 8 and 16 bit
    icc.py          ICC profiles built from primaries and a curve
    metadata/       EXIF, XMP, IPTC, comments and texts, copied as they are
    orientation.py  the eight EXIF orientations
    tensors.py      float pixels -> 8 and 16 bit arrays, strip by strip, with dither
    writing.py      `write`: checks and dispatch
    encoders.py     one function per 8 bit format
    deep.py         16 bit PNG and TIFF
    capture.py      when a photo was taken, of every format
    guard.py        decoder failures become `PhotoError`; what C libraries print is heard
"""

from retouch_aes.photo.capture import CaptureTime, capture_time
from retouch_aes.photo.finding import Survey, find_photos, survey
from retouch_aes.photo.kinds import RAW_SUFFIXES, READ_SUFFIXES, WRITE_SUFFIXES
from retouch_aes.photo.metadata import Metadata
from retouch_aes.photo.photo import Photo
from retouch_aes.photo.prefetch import Prefetcher
from retouch_aes.photo.preview import preview
from retouch_aes.photo.reading import MAX_PIXELS, read
from retouch_aes.photo.writing import write

__all__ = [
    "MAX_PIXELS",
    "RAW_SUFFIXES",
    "READ_SUFFIXES",
    "WRITE_SUFFIXES",
    "CaptureTime",
    "Metadata",
    "Photo",
    "Prefetcher",
    "Survey",
    "capture_time",
    "find_photos",
    "preview",
    "read",
    "survey",
    "write",
]

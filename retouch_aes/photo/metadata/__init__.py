"""Metadata is copied, not rewritten: entry by entry, with type and bytes; only what is no longer so changes.

What changes: orientation, size, colour space, thumbnail and resolution; face regions and subject areas, which
turn with the pixels; and whatever announces a film, a gain map or a depth map that is not kept.

    metadata.py        `Metadata`, the value
    reading.py         what a file of each format says
    corrections.py     `upright` after reading, `for_srgb` before writing
    writing.py         what each format can carry, and what has no place in it
    containers.py      where the parts of JPEG, PNG and WebP lie, and boxes
    tiff_directory.py  TIFF directories, read without trust
    exif.py            EXIF blocks changed in place
    exif_block.py      EXIF blocks built entry by entry
    maker_note.py      maker notes that are moved
    tiff_writing.py    metadata into a TIFF
    jpeg_segments.py   segments of a JPEG
    png_chunks.py      chunks of a PNG
    isobmff_items.py   the items of HEIC and AVIF
    isobmff_writing.py  a HEIC or AVIF out of items
    isobmff_orientation.py  how their picture is turned
    isobmff_gain_maps.py  HDR gain maps in HEIC and AVIF
    dng.py             the maker note of a converted DNG
    cr3.py             where Canon's CR3 keeps EXIF and XMP
    photoshop.py       Photoshop's "8BIM" blocks
    iptc.py            IPTC-IIM records
    xmp_packet.py      an XMP packet as a tree over its own bytes
    xmp_extended.py    XMP longer than a JPEG segment
    xmp.py             XMP that describes a picture which is changed
    gain_maps.py       HDR gain maps, which are kept in JPEG
    gain_map_numbers.py  the numbers by which they are applied
    payloads.py        films and depth maps, which are not kept
    turning.py         points and rectangles under the eight orientations

Libraries that were looked at, and why this is our own code:

* exiv2 does all of it; it and its bindings for Python (`exiv2`, `pyexiv2`, `py3exiv2`) are under the GPL,
  which does not fit a library under Apache-2.0. exiftool is a Perl program to be installed beside.
* piexif (MIT) writes EXIF into JPEG and WebP alone, decodes and encodes every entry, knows only the tags of
  its table and has had no release since 2019. `exif` (MIT) patches JPEG alone; ExifRead (BSD) only reads.
* Pillow (MIT-CMU), which decodes our pixels, has no entry by entry copy: its writer decodes texts (and
  damages what is not ASCII), drops types it does not expect and moves maker notes without their offsets.
* tifffile (BSD-3) reads any TIFF tag, but writes no EXIF or GPS directory, and is an optional package here.
* python-xmp-toolkit (BSD) needs the C library Exempi. XMP is XML, and the standard library's expat reads it.
"""

from retouch_aes.photo.metadata.metadata import Metadata

__all__ = ["Metadata"]

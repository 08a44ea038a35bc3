"""The maker note of a RAW file that Adobe's programs have turned into a DNG.

They move it out of EXIF into DNGPrivateData: "Adobe", a zero byte, then records of a four letter name, a
length and a value. In the record "MakN" the note follows its byte order and the offset where it lay.
"""

import struct

from retouch_aes.photo.metadata.exif_block import Branch
from retouch_aes.photo.metadata.tiff_directory import UNDEFINED, Value

PRIVATE_DATA = 50740
_MAKER_NOTE = 0x927C
_MOST = 100  # records


def maker_note(private: bytes) -> Branch:
    """The maker note in the value of DNGPrivateData, as an entry of an Exif directory; empty without one."""
    if not private.startswith(b"Adobe\x00"):
        return Branch()
    at = 6
    for _ in range(_MOST):
        if at + 8 > len(private):
            break
        name, length = struct.unpack_from(">4sI", private, at)
        record = private[at + 8 : at + 8 + length]
        if name == b"MakN" and len(record) == length > 6:
            (offset,) = struct.unpack_from(">I", record, 2)
            note = record[6:]
            return Branch((Value(_MAKER_NOTE, UNDEFINED, len(note), note),), {_MAKER_NOTE: offset})
        at += 8 + length + length % 2
    return Branch()

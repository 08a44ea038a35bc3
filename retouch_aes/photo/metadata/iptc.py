"""IPTC-IIM records: where one begins and ends, whoever padded it or swapped its bytes (IPTC-IIM 4.2).

A record is a run of datasets: the byte 1C, record, dataset, length (or the length of the length), value.
"""

_MARK = 0x1C


def record(data: bytes, swapped: str = "") -> bytes:
    """The datasets at the start of `data`, without what pads them; b"" where there are none.

    TIFF often keeps them as 32 bit words, and some programs write these in the file's byte order: with
    `swapped` the four bytes of each word are turned round where only that makes sense.
    """
    if swapped and data[:1] != b"\x1c" and data[3:4] == b"\x1c":
        whole = data[: len(data) // 4 * 4]
        data = b"".join(whole[at : at + 4][::-1] for at in range(0, len(whole), 4))
    end = 0
    while end + 5 <= len(data) and data[end] == _MARK:
        length, start = int.from_bytes(data[end + 3 : end + 5], "big"), end + 5
        if length & 0x8000:
            start += length & 0x7FFF
            length = int.from_bytes(data[end + 5 : min(start, end + 13)], "big")
        if start + length > len(data):
            break
        end = start + length
    return data[:end]

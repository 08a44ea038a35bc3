"""Plain mutation: bytes, texts and JSON values that are a little wrong, from a seeded generator."""

import json
import zlib
from collections.abc import Callable
from random import Random
from typing import Any

from structures import gently

NUMBERS = (
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\x80\0\0\0",
    b"\0\0\0\x01",
    b"\xff\xff\0\0",
)
WORDS = (
    *(
        "",
        "\0",
        "\x1b[2J",
        "a" * 3000,
        "../../etc/passwd",
        "C:\\CON",
        "\ud800",
        "é" * 300,
        "1e999",
        "-0",
        "NaN",
    ),
    *("9" * 400, "null", "[]", "=cmd()", "%00", "\ufeff", "\u202e", "🙂"),
)


def odd_value(random: Random, depth: int = 0) -> Any:
    """A value that a JSON file may hold and nobody expects."""
    plain: list[Any] = [
        *(None, True, False, 0, -1, 1e308, -1e-308, 10**400, float("nan"), float("inf"), 2**63, 0.5),
        *(random.choice(WORDS), [], {}),
    ]
    if depth < 3 and random.random() < 0.3:
        return [odd_value(random, depth + 1) for _ in range(random.randrange(4))]
    if depth < 3 and random.random() < 0.2:
        return {random.choice(WORDS): odd_value(random, depth + 1) for _ in range(random.randrange(3))}
    if random.random() < 0.02:
        deep: Any = 1
        for _ in range(500):
            deep = [deep]
        return deep
    return random.choice(plain)


def spoilt(value: Any, random: Random) -> Any:
    """A JSON value with one node replaced, removed, doubled or renamed."""
    if isinstance(value, dict) and value and random.random() < 0.9:
        copy = dict(value)
        key = random.choice(list(copy))
        turn = random.random()
        if turn < 0.15:
            del copy[key]
        elif turn < 0.25:
            copy[random.choice(WORDS) or "other"] = copy.pop(key)
        else:
            copy[key] = spoilt(copy[key], random)
        return copy
    if isinstance(value, list) and value and random.random() < 0.9:
        copy_list, at = list(value), random.randrange(len(value))
        if random.random() < 0.2:
            copy_list.insert(at, value[at])
        else:
            copy_list[at] = spoilt(value[at], random)
        return copy_list
    return odd_value(random)


def spoilt_json(text: bytes, random: Random) -> bytes:
    """JSON with one node spoilt, else with bytes mutated."""
    try:
        value = json.loads(text)
    except ValueError:
        return mutated(text, random)
    changed = json.dumps(spoilt(value, random), ensure_ascii=random.random() < 0.8)
    return changed.encode("utf-8", "surrogatepass")


def mutated(data: bytes, random: Random, others: tuple[bytes, ...] = ()) -> bytes:
    """`data` after one gentle harm, or one to four rude ones."""
    if random.random() < 0.4:
        return gently(data, random)
    out = bytearray(data)
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        if not out:
            break
        random.choice(_HARMS)(out, random, others)
    return bytes(out)


def with_check_sums(data: bytes) -> bytes:
    """A PNG whose chunks have the check sums they should have, as far as it goes."""
    out, at = bytearray(data), 8
    while at + 12 <= len(out):
        end = at + 8 + int.from_bytes(out[at : at + 4], "big")
        if end + 4 > len(out):
            break
        out[end : end + 4] = zlib.crc32(out[at + 4 : end]).to_bytes(4, "big")
        at = end + 4
    return bytes(out)


Harm = Callable[[bytearray, Random, tuple[bytes, ...]], None]


def _place(out: bytearray, random: Random) -> int:
    """Half of all harms fall into the first part, where headers are."""
    return random.randrange(min(len(out), 400) if random.random() < 0.5 else len(out))


def _flip(out: bytearray, random: Random, _: tuple[bytes, ...]) -> None:
    out[_place(out, random)] ^= 1 << random.randrange(8)


def _byte(out: bytearray, random: Random, _: tuple[bytes, ...]) -> None:
    out[_place(out, random)] = random.choice((0, 1, 0x7F, 0x80, 0xFE, 0xFF, random.randrange(256)))


def _number(out: bytearray, random: Random, _: tuple[bytes, ...]) -> None:
    at = _place(out, random)
    out[at : at + 4] = random.choice(NUMBERS)


def _zeros(out: bytearray, random: Random, _: tuple[bytes, ...]) -> None:
    at = random.randrange(len(out))
    length = random.choice((4, 64, 4096, len(out)))
    out[at : at + length] = bytes(len(out[at : at + length]))


def _cut(out: bytearray, random: Random, _: tuple[bytes, ...]) -> None:
    del out[random.randrange(len(out)) :]


def _remove(out: bytearray, random: Random, _: tuple[bytes, ...]) -> None:
    at = _place(out, random)
    del out[at : at + random.choice((1, 2, 4, 100))]


def _double(out: bytearray, random: Random, _: tuple[bytes, ...]) -> None:
    at, length = _place(out, random), random.choice((1, 8, 200, 5000))
    out[at:at] = out[at : at + length]


def _insert(out: bytearray, random: Random, _: tuple[bytes, ...]) -> None:
    at = _place(out, random)
    word = random.choice(WORDS).encode("utf-8", "surrogatepass")
    out[at:at] = random.choice((random.randbytes(random.randrange(1, 20)), word))


def _splice(out: bytearray, random: Random, others: tuple[bytes, ...]) -> None:
    if others:
        other = random.choice(others)
        at, start = _place(out, random), random.randrange(max(1, len(other)))
        out[at:] = other[start:]


_HARMS: tuple[Harm, ...] = (
    _flip,
    _flip,
    _byte,
    _byte,
    _number,
    _number,
    _zeros,
    _cut,
    _remove,
    _double,
    _insert,
    _splice,
)

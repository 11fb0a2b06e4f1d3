"""The part of SCALE that settlement uses, and the same values as the JSON of the vectors has them.

A `Codec` knows one type in both forms. Decoding is strict: what has two encodings would have two hashes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar, get_type_hints

T = TypeVar("T")


class Malformed(ValueError):
    """Bytes or JSON that are no value of their type."""


class Reader:
    """Bytes, and how far they have been read."""

    __slots__ = ("data", "at")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        taken = self.data[self.at : self.at + count]
        if len(taken) != count:
            raise Malformed(f"ends {count - len(taken)} bytes early")
        self.at += count
        return taken

    def number(self, length: int) -> int:
        return int.from_bytes(self.take(length), "little")

    def compact(self) -> int:
        first = self.number(1)
        mode = first & 3
        if mode == 0:
            return first >> 2
        if mode == 3:
            length = (first >> 2) + 4
            value = self.number(length)
            least = 2 ** max(30, 8 * (length - 1))
        else:
            value = (first | self.number((1, 3)[mode - 1]) << 8) >> 2
            least = (2**6, 2**14)[mode - 1]
        if value < least:
            raise Malformed("a compact number has a shorter form")
        return value

    def end(self) -> None:
        if self.at != len(self.data):
            raise Malformed(f"{len(self.data) - self.at} bytes too many")


def compact(value: int) -> bytes:
    """A number in its shortest form."""
    if value < 0:
        raise Malformed(f"{value} is negative")
    for mode, (bits, length) in enumerate(((6, 1), (14, 2), (30, 4))):
        if value < 2**bits:
            return (value << 2 | mode).to_bytes(length, "little")
    length = (value.bit_length() + 7) // 8
    return bytes([(length - 4) << 2 | 3]) + value.to_bytes(length, "little")


@dataclass(frozen=True)
class Codec(Generic[T]):
    """A type: to and from bytes, to and from JSON."""

    encode: Callable[[T], bytes]
    read: Callable[[Reader], T]
    parse: Callable[[Any], T]
    show: Callable[[T], Any]

    def decode(self, data: bytes) -> T:
        reader = Reader(data)
        value = self.read(reader)
        reader.end()
        return value


def _number(bits: int, encode: Callable[[int], bytes], read: Callable[[Reader], int]) -> Codec[int]:
    def checked(value: int) -> int:
        if not 0 <= value < 2**bits:
            raise Malformed(f"{value} is no number of {bits} bits")
        return value

    return Codec(
        encode=lambda value: encode(checked(value)),
        read=lambda reader: checked(read(reader)),
        parse=lambda value: checked(int(value)),
        show=str if bits > 32 else int,
    )


def compact_number(bits: int) -> Codec[int]:
    return _number(bits, compact, Reader.compact)


def fixed_number(bits: int) -> Codec[int]:
    return _number(bits, lambda value: value.to_bytes(bits // 8, "little"), lambda reader: reader.number(bits // 8))


def from_hex(text: str) -> bytes:
    if not text.startswith("0x"):
        raise Malformed(f"{text[:20]!r} is not hexadecimal with 0x before it")
    return bytes.fromhex(text[2:])


def to_hex(data: bytes) -> str:
    return "0x" + data.hex()


def _exactly_32(data: bytes) -> bytes:
    if len(data) != 32:
        raise Malformed(f"a hash has 32 bytes, not {len(data)}")
    return data


def _read_bool(reader: Reader) -> bool:
    value = reader.number(1)
    if value > 1:
        raise Malformed(f"{value} is neither true nor false")
    return value == 1


HASH: Codec[bytes] = Codec(
    encode=_exactly_32,
    read=lambda reader: reader.take(32),
    parse=lambda text: _exactly_32(from_hex(text)),
    show=to_hex,
)

BOOL: Codec[bool] = Codec(encode=lambda value: bytes([value]), read=_read_bool, parse=bool, show=bool)

BYTES: Codec[bytes] = Codec(
    encode=lambda data: compact(len(data)) + data,
    read=lambda reader: reader.take(reader.compact()),
    parse=from_hex,
    show=to_hex,
)


def list_of(item: Codec[T], most: int | None = None) -> Codec[list[T]]:
    def counted(count: int) -> int:
        if most is not None and count > most:
            raise Malformed(f"a list has {count} items, at most {most} are allowed")
        return count

    return Codec(
        encode=lambda values: compact(counted(len(values))) + b"".join(map(item.encode, values)),
        read=lambda reader: [item.read(reader) for _ in range(counted(reader.compact()))],
        parse=lambda values: [item.parse(value) for value in values],
        show=lambda values: [item.show(value) for value in values],
    )


def option_of(item: Codec[T]) -> Codec[T | None]:
    return Codec(
        encode=lambda value: b"\0" if value is None else b"\1" + item.encode(value),
        read=lambda reader: item.read(reader) if _read_bool(reader) else None,
        parse=lambda value: None if value is None else item.parse(value),
        show=lambda value: None if value is None else item.show(value),
    )


def record(cls: type[T], **codecs: Codec[Any]) -> Codec[T]:
    """The codec of a dataclass: one codec for each of its fields, in their order."""
    names = [field.name for field in fields(cls)]  # type: ignore[arg-type]
    if names != list(codecs) or get_type_hints(cls).keys() != codecs.keys():
        raise TypeError(f"{cls.__name__} has other fields")
    readers = [codec.read for codec in codecs.values()]
    writers = [(name, codec.encode) for name, codec in codecs.items()]

    def parse(value: Any) -> T:
        if lacking := [name for name in names if name not in value]:
            raise Malformed(f"{cls.__name__} lacks {', '.join(lacking)}")
        return cls(*(codec.parse(value[name]) for name, codec in codecs.items()))

    return Codec(
        encode=lambda value: b"".join([encode(getattr(value, name)) for name, encode in writers]),
        read=lambda reader: cls(*[read(reader) for read in readers]),
        parse=parse,
        show=lambda value: {name: codec.show(getattr(value, name)) for name, codec in codecs.items()},
    )

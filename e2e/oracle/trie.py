"""A Substrate trie: layout version 1 over Blake2b with 32 bytes.

`root_of` is the rule as `settlement/vectors/README.md` words it, over all entries at once. `Trie` has the same root but
keeps its nodes, so that a step costs what it touches; it may also begin as a part, from a compact proof, and then tells
what is not there from what the proof leaves out. The tests hold one against the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

from scale import Malformed, Reader, compact

# Kinds of nodes: the header's first bits, and how many bits are left for the number of nibbles.
_LEAF = (0b01, 6)
_BRANCH = (0b10, 6)
_BRANCH_WITH_VALUE = (0b11, 6)
_HASHED_LEAF = (0b001, 5)
_HASHED_BRANCH = (0b0001, 4)

_NIBBLES = bytes.maketrans(b"0123456789abcdef", bytes(range(16)))

# Before a node, in a compact proof: its value is the next item.
_VALUE_FOLLOWS = 1


def blake2(data: bytes) -> bytes:
    """H of the documentation."""
    return blake2b(data, digest_size=32).digest()


EMPTY_ROOT = blake2(b"\0")


def nibbles_of(key: bytes) -> bytes:
    """A byte for each nibble, the high one first."""
    return key.hex().encode().translate(_NIBBLES)


def _shared(a: bytes, b: bytes) -> int:
    """How many nibbles they begin with in common."""
    for count, (x, y) in enumerate(zip(a, b)):
        if x != y:
            return count
    return min(len(a), len(b))


def _header(kind: tuple[int, int], partial: bytes) -> bytes:
    prefix, bits = kind
    count = len(partial)
    full = 2**bits - 1
    if count < full:
        head = bytes([prefix << bits | count])
    else:
        many, last = divmod(count - full, 255)
        head = bytes([prefix << bits | full]) + b"\xff" * many + bytes([last])
    padded = bytes(count % 2) + partial
    return head + bytes(high << 4 | low for high, low in zip(padded[::2], padded[1::2]))


def _is_hashed(value: bytes) -> bool:
    return len(value) > 32


def _reference(node: bytes) -> bytes:
    """A node as its parent names it."""
    return node if len(node) < 32 else blake2(node)


# --- the rule, over all entries at once


def root_of(entries: Mapping[bytes, bytes]) -> bytes:
    """The root over keys and values."""
    if not entries:
        return EMPTY_ROOT
    return blake2(_encode_all(sorted((nibbles_of(key), value) for key, value in entries.items())))


def _encode_all(entries: list[tuple[bytes, bytes]]) -> bytes:
    # Sorted, so what the first and the last share is shared by all.
    first, value = entries[0]
    depth = _shared(first, entries[-1][0])
    partial = first[:depth]
    if len(entries) == 1:
        return (
            _header(_HASHED_LEAF, partial) + blake2(value)
            if _is_hashed(value)
            else _header(_LEAF, partial) + compact(len(value)) + value
        )
    kind, payload = _BRANCH, b""
    if len(first) == depth:
        del entries[0]
        kind, payload = (
            (_HASHED_BRANCH, blake2(value))
            if _is_hashed(value)
            else (_BRANCH_WITH_VALUE, compact(len(value)) + value)
        )
    bitmap, children = 0, b""
    for nibble in range(16):
        below = [(key[depth + 1 :], value) for key, value in entries if key[depth] == nibble]
        if below:
            bitmap |= 1 << nibble
            child = _reference(_encode_all(below))
            children += compact(len(child)) + child
    return _header(kind, partial) + bitmap.to_bytes(2, "little") + payload + children


# --- the same with its nodes kept


class Missing(Exception):
    """A part of the trie that the proof leaves out was asked for."""


@dataclass(frozen=True, slots=True)
class _Hash:
    """A value or a node of which only the hash is known."""

    hash: bytes


@dataclass(slots=True)
class _Node:
    partial: bytes
    value: bytes | _Hash | None = None
    children: dict[int, _Node | _Hash] = field(default_factory=dict)
    # Its reference, until something below changes.
    known: bytes | None = None


def _encode(node: _Node) -> bytes:
    value = node.value
    leaf = not node.children
    if value is None:
        kind, payload = _BRANCH, b""
    elif isinstance(value, _Hash) or _is_hashed(value):
        kind = _HASHED_LEAF if leaf else _HASHED_BRANCH
        payload = value.hash if isinstance(value, _Hash) else blake2(value)
    else:
        kind = _LEAF if leaf else _BRANCH_WITH_VALUE
        payload = compact(len(value)) + value
    if leaf:
        return _header(kind, node.partial) + payload
    bitmap, children = 0, []
    for nibble in sorted(node.children):
        bitmap |= 1 << nibble
        child = _reference_of(node.children[nibble])
        children.append(compact(len(child)) + child)
    return b"".join((_header(kind, node.partial), bitmap.to_bytes(2, "little"), payload, *children))


def _reference_of(node: _Node | _Hash) -> bytes:
    if isinstance(node, _Hash):
        return node.hash
    if node.known is None:
        node.known = _reference(_encode(node))
    return node.known


class Trie:
    """A trie in memory, whole or in part."""

    def __init__(self, entries: Mapping[bytes, bytes] | None = None) -> None:
        self._top: _Node | _Hash | None = None
        # Nodes and values of a proof by their hashes, until they are needed.
        self._shown: dict[bytes, bytes] = {}
        for key, value in (entries or {}).items():
            self.put(key, value)

    @classmethod
    def from_proof(cls, root: bytes, proof: list[bytes]) -> Trie:
        """The part of a trie that a compact proof shows."""
        trie = cls()
        items = iter(proof)
        try:
            top = _unpack(items, trie._shown)
        except RecursionError:
            raise Malformed("the proof is deeper than any key is long") from None
        if next(items, None) is not None:
            raise Malformed("the proof has items that nothing names")
        if blake2(_encode(top)) != root:
            raise Malformed("the proof is of another trie")
        trie._top = top
        return trie

    def _look_up(self, name: _Hash) -> bytes:
        data = self._shown.get(name.hash)
        if data is None:
            raise Missing(name.hash.hex())
        return data

    def _open(self, node: _Node | _Hash) -> _Node:
        if isinstance(node, _Node):
            return node
        return _decode(self._look_up(node))

    def root(self) -> bytes:
        return EMPTY_ROOT if self._top is None else blake2(_encode(self._open(self._top)))

    def get(self, key: bytes) -> bytes | None:
        node = self._top
        rest = nibbles_of(key)
        while node is not None:
            node = self._open(node)
            if not rest.startswith(node.partial):
                return None
            rest = rest[len(node.partial) :]
            if not rest:
                return self._look_up(node.value) if isinstance(node.value, _Hash) else node.value
            node, rest = node.children.get(rest[0]), rest[1:]
        return None

    def put(self, key: bytes, value: bytes) -> None:
        self._top = self._put(self._top, nibbles_of(key), value)

    def _put(self, place: _Node | _Hash | None, rest: bytes, value: bytes) -> _Node:
        if place is None:
            return _Node(rest, value)
        node = self._open(place)
        node.known = None
        depth = _shared(node.partial, rest)
        if depth < len(node.partial):
            # It parts ways with the key inside its prefix: a branch comes between.
            branch = _Node(node.partial[:depth], children={node.partial[depth]: node})
            node.partial = node.partial[depth + 1 :]
            node = branch
        if depth == len(rest):
            node.value = value
        else:
            nibble = rest[depth]
            node.children[nibble] = self._put(node.children.get(nibble), rest[depth + 1 :], value)
        return node

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """Keys and values of a whole trie, in the order of keys."""

        def below(place: _Node | _Hash, path: bytes) -> Iterator[tuple[bytes, bytes]]:
            node = self._open(place)
            path += node.partial
            if node.value is not None:
                value = self._look_up(node.value) if isinstance(node.value, _Hash) else node.value
                yield bytes(high << 4 | low for high, low in zip(path[::2], path[1::2])), value
            for nibble in sorted(node.children):
                yield from below(node.children[nibble], path + bytes([nibble]))

        if self._top is not None:
            yield from below(self._top, b"")


# --- reading nodes


def _next(items: Iterator[bytes]) -> bytes:
    item = next(items, None)
    if item is None:
        raise Malformed("the proof ends early")
    return item


def _unpack(items: Iterator[bytes], shown: dict[bytes, bytes]) -> _Node:
    """The node that is the next item; it and all that follows below it is added to what is shown.

    What is twice in a trie, such as payers who bought nothing yet, may be once in the proof: hence the lookup by hash.
    """
    data = _next(items)
    value_follows = data[:1] == bytes([_VALUE_FOLLOWS])

    def child_that_follows() -> _Node | _Hash:
        child = _encode(_unpack(items, shown))
        return _Hash(blake2(child)) if len(child) >= 32 else _decode(child)

    def value_that_follows(kept: bytes | _Hash | None) -> _Hash:
        # Its place is kept by an empty value.
        if kept != b"":
            raise Malformed("a value follows where there is one, or none belongs")
        value = _next(items)
        if not _is_hashed(value):
            raise Malformed("a value follows that belongs into its node")
        shown[blake2(value)] = value
        return _Hash(blake2(value))

    node = _decode(
        data[1:] if value_follows else data, value_that_follows if value_follows else None, child_that_follows
    )
    encoded = _encode(node)
    shown[blake2(encoded)] = encoded
    return node


def _decode(
    data: bytes,
    value_that_follows: Callable[[bytes | _Hash | None], _Hash] | None = None,
    child_that_follows: Callable[[], _Node | _Hash] | None = None,
) -> _Node:
    """A node of its bytes; in a compact proof also of what follows them."""
    reader = Reader(data)
    first = reader.number(1)
    for kind in (_LEAF, _BRANCH, _BRANCH_WITH_VALUE, _HASHED_LEAF, _HASHED_BRANCH):
        prefix, bits = kind
        if first >> bits == prefix:
            break
    else:
        raise Malformed(f"no node begins with {first:#04x}")
    count = first & (full := 2**bits - 1)
    if count == full:
        more = 255
        while more == 255:
            more = reader.number(1)
            count += more
    path = nibbles_of(reader.take((count + 1) // 2))
    if count % 2 and path[0]:
        raise Malformed("the first nibble of an odd number is padded with something")
    node = _Node(path[count % 2 :])
    bitmap = 0
    if kind in (_BRANCH, _BRANCH_WITH_VALUE, _HASHED_BRANCH):
        bitmap = reader.number(2)
        if not bitmap:
            raise Malformed("a branch has no children")
    if kind in (_HASHED_LEAF, _HASHED_BRANCH):
        node.value = _Hash(reader.take(32))
    elif kind != _BRANCH:
        node.value = reader.take(reader.compact())
    if value_that_follows is not None:
        node.value = value_that_follows(node.value)
    for nibble in range(16):
        if bitmap >> nibble & 1:
            child = reader.take(reader.compact())
            if not child and child_that_follows is not None:
                node.children[nibble] = child_that_follows()
            elif len(child) == 32:
                node.children[nibble] = _Hash(child)
            elif len(child) < 32:
                node.children[nibble] = _decode(child)
            else:
                raise Malformed("a child is named by more than 32 bytes")
    reader.end()
    return node

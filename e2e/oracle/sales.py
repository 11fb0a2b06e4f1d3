"""Files of sales: the receipts behind a batch with what was sold, and which contents it cites.

```text
olsales1                     8 bytes
payers                       list of accounts, ascending: a receipt's payer is the place here
sales, to the end            each: Receipt, output (list of bytes), Citations
```

A private receipt may be without output and citations: its payer keeps them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from records import CITATION, RECEIPT, Citation, Receipt
from scale import BYTES, HASH, Malformed, Reader, list_of, record
from settlement import Refused, leaf_of, matches_of, retrieval_credits, tree_root
from trie import blake2

MAGIC = b"olsales1"
CHUNK = 1_024

_PAYERS = list_of(HASH)


@dataclass(frozen=True, slots=True)
class Sale:
    """A receipt with what stands behind it."""

    receipt: Receipt
    output: bytes
    citations: list[Citation]


SALE = record(Sale, receipt=RECEIPT, output=BYTES, citations=list_of(CITATION, 255))


def content_name(data: bytes) -> bytes:
    """The name of a content: its size, and a tree over chunks of 1 KiB."""
    leaves = [leaf_of(at // CHUNK, data[at : at + CHUNK]) for at in range(0, len(data), CHUNK)]
    if not leaves:
        raise Refused("there is no empty content")
    return blake2(len(data).to_bytes(8, "little") + tree_root(leaves))


class Sales:
    """A file of sales: its payers, then one sale after the other."""

    def __init__(self, data: bytes) -> None:
        self._reader = Reader(data)
        if self._reader.take(len(MAGIC)) != MAGIC:
            raise Malformed(f"a file of sales begins with {MAGIC.decode()}")
        self.payers = _PAYERS.read(self._reader)

    def __iter__(self) -> Iterator[Sale]:
        while self._reader.at < len(self._reader.data):
            yield SALE.read(self._reader)


def wrong_with(sale: Sale, top: int) -> str | None:
    """What of a sale does not fit its receipt, as far as it is in the file; of what is not private, all must be."""
    receipt = sale.receipt
    private = receipt.core.private
    if sale.output or not private:
        if not sale.output:
            return "no output, and it is not private"
        if content_name(sale.output) != receipt.core.output:
            return "its output has another name"
    if sale.citations or not private:
        if matches_of(sale.citations) != receipt.matches:
            return "its citations have another hash"
        if not follows(receipt, sale.citations, top):
            return "its credits do not follow from its citations"
    return None


def follows(receipt: Receipt, citations: list[Citation], top: int) -> bool:
    """Whether a receipt's credits and its rest are those of the citations."""
    try:
        return retrieval_credits(citations, top) == (receipt.credits, receipt.rest)
    except Refused:
        return False

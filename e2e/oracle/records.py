"""What settlement computes with, and how it is encoded.

The names are those of `settlement/vectors/README.md`. It does not say how many bits a compact number may have; the
widths here are those of the keys and of the numbers' other encodings.
"""

from __future__ import annotations

from dataclasses import dataclass

from scale import BOOL, BYTES, HASH, Codec, compact_number, fixed_number, list_of, option_of, record

LIMIT = 2**60
MAX_CREDITS = 16
STEP = 32

_c16, _c32, _c64 = compact_number(16), compact_number(32), compact_number(64)
_u64 = fixed_number(64)


@dataclass(frozen=True, slots=True)
class Core:
    """What a payer buys."""

    version: int
    epoch: int
    tokens_in: int
    tokens_out: int
    fee: int
    output: bytes
    private: bool


CORE = record(
    Core, version=_c32, epoch=_c32, tokens_in=_c32, tokens_out=_c32, fee=_c64, output=HASH, private=BOOL
)


@dataclass(frozen=True, slots=True)
class Credit:
    """Whose the answer is, in part."""

    datanet: int
    index: int
    weight: int


CREDIT = record(Credit, datanet=_c32, index=_c32, weight=_c32)


@dataclass(frozen=True, slots=True)
class Receipt:
    """One inference."""

    payer: int
    core: Core
    credits: list[Credit]
    rest: int
    matches: bytes


RECEIPT = record(
    Receipt, payer=_c16, core=CORE, credits=list_of(CREDIT, MAX_CREDITS), rest=_c32, matches=HASH
)
RECEIPTS = list_of(RECEIPT)


@dataclass(frozen=True, slots=True)
class Bought:
    """All that a payer has bought so far from the model."""

    count: int
    cumulative: int
    head: bytes


BOUGHT = record(Bought, count=_u64, cumulative=_u64, head=HASH)
NOTHING_BOUGHT = Bought(0, 0, bytes(32))


@dataclass(frozen=True, slots=True)
class Purchase:
    """What a payer had bought before a batch, and has behind it."""

    before: Bought
    after: Bought


PURCHASE = record(Purchase, before=BOUGHT, after=BOUGHT)


@dataclass(frozen=True, slots=True)
class Earned:
    """What a contribution earns in a batch."""

    disclosed: int
    private: int


EARNED = record(Earned, disclosed=_u64, private=_u64)


@dataclass(frozen=True, slots=True)
class Increase:
    """The same as it is submitted, with the contribution's name."""

    datanet: int
    index: int
    disclosed: int
    private: int


INCREASE = record(Increase, datanet=_c32, index=_c32, disclosed=_c64, private=_c64)
DIFF = list_of(INCREASE)


@dataclass(frozen=True, slots=True)
class Totals:
    """What all receipts of a batch come to."""

    receipts: int
    fees: int
    platform: int
    stakers: int
    model: int
    commons: int


def _totals(number: Codec[int]) -> Codec[Totals]:
    return record(
        Totals, receipts=number, fees=number, platform=number, stakers=number, model=number, commons=number
    )


TOTALS = _totals(_c64)
TOTALS_IN_STATE = _totals(_u64)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A step in the trace."""

    receipts: bytes
    state: bytes


LEAF = record(Leaf, receipts=HASH, state=HASH)
PROOF = list_of(HASH)


@dataclass(frozen=True, slots=True)
class Trace:
    """What the chain keeps of a batch's execution."""

    first: bytes
    root: bytes
    receipts: int


TRACE = record(Trace, first=HASH, root=HASH, receipts=_c64)


@dataclass(frozen=True, slots=True)
class Submitted:
    """What is submitted of the trace; the chain computes the first and the last root itself."""

    root: bytes
    last_receipts: bytes
    proof: list[bytes]


SUBMITTED = record(Submitted, root=HASH, last_receipts=HASH, proof=PROOF)


@dataclass(frozen=True, slots=True)
class Citation:
    """A chunk that was retrieved for an answer."""

    datanet: int
    index: int
    chunk: int
    leaf: bytes
    score: int


CITATION = record(Citation, datanet=_c32, index=_c32, chunk=_c32, leaf=HASH, score=_c32)
CITATIONS = list_of(CITATION)


@dataclass(frozen=True, slots=True)
class ProvenLeaf:
    """A leaf of the trace with the hashes beside its way up."""

    leaf: Leaf
    proof: list[bytes]


@dataclass(frozen=True, slots=True)
class Opening:
    """Everything that one step needs to be executed again."""

    step: int
    receipts: list[Receipt]
    state: bytes
    proof: list[bytes]
    before: ProvenLeaf | None
    nodes: list[bytes]


OPENING = record(
    Opening,
    step=_c32,
    receipts=RECEIPTS,
    state=HASH,
    proof=PROOF,
    before=option_of(record(ProvenLeaf, leaf=LEAF, proof=PROOF)),
    nodes=list_of(BYTES),
)


@dataclass(frozen=True, slots=True)
class Price:
    """Of 1,000 tokens, in nano-OPEN."""

    rate_in: int
    rate_out: int


@dataclass(frozen=True, slots=True)
class Terms:
    """How a fee is split; shares in millionths."""

    platform_fee: int
    stakers: int
    model: int
    operator: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A datanet at a number of contributions."""

    datanet: int
    length: int


@dataclass(frozen=True, slots=True)
class Context:
    """What is the same for all receipts of a batch."""

    version: int
    epoch: int
    price: Price
    terms: Terms
    snapshots: list[Snapshot]


PRICE = record(Price, rate_in=_u64, rate_out=_u64)
TERMS = record(Terms, platform_fee=_u64, stakers=_c32, model=_c32, operator=_c32)
SNAPSHOT = record(Snapshot, datanet=_c32, length=_c32)
CONTEXT = record(
    Context, version=_c32, epoch=_c32, price=PRICE, terms=TERMS, snapshots=list_of(SNAPSHOT)
)

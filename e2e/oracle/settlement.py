"""The rule of settlement, written from `settlement/vectors/README.md` and sharing nothing with the crate.

Amounts are in nano-OPEN, shares in millionths; every division rounds down.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from poseidon2 import P, compress
from records import (
    BOUGHT,
    CITATIONS,
    EARNED,
    LEAF,
    LIMIT,
    MAX_CREDITS,
    NOTHING_BOUGHT,
    RECEIPTS,
    STEP,
    TOTALS_IN_STATE,
    Bought,
    Citation,
    Context,
    Core,
    Credit,
    Earned,
    Increase,
    Leaf,
    Price,
    Purchase,
    Receipt,
    Submitted,
    Terms,
    Totals,
    Trace,
)
from scale import Codec, Malformed
from trie import Trie, blake2

T = TypeVar("T")

MILLION = 10**6
WEIGHT_LIMIT = 2**20

WRONG = (
    *("Payer", "Version", "Epoch", "Fee", "Credits", "OutsideSnapshots", "Overflow", "Count", "Root", "Sum"),
    "Match",
)


class Refused(ValueError):
    """Input without a result: the `null` of the vectors."""


class Wrong(Exception):
    """A receipt that does not follow the rule."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


# --- money


def possible(amount: int) -> int:
    """The amount, if there can be as much."""
    if not 0 <= amount < LIMIT:
        raise Refused(f"{amount} is no possible amount")
    return amount


def part(share: int, amount: int) -> int:
    """A share of an amount, in millionths."""
    return amount * share // MILLION


def fee_of(price: Price, tokens_in: int, tokens_out: int, platform_fee: int) -> int:
    """What an inference costs."""
    return possible(
        tokens_in * price.rate_in // 1000 + tokens_out * price.rate_out // 1000 + platform_fee
    )


@dataclass(frozen=True, slots=True)
class Split:
    """Who gets what of a fee."""

    platform: int
    stakers: int
    model: int
    contributors: int


def split(fee: int, terms: Terms) -> Split:
    """Contributors get what the others leave, dust included."""
    net = fee - terms.platform_fee
    stakers, model = part(terms.stakers, net), part(terms.model, net)
    contributors = net - stakers - model
    if net < 0 or contributors < 0:
        raise Refused("the shares are more than the fee")
    return Split(terms.platform_fee, stakers, model, contributors)


@dataclass(frozen=True, slots=True)
class Payouts:
    """What credits get of the contributors' share."""

    payouts: list[int]
    commons: int
    total_weight: int


def payouts(contributors: int, credited: Sequence[Credit], rest: int) -> Payouts:
    """The commons get what is left, which is everything if nobody is credited."""
    names = [(credit.datanet, credit.index) for credit in credited]
    total = rest + sum(credit.weight for credit in credited)
    if len(credited) > MAX_CREDITS:
        raise Refused(f"{len(credited)} credits")
    if any(a >= b for a, b in zip(names, names[1:])):
        raise Refused("credits do not ascend")
    if any(credit.weight == 0 for credit in credited) or total >= WEIGHT_LIMIT:
        raise Refused("a weight is zero, or they are too large together")
    paid = [contributors * credit.weight // total for credit in credited]
    return Payouts(paid, contributors - sum(paid), total)


@dataclass(frozen=True, slots=True)
class Royalty:
    """What an ancestor takes: of what the operator has left (0), or of what an ancestor before it takes (from 1)."""

    source: int
    royalty: int


@dataclass(frozen=True, slots=True)
class ModelParts:
    """Who gets what of the model's share."""

    operator: int
    ancestors: list[int]
    owner: int


def model_parts(share: int, operator: int, royalties: Sequence[Royalty]) -> ModelParts:
    """Each royalty is taken of the whole amount, not of what others left; `kept` is what everyone ends with."""
    operator_part = part(operator, share)
    taken = [share - operator_part]
    kept = list(taken)
    for royalty in royalties:
        if royalty.source >= len(taken):
            raise Refused("a royalty of what comes behind it")
        amount = part(royalty.royalty, taken[royalty.source])
        kept[royalty.source] -= amount
        taken.append(amount)
        kept.append(amount)
    if min(kept) < 0:
        raise Refused("the royalties are more than there is")
    owner, *ancestors = kept
    return ModelParts(operator_part, ancestors, owner)


# --- the method Retrieval


def matches_of(citations: list[Citation]) -> bytes:
    """What a receipt commits to."""
    return blake2(CITATIONS.encode(citations))


def retrieval_credits(citations: Sequence[Citation], top: int) -> tuple[list[Credit], int]:
    """The credits that follow from citations, and the rest."""
    places = [(citation.datanet, citation.index, citation.chunk) for citation in citations]
    if len(citations) > top or any(a >= b for a, b in zip(places, places[1:])):
        raise Refused("too many citations, or they do not ascend")
    weights: dict[tuple[int, int], int] = {}
    for citation in citations:
        if citation.score == 0:
            raise Refused("a score is zero")
        name = citation.datanet, citation.index
        weights[name] = weights.get(name, 0) + citation.score
    total = sum(weights.values())
    if total >= WEIGHT_LIMIT:
        raise Refused("the scores are too large together")
    largest = sorted(weights, key=lambda name: (-weights[name], name))[:MAX_CREDITS]
    credited = [Credit(*name, weights[name]) for name in sorted(largest)]
    return credited, total - sum(credit.weight for credit in credited)


# --- the chain of cores, and vouchers

TAG = 0x4F4C01
_CORE = struct.Struct("<IIIIQ?32s")
_HEAD = struct.Struct("<8I")


def core_bytes(core: Core) -> bytes:
    """The 57 bytes of a core that are hashed."""
    return _CORE.pack(
        *(core.version, core.epoch, core.tokens_in, core.tokens_out, core.fee, core.private, core.output)
    )


def core_elements(core: Core) -> list[int]:
    """The same as 24 elements of the field."""
    data = core_bytes(core)
    limbs = [int.from_bytes(data[at : at + 3], "little") for at in range(0, len(data), 3)]
    return [TAG, *limbs, 0, 0, 0, 0]


def link(head: bytes, core: Core) -> bytes:
    """The head behind one more core."""
    state = list(_HEAD.unpack(head))
    if max(state) >= P:
        raise Malformed("a head has elements outside the field")
    elements = core_elements(core)
    for block in (0, 8, 16):
        state = compress(state + elements[block : block + 8])
    return _HEAD.pack(*state)


def head_of(cores: Iterable[Core], head: bytes = NOTHING_BOUGHT.head) -> bytes:
    """The head behind all of them."""
    for core in cores:
        head = link(head, core)
    return head


def voucher_message(genesis: bytes, model: int, payer: bytes, bought: Bought) -> bytes:
    """What a payer signs."""
    return b"openledger/voucher/1" + genesis + struct.pack("<I", model) + payer + BOUGHT.encode(bought)


def wrapped(message: bytes) -> bytes:
    """The same as wallets in browsers sign it."""
    return b"<Bytes>" + message + b"</Bytes>"


# --- the working state

TOTALS_KEY = b"\2"


def payer_key(position: int) -> bytes:
    return b"\0" + position.to_bytes(2, "big")


def contribution_key(datanet: int, index: int) -> bytes:
    return b"\1" + datanet.to_bytes(4, "big") + index.to_bytes(4, "big")


class State:
    """The entries of a trie, decoded as they are needed and written back when the root is asked for."""

    def __init__(self, trie: Trie) -> None:
        self._trie = trie
        self._values: dict[bytes, Any] = {}
        self._written: dict[bytes, Codec[Any]] = {}

    def get(self, key: bytes, codec: Codec[T]) -> T | None:
        value: T | None = self._values.get(key)
        if value is None and (data := self._trie.get(key)) is not None:
            value = self._values[key] = codec.decode(data)
        return value

    def put(self, key: bytes, codec: Codec[T], value: T) -> None:
        self._values[key] = value
        self._written[key] = codec

    def root(self) -> bytes:
        for key, codec in self._written.items():
            self._trie.put(key, codec.encode(self._values[key]))
        self._written.clear()
        return self._trie.root()

    def bought(self, position: int) -> Bought:
        bought = self.get(payer_key(position), BOUGHT)
        if bought is None:
            raise Wrong("Payer", f"there is no payer {position}")
        return bought

    def totals(self) -> Totals:
        return self.get(TOTALS_KEY, TOTALS_IN_STATE) or Totals(0, 0, 0, 0, 0, 0)

    def entries(self) -> dict[bytes, bytes]:
        self.root()
        return dict(self._trie.items())


def first_state(before: Sequence[Bought]) -> State:
    """What the chain knows of the payers."""
    return State(Trie({payer_key(position): BOUGHT.encode(bought) for position, bought in enumerate(before)}))


# --- the rule


def execute(state: State, context: Context, receipts: Sequence[Receipt]) -> None:
    """Carries the state over the receipts, in order."""
    # Before the first receipt: a proof without them shows nothing of what follows.
    state.totals()
    lengths = {snapshot.datanet: snapshot.length for snapshot in context.snapshots}
    for receipt in receipts:
        _execute(state, context, lengths, receipt)


def _sum(*amounts: int) -> int:
    try:
        return possible(sum(amounts))
    except Refused as error:
        raise Wrong("Overflow", str(error)) from error


def _execute(state: State, context: Context, lengths: dict[int, int], receipt: Receipt) -> None:
    core = receipt.core
    bought = state.bought(receipt.payer)
    if core.version != context.version:
        raise Wrong("Version", f"it is of version {core.version}, the batch of {context.version}")
    if core.epoch != context.epoch:
        raise Wrong("Epoch", f"it is of epoch {core.epoch}, the batch of {context.epoch}")
    try:
        fee = fee_of(context.price, core.tokens_in, core.tokens_out, context.terms.platform_fee)
    except Refused as error:
        raise Wrong("Fee", str(error)) from error
    if core.fee != fee:
        raise Wrong("Fee", f"it says {core.fee}, its tokens cost {fee}")
    try:
        parts = split(fee, context.terms)
    except Refused as error:
        raise Wrong("Overflow", str(error)) from error
    if bought.count + 1 >= 2**64:
        raise Wrong("Overflow", "the payer's count")
    cumulative = _sum(bought.cumulative, fee)
    state.put(
        payer_key(receipt.payer), BOUGHT, Bought(bought.count + 1, cumulative, link(bought.head, core))
    )
    try:
        paid = payouts(parts.contributors, receipt.credits, receipt.rest)
    except Refused as error:
        raise Wrong("Credits", str(error)) from error
    for credit, payout in zip(receipt.credits, paid.payouts):
        if credit.index >= lengths.get(credit.datanet, 0):
            raise Wrong("OutsideSnapshots", f"it credits {credit.datanet}/{credit.index}")
        # Who earns nothing is not in the state, because a diff has no place for it.
        if payout == 0:
            continue
        key = contribution_key(credit.datanet, credit.index)
        earned = state.get(key, EARNED) or Earned(0, 0)
        disclosed, private = (0, payout) if core.private else (payout, 0)
        state.put(
            key, EARNED, Earned(_sum(earned.disclosed, disclosed), _sum(earned.private, private))
        )
    totals = state.totals()
    state.put(
        TOTALS_KEY,
        TOTALS_IN_STATE,
        Totals(
            receipts=totals.receipts + 1,
            fees=_sum(totals.fees, fee),
            platform=_sum(totals.platform, parts.platform),
            stakers=_sum(totals.stakers, parts.stakers),
            model=_sum(totals.model, parts.model),
            commons=_sum(totals.commons, paid.commons),
        ),
    )


# --- the trace


def receipts_hash(receipts: list[Receipt]) -> bytes:
    return blake2(RECEIPTS.encode(receipts))


def leaf_of(index: int, item: bytes) -> bytes:
    """An item at its place in a tree."""
    return blake2(b"\0" + index.to_bytes(4, "little") + item)


def leaf_hash(step: int, leaf: Leaf) -> bytes:
    return leaf_of(step, LEAF.encode(leaf))


def _node(left: bytes, right: bytes) -> bytes:
    return blake2(b"\1" + left + right)


def _levels(leaves: list[bytes]) -> Iterator[list[bytes]]:
    """The tree from its leaves up, without the root; a lone node moves up unchanged."""
    level = leaves
    while len(level) > 1:
        yield level
        pairs = [_node(*level[at : at + 2]) for at in range(0, len(level) - 1, 2)]
        level = pairs + level[len(level) - len(level) % 2 :]


def tree_root(leaves: list[bytes]) -> bytes:
    root = leaves
    for level in _levels(leaves):
        root = level
    return root[0] if len(root) == 1 else _node(*root)


def tree_proof(leaves: list[bytes], index: int) -> list[bytes]:
    """The hashes beside a leaf's way up."""
    proof = []
    for level in _levels(leaves):
        if index ^ 1 < len(level):
            proof.append(level[index ^ 1])
        index //= 2
    return proof


def root_by_proof(leaf: bytes, index: int, count: int, proof: Sequence[bytes]) -> bytes | None:
    """The root that a proof leads to; none if it has not exactly the hashes that the place of the leaf asks for."""
    if index >= count:
        return None
    rest = list(proof)
    node = leaf
    while count > 1:
        if index ^ 1 < count:
            if not rest:
                return None
            beside = rest.pop(0)
            node = _node(beside, node) if index % 2 else _node(node, beside)
        index, count = index // 2, (count + 1) // 2
    return None if rest else node


# --- steps, and which are drawn


def steps_in(receipts: int) -> int:
    """How many steps a batch of so many receipts has."""
    return -(-receipts // STEP)


def receipts_of(step: int, receipts: int) -> int:
    """How many of them a step has."""
    return min(STEP, receipts - step * STEP)


DRAWS = 8
_MOST_COUNTED = 1_024


def draws(seed: bytes, model: int, batch: int, receipts: int) -> list[tuple[int, int]]:
    """The steps that a batch must open, each with the place of the receipt to disclose."""
    steps = steps_in(receipts)
    drawn: dict[int, int] = {}
    for counter in range(_MOST_COUNTED):
        if len(drawn) == min(steps, DRAWS):
            break
        hashed = blake2(seed + struct.pack("<III", model, batch, counter))
        step = (int.from_bytes(hashed[:8], "little") if steps > DRAWS else counter) % steps
        drawn.setdefault(step, hashed[8] % receipts_of(step, receipts))
    return list(drawn.items())


# --- a batch


@dataclass(frozen=True)
class Batch:
    """All that follows from a batch's receipts."""

    first: bytes
    last: bytes
    leaves: list[Leaf]
    purchases: list[Purchase]
    diff: list[Increase]
    totals: Totals

    def trace(self) -> Trace:
        return Trace(self.first, tree_root(self.leaf_hashes()), self.totals.receipts)

    def leaf_hashes(self) -> list[bytes]:
        return [leaf_hash(step, leaf) for step, leaf in enumerate(self.leaves)]

    def submitted(self) -> Submitted:
        hashes = self.leaf_hashes()
        return Submitted(
            tree_root(hashes), self.leaves[-1].receipts, tree_proof(hashes, len(hashes) - 1)
        )


def steps_of(receipts: Sequence[Receipt]) -> Iterator[list[Receipt]]:
    for at in range(0, len(receipts), STEP):
        yield list(receipts[at : at + STEP])


def settle(context: Context, before: Sequence[Bought], receipts: Sequence[Receipt]) -> Batch:
    """Executes a batch; `Wrong` names the receipt that does not follow the rule."""
    if not receipts:
        raise Refused("a batch without receipts")
    lengths = {snapshot.datanet: snapshot.length for snapshot in context.snapshots}
    state = first_state(before)
    first = state.root()
    leaves = []
    credited: set[tuple[int, int]] = set()
    for number, step in enumerate(steps_of(receipts)):
        for place, receipt in enumerate(step):
            try:
                _execute(state, context, lengths, receipt)
            except Wrong as wrong:
                where = f"receipt {number * STEP + place}: {wrong.detail}"
                raise Wrong(wrong.code, where) from wrong
            credited.update((credit.datanet, credit.index) for credit in receipt.credits)
        leaves.append(Leaf(receipts_hash(step), state.root()))
    purchases = [Purchase(bought, state.bought(position)) for position, bought in enumerate(before)]
    diff = [
        Increase(*name, earned.disclosed, earned.private)
        for name in sorted(credited)
        if (earned := state.get(contribution_key(*name), EARNED)) is not None
    ]
    return Batch(first, leaves[-1].state, leaves, purchases, diff, state.totals())


def first_root(purchases: Iterable[Purchase]) -> bytes:
    """The root before a batch, of what is submitted alone."""
    return first_state([purchase.before for purchase in purchases]).root()


def last_root(purchases: Iterable[Purchase], diff: Iterable[Increase], totals: Totals) -> bytes:
    """The root behind a batch, of what is submitted alone: so payouts cannot lie apart from the trace."""
    entries = {payer_key(position): BOUGHT.encode(p.after) for position, p in enumerate(purchases)}
    for increase in diff:
        entries[contribution_key(increase.datanet, increase.index)] = EARNED.encode(
            Earned(increase.disclosed, increase.private)
        )
    entries[TOTALS_KEY] = TOTALS_IN_STATE.encode(totals)
    return Trie(entries).root()


# --- finality


@dataclass(frozen=True, slots=True)
class Standing:
    """What the record says of a contribution when its batch becomes final.

    `curators` is the part of its reviewers, `penalty` what its contributor's points take for the commons. What a voided
    one earns is the commons'. What a flagged one earns is split as usual, but withheld.
    """

    curators: int = 0
    penalty: int = 0
    voided: bool = False


@dataclass(frozen=True, slots=True)
class Earnings:
    """Who gets what of an increase."""

    earner: int
    curators: int
    commons: int


def earnings(increase: Increase, standing: Standing, attested: bool) -> Earnings:
    """What nobody vouches for, private receipts without attestors, goes to the commons.

    Curators take their part of what is earned, penalties theirs of what is left, each rounded down; the earner has the
    rest.
    """
    amount = increase.disclosed + (increase.private if attested else 0)
    unvouched = increase.disclosed + increase.private - amount
    if standing.voided:
        return Earnings(0, 0, amount + unvouched)
    curators = part(standing.curators, amount)
    penalty = part(standing.penalty, amount - curators)
    return Earnings(amount - curators - penalty, curators, penalty + unvouched)


def penalty_of(points: int) -> int:
    """What penalty points take of earnings: a tenth for each after the second, at most half."""
    return min(max(points - 2, 0) * 100_000, 500_000)

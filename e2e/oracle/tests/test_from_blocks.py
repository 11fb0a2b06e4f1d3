"""Who has earned what, from blocks that are written here byte by byte, with amounts computed by hand."""

import contextlib
import hashlib
import io
import json
import tempfile
import unittest
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import extrinsics
import sales
import settlement
from datanets import Datanets
from from_blocks import main
from lanes import Lanes
from models import Models
from records import (
    BOUGHT,
    CITATION,
    DIFF,
    NOTHING_BOUGHT,
    RECEIPT,
    SUBMITTED,
    TOTALS,
    Bought,
    Citation,
    Context,
    Core,
    Credit,
    Increase,
    Leaf,
    Opening,
    OPENING,
    Price,
    Purchase,
    Receipt,
    Snapshot,
    Submitted,
    Terms,
    Totals,
)
from scale import Malformed, Reader, list_of
from tests import vectors

# --- bytes, as documents say them


def h(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=32).digest()


def u8(value: int) -> bytes:
    return value.to_bytes(1, "little")


def u16(value: int) -> bytes:
    return value.to_bytes(2, "little")


def u32(value: int) -> bytes:
    return value.to_bytes(4, "little")


def u64(value: int) -> bytes:
    return value.to_bytes(8, "little")


def u128(value: int) -> bytes:
    return value.to_bytes(16, "little")


def compact(value: int) -> bytes:
    if value < 2**6:
        return u8(value << 2)
    if value < 2**14:
        return u16(value << 2 | 1)
    assert value < 2**30
    return u32(value << 2 | 2)


def many(*items: bytes) -> bytes:
    return compact(len(items)) + b"".join(items)


def text(data: bytes = b"") -> bytes:
    return compact(len(data)) + data


def some(data: bytes) -> bytes:
    return b"\1" + data


NONE = b"\0"
YES, NO = b"\1", b"\0"
CC_BY = b"\1"
OPEN_POLICY = b"\0" + u128(10**17) + u32(0)


def reviewed(quorum: int, curators: int) -> bytes:
    return b"\1" + u8(quorum) + u32(100) + u128(10**17) + u32(curators)


def extrinsic(signer: bytes, call: bytes, era: bytes = b"\0") -> bytes:
    address, signature = b"\0" + signer, b"\1" + bytes(64)
    nonce, tip, metadata_hash = compact(3), compact(0), b"\0"
    return text(b"\x84" + address + signature + era + nonce + tip + metadata_hash + call)


INHERENT = text(b"\x05" + bytes([2, 0]) + compact(1_700_000))


def datanets(index: int, *args: bytes) -> bytes:
    return bytes([60, index]) + b"".join(args)


def registry(index: int, *args: bytes) -> bytes:
    return bytes([61, index]) + b"".join(args)


def rewards(index: int, *args: bytes) -> bytes:
    return bytes([62, index]) + b"".join(args)


def attribution(index: int, *args: bytes) -> bytes:
    return bytes([63, index]) + b"".join(args)


def utility_batch(*calls: bytes) -> bytes:
    return bytes([50, 0]) + many(*calls)


def transfer(value: int) -> bytes:
    return bytes([10, 3]) + b"\0" + bytes(32) + compact(value)


def create(policy: bytes) -> bytes:
    return datanets(0, CC_BY, policy, text(b"Poems"), text(), many(text(b"tag")), text())


def commitment(owner: bytes, content: bytes) -> bytes:
    return h(content + salt(content) + owner)


def salt(content: bytes) -> bytes:
    return h(b"salt" + content)


def reveal_of(content: bytes) -> bytes:
    return content + salt(content) + u64(1) + b"\0" + CC_BY + text() + some(u32(0) + u32(0))


def register(parents: bytes, royalty: int, price: Price) -> bytes:
    terms, rates = YES + u32(royalty), u64(price.rate_in) + u64(price.rate_out)
    return registry(0, b"\1", parents, terms, rates, text(b"Poet"), text(), text())


def version(snapshots: bytes, method: bytes) -> bytes:
    hashes = bytes(96)
    custom = b"\6" + bytes(32) + YES + NO + YES
    return hashes + custom + snapshots + many(u32(0)) + method + text()


def retrieval(top: int) -> bytes:
    return b"\2" + bytes(32) + u8(top)


# --- people


def who(name: str) -> bytes:
    return h(name.encode())


OWNER, OPERATOR, PAYEE = who("owner"), who("operator"), who("payee")
REVIEWERS = [who("R1"), who("R2"), who("R3")]
C1, C2 = who("C1"), who("C2")
MODEL_OWNERS = [who("M0"), who("M1"), who("M2")]
# A receipt's payer is the place among the payers, which ascend.
P1, P2 = sorted([who("P1"), who("P2")])
ATTESTOR = who("attestor")
X, Y, Z = who("X"), who("Y"), who("Z")
MODEL = 2

PRICE = Price(1_000_000, 2_000_000)
TERMS = Terms(100_000, 100_000, 300_000, 500_000)
CONTEXT = Context(0, 0, PRICE, TERMS, [Snapshot(0, 2), Snapshot(1, 1)])


# --- batches


def sale(
    payer: int, tokens: tuple[int, int], fee: int, cited: dict[tuple[int, int], int], private: bool = False
) -> sales.Sale:
    """A sale of which each cited contribution has one chunk, whose score is the weight."""
    output = f"{payer} {tokens} {cited}".encode()
    name = h(u64(len(output)) + h(b"\0" + u32(0) + output))
    citations = [Citation(*place, 0, bytes(32), score) for place, score in sorted(cited.items())]
    credits = [Credit(*place, score) for place, score in sorted(cited.items())]
    matches = h(many(*map(CITATION.encode, citations)))
    receipt = Receipt(payer, Core(0, 0, *tokens, fee, name, private), credits, 0, matches)
    return sales.Sale(receipt, b"" if private else output, [] if private else citations)


def sales_file(payers: list[bytes], sold: list[sales.Sale]) -> bytes:
    bodies = [
        RECEIPT.encode(sale.receipt) + text(sale.output) + many(*map(CITATION.encode, sale.citations)) for sale in sold
    ]
    return b"olsales1" + many(*payers) + b"".join(bodies)


@dataclass
class Submission:
    """A batch as it is submitted; tests change it."""

    payers: list[bytes]
    after: list[Bought]
    diff: list[Increase]
    totals: Totals
    trace: Submitted
    terms: int = 0

    def call(self) -> bytes:
        vouchers = [
            payer + BOUGHT.encode(bought) + b"\2" + bytes(65) for payer, bought in zip(self.payers, self.after)
        ]
        numbers = u32(0) + u32(0) + u32(self.terms)
        body = many(*vouchers) + DIFF.encode(self.diff) + TOTALS.encode(self.totals) + SUBMITTED.encode(self.trace)
        return attribution(0, u32(MODEL), numbers, body)


def submission(payers: list[bytes], before: list[Bought], sold: list[sales.Sale]) -> Submission:
    batch = settlement.settle(CONTEXT, before, [sale.receipt for sale in sold])
    after = [purchase.after for purchase in batch.purchases]
    return Submission(payers, after, batch.diff, batch.totals, batch.submitted())


def dishonest(payer: bytes, before: Bought, sold: sales.Sale) -> tuple[Submission, Opening]:
    """A nano moved from the commons to the model, with a trace that says so, and the opening that shows it."""
    honest = submission([payer], [before], [sold])
    totals = replace(
        honest.totals, commons=honest.totals.commons - 1, model=honest.totals.model + 1
    )
    purchases = [Purchase(before, honest.after[0])]
    leaf = Leaf(h(many(RECEIPT.encode(sold.receipt))), settlement.last_root(purchases, honest.diff, totals))
    root = h(b"\0" + u32(0) + leaf.receipts + leaf.state)
    # The state before is one leaf of a trie: six nibbles of a key, and a value that follows.
    nodes = [b"\1" + b"\x46" + bytes(3) + b"\0", BOUGHT.encode(before)]
    opening = Opening(0, [sold.receipt], leaf.state, [], None, nodes)
    return replace(honest, totals=totals, trace=Submitted(root, leaf.receipts, [])), opening


SOLD = [
    sale(0, (1_000, 500), 2_100_000, {(0, 0): 1, (0, 1): 2}),
    sale(1, (7, 3), 113_000, {(0, 0): 3, (1, 0): 4}),
    sale(0, (100, 0), 200_000, {(0, 1): 1}, private=True),
]


# --- blocks


class Story:
    """Blocks and files of sales, and what the command makes of them."""

    def __init__(self) -> None:
        self.blocks: list[dict[str, Any]] = []
        self.files: list[bytes | None] = []

    def block(self, *calls: tuple[bytes, bytes], failed: tuple[Any, ...] = ()) -> None:
        body = [INHERENT, *(extrinsic(signer, call) for signer, call in calls)]
        self.blocks.append(
            {
                "number": len(self.blocks) + 1,
                "extrinsics": ["0x" + data.hex() for data in body],
                "failed": list(failed),
            }
        )

    def run(self, *options: str, **more: Any) -> tuple[int, Any, str]:
        with tempfile.TemporaryDirectory() as folder:
            paths: list[str | None] = []
            for number, data in enumerate(self.files):
                path = Path(folder) / str(number)
                if data is not None:
                    path.write_bytes(data)
                paths.append(None if data is None else str(path))
            file = Path(folder) / "blocks.json"
            file.write_text(json.dumps({"blocks": self.blocks, "sales": paths, "genesis": "0x" + "00" * 32} | more))
            out, err = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = main([str(file), *options])
        return code, json.loads(out.getvalue() or "null"), err.getvalue()

    def record(self) -> None:
        """Two contributions in a reviewed datanet and one in an open one; a model whose parent has a parent."""
        everything, approve = reviewed(3, 100_000), b"\0"
        self.block((OWNER, create(everything)), (OWNER, create(OPEN_POLICY)))
        invitations = [datanets(5, u32(0), reviewer) for reviewer in REVIEWERS]
        self.block((OWNER, utility_batch(transfer(5), *invitations)))
        self.block(*((reviewer, datanets(6, u32(0))) for reviewer in REVIEWERS))
        # Block 4: precedences 4-0 to 4-2, counted over all that committed in it.
        self.block(
            (C1, datanets(9, many(bytes(32)))),
            (C1, datanets(9, many(commitment(C1, X), commitment(C1, Z)))),
            (C2, datanets(9, many(commitment(C2, Y)))),
            failed=(1,),
        )
        self.block(
            (C1, datanets(11, u32(0), everything, many(reveal_of(X)))),
            (C1, datanets(11, u32(1), OPEN_POLICY, many(reveal_of(Z)))),
            (C2, datanets(11, u32(0), everything, many(reveal_of(Y)))),
        )
        x, z, y = (u64(4 << 32 | position) for position in range(3))
        votes = datanets(12, u32(0), many(x + approve, y + approve))
        self.block(*((reviewer, votes) for reviewer in REVIEWERS))
        self.block((OWNER, datanets(13, u32(0), many(y, x))), (OWNER, datanets(13, u32(1), many(z))))
        m0, m1, m2 = MODEL_OWNERS
        self.block(
            (m0, register(many(), 100_000, Price(1, 1))),
            (m1, register(many(u32(0) + u32(300_000)), 70_000, Price(1, 1))),
            (m2, register(many(u32(1) + u32(300_000)), 0, PRICE)),
            # What is asked later does not bind who registered before.
            (m0, registry(1, u32(0), YES + u32(300_000))),
            (m2, registry(3, u32(2), version(many(u32(0) + u32(2), u32(1) + u32(1)), retrieval(8)))),
            (m2, registry(5, u32(2), u64(9) + u64(9))),
            (m2, registry(6, u32(2), OPERATOR)),
            (OPERATOR, registry(7, u32(2), u128(10**22))),
        )
        self.block(
            (P1, rewards(0, u32(2), u64(9_000_000_000), NONE)),
            (P2, rewards(0, u32(2), u64(10_000_000_000), some(OWNER))),
            (OWNER, rewards(1, u32(2), P1, u64(1_000_000_000))),
        )

    def submit(self, batch: Submission, sold: list[sales.Sale] | None) -> None:
        self.files.append(None if sold is None else sales_file(batch.payers, sold))
        self.block((OPERATOR, batch.call()))


def finalise(batch: int, most: int) -> bytes:
    return attribution(7, u32(MODEL), u32(batch), u32(most))


def first_batch() -> Submission:
    return submission([P1, P2], [NOTHING_BOUGHT] * 2, SOLD)


def started() -> Story:
    story = Story()
    story.record()
    return story


def income(result: Any, account: bytes) -> tuple[int, int, int]:
    of = result["accounts"].get("0x" + account.hex(), {"model": 0, "contributions": 0, "curation": 0})
    return int(of["model"]), int(of["contributions"]), int(of["curation"])


class Whole(unittest.TestCase):
    """Three batches: one final by time, one attested, one that falls."""

    def setUp(self) -> None:
        self.story = story = started()
        first = first_batch()
        story.submit(first, SOLD)
        story.block((OWNER, finalise(0, 2)), (OWNER, finalise(0, 10)))

        again = [SOLD[2]]
        second = submission([P1], [first.after[0]], again)
        story.submit(second, again)
        story.block((ATTESTOR, attribution(11, u128(10**21))), (OWNER, attribution(11, u128(10**21 // 2))))
        story.block((ATTESTOR, attribution(12, u32(MODEL), u32(1))))
        story.block((OWNER, finalise(1, 10)))

        lie = sale(0, (7, 3), 113_000, {(0, 0): 3, (1, 0): 4})
        third, opening = dishonest(P2, first.after[1], lie)
        story.submit(third, [lie])
        story.block((C1, attribution(2, u32(MODEL), u32(2), OPENING.encode(opening), many())))

        story.block((C1, datanets(17, some(PAYEE))))
        place = [u32(0) + u32(0), u32(0) + u32(1), u32(1) + u32(0)]
        story.block((OWNER, rewards(5, many(*place))), (OWNER, rewards(6, many(*place))))
        self.third = third

    def test_everybody(self) -> None:
        code, result, err = self.story.run()
        self.assertEqual(code, 0, err)
        self.assertEqual(
            [(batch["status"], batch["attested"], batch["fees"], batch["unpaid"]) for batch in result["batches"]],
            [
                ("final", False, "2413000", 0),
                ("final", True, "200000", 0),
                ("void", False, "113000", 0),
            ],
        )
        lie = result["batches"][2]["difference"]
        self.assertEqual(lie, "totals, model: submitted 3901, computed 3900")
        self.assertEqual(result["treasury"], "400000")
        self.assertEqual(result["stakers"], "221300")
        # 1 of receipts, 60,000 that nobody vouched for, 2 twice of what three curators cannot share.
        self.assertEqual(result["commons"], "60005")
        self.assertEqual(income(result, OPERATOR), (316_950 + 15_000, 0, 0))
        self.assertEqual(income(result, MODEL_OWNERS[2]), (294_764 + 13_950, 0, 0))
        self.assertEqual(income(result, MODEL_OWNERS[1]), (19_968 + 945, 0, 0))
        self.assertEqual(income(result, MODEL_OWNERS[0]), (2_218 + 105, 0, 0))
        self.assertEqual(income(result, C2), (0, 363_008, 0))
        self.assertEqual(income(result, C1), (0, 0, 0))
        self.assertEqual(income(result, PAYEE), (0, 720_000 + 54_000 + 4_457, 0))
        for reviewer in REVIEWERS:
            # Both parts of 0/1 were claimed at once: 86,000 by three.
            self.assertEqual(income(result, reviewer), (0, 0, 13_444 + 28_666))
        self.assertEqual(result["unclaimed"], [])
        payers = {payer["payer"]: payer for payer in result["payers"]}
        self.assertEqual(payers["0x" + P1.hex()]["left"], "9997500000")
        self.assertEqual(payers["0x" + P2.hex()]["left"], "9999887000")
        # What fell stays bought.
        self.assertEqual(payers["0x" + P2.hex()]["bought"], BOUGHT.show(self.third.after[0]))

    def test_what_is_not_claimed_counts(self) -> None:
        _, claimed, _ = self.story.run()
        self.story.blocks.pop()
        code, result, err = self.story.run()
        self.assertEqual(code, 0, err)
        self.assertEqual(
            result["unclaimed"],
            [
                {"datanet": 0, "index": 0, "earner": "363008", "curators": "40334"},
                {"datanet": 0, "index": 1, "earner": "774000", "curators": "86000"},
                {"datanet": 1, "index": 0, "earner": "4457", "curators": "0"},
            ],
        )
        for name in ("commons", "accounts"):
            self.assertEqual(result[name], claimed[name])

    def test_quiet(self) -> None:
        code, result, err = self.story.run("--quiet")
        self.assertEqual((code, result), (0, None))
        self.assertIn("right: ", err)


class Money(unittest.TestCase):
    def test_a_batch_is_paid_in_pages(self) -> None:
        story = started()
        story.submit(first_batch(), SOLD)
        _, result, _ = story.run()
        self.assertEqual(result["batches"][0]["status"], "pending")
        self.assertEqual((result["treasury"], result["accounts"]), ("0", {}))
        story.block((OWNER, finalise(0, 1)))
        code, result, err = story.run()
        self.assertEqual(code, 0, err)
        self.assertEqual(result["batches"][0]["unpaid"], 2)
        self.assertEqual([owed["index"] for owed in result["unclaimed"]], [0])

    def test_entries(self) -> None:
        story = started()
        # 9,000,000,000 leave: the batch takes the last 1,000,000,000 first, then of what leaves.
        story.block((P1, rewards(3, u32(2), u64(9_000_000_000))))
        story.block((P1, rewards(3, u32(2), u64(998_000_000))))
        story.submit(first_batch(), SOLD)
        _, result, _ = story.run()
        left = {payer["payer"]: payer["left"] for payer in result["payers"]}
        self.assertEqual(left["0x" + P1.hex()], str(10_000_000_000 - 2_300_000))
        story.block((OWNER, rewards(4, u32(2), P1)))
        _, result, _ = story.run()
        left = {payer["payer"]: payer["left"] for payer in result["payers"]}
        self.assertEqual(left["0x" + P1.hex()], "0")

    def test_attestation_is_two_thirds_of_those_who_stay(self) -> None:
        one, other = who("one"), who("other")
        for stakes, leaves, attested in (
            ((2, 1), None, True),
            ((2_000, 1_001), None, False),
            ((2_000, 1_001), other, True),
            ((2, 1), one, False),
        ):
            story = started()
            story.submit(first_batch(), SOLD)
            story.block(*((name, attribution(11, u128(stake))) for name, stake in zip((one, other), stakes)))
            story.block((one, attribution(12, u32(MODEL), u32(0))))
            if leaves:
                story.block((leaves, attribution(13)))
            story.block((OWNER, finalise(0, 10)))
            code, result, err = story.run()
            self.assertEqual(code, 0, err)
            self.assertEqual(result["batches"][0]["attested"], attested, (stakes, leaves))
            self.assertEqual(result["commons"], "5" if attested else "60005")

    def test_how_batches_fall(self) -> None:
        first = first_batch()
        empty = OPENING.encode(Opening(0, [SOLD[0].receipt], bytes(32), [], None, []))
        place = u32(MODEL) + u32(0)
        sum_evidence = u8(0) + many() + b"\0"
        for call in (
            attribution(3, place, empty, sum_evidence),
            attribution(4, place, u32(1)),
            attribution(5, place),
            attribution(10, place),
        ):
            # Nobody has its receipts: it fell.
            story = started()
            story.submit(first, None)
            self.assertEqual(story.run()[0], 1)
            story.block((C1, call))
            code, result, err = story.run()
            self.assertEqual(code, 0, err)
            self.assertEqual(result["batches"][0]["status"], "void")
            self.assertEqual(result["batches"][0]["difference"], "its receipts are not there")
            self.assertEqual([payer["left"] for payer in result["payers"]], ["10000000000"] * 2)
            self.assertEqual((result["treasury"], result["accounts"]), ("0", {}))

    def test_what_was_paid_early_stays_paid(self) -> None:
        story = started()
        first = first_batch()
        story.submit(first, SOLD)
        story.block((ATTESTOR, attribution(11, u128(10**21))))
        story.block((ATTESTOR, attribution(12, u32(MODEL), u32(0))))
        story.block((OWNER, finalise(0, 1)))
        story.block((C1, attribution(4, u32(MODEL), u32(0), u32(0))))
        again = [SOLD[2]]
        second = submission([P1], [first.after[0]], again)
        story.submit(second, again)
        story.block((ATTESTOR, attribution(12, u32(MODEL), u32(1))))
        story.block((OWNER, finalise(1, 10)))
        code, result, err = story.run()
        self.assertEqual(code, 0, err)
        # Its signer was silent too, and lost what would have attested the second.
        self.assertEqual([batch["attested"] for batch in result["batches"]], [True, False])
        self.assertEqual(result["treasury"], "400000")
        self.assertEqual([payer["left"] for payer in result["payers"]], ["9999800000", "10000000000"])

    def test_an_answer_and_a_wrong_disclosure(self) -> None:
        sold = sale(0, (7, 3), 113_000, {(0, 0): 3, (1, 0): 4})
        leaf = (b"\1" + b"\x46" + bytes(3) + b"\0", BOUGHT.encode(NOTHING_BOUGHT))
        for credits, status in ((sold.receipt.credits, "final"), ([Credit(0, 0, 7)], "void")):
            credited = replace(sold, receipt=replace(sold.receipt, credits=credits))
            batch = submission([P1], [NOTHING_BOUGHT], [credited])
            state = settlement.settle(CONTEXT, [NOTHING_BOUGHT], [credited.receipt]).last
            opening = Opening(0, [credited.receipt], state, [], None, list(leaf))
            disclosure = u8(0) + text(sold.output) + list_of(CITATION).encode(sold.citations)
            story = started()
            story.submit(batch, [credited])
            story.block((C1, attribution(2, u32(MODEL), u32(0), OPENING.encode(opening), many(disclosure))))
            if status == "final":
                story.block((OWNER, finalise(0, 10)))
            code, result, err = story.run()
            self.assertEqual(code, 0, err)
            self.assertEqual(result["batches"][0]["status"], status)

    def test_who_adopts_is_the_operator(self) -> None:
        story = started()
        story.submit(first_batch(), SOLD)
        story.block((C1, attribution(9, u32(MODEL), u32(0))))
        story.block((MODEL_OWNERS[2], registry(11, u32(2), C2)), (OWNER, finalise(0, 10)))
        _, result, _ = story.run()
        self.assertEqual(income(result, C1)[0], 316_950)
        self.assertEqual(income(result, OPERATOR)[0], 0)
        self.assertEqual(income(result, C2)[0], 294_764)


class Record(unittest.TestCase):
    """How contributions come in."""

    def _earner(self, *calls: tuple[bytes, bytes]) -> bytes:
        """Who earns from 1/0 when this follows its reveal and acceptance."""
        story = started()
        story.submit(first_batch(), SOLD)
        story.block(*calls, (OWNER, finalise(0, 10)))
        code, result, err = story.run()
        self.assertEqual(code, 0, err)
        (account,) = [name for name, got in result["accounts"].items() if got["contributions"] == "4457"]
        return bytes.fromhex(account[2:])

    def test_rights_and_payees(self) -> None:
        place = many(u32(1) + u32(0))
        right = datanets(16, place, PAYEE)
        # Who has 0/1 too has more than 4,457, so give 1/0 away.
        self.assertEqual(self._earner((C1, right)), PAYEE)
        paid, nobody = datanets(17, some(OWNER)), datanets(17, NONE)
        self.assertEqual(self._earner((C1, right), (PAYEE, paid)), OWNER)
        self.assertEqual(self._earner((C1, right), (PAYEE, paid), (PAYEE, nobody)), PAYEE)

    def test_displaced_rejected_and_left(self) -> None:
        record = Datanets()
        policy = extrinsics.Policy(1, 0)
        reviewer, late = REVIEWERS[:2]
        record.create_datanet(OWNER)
        record.invite_reviewer(OWNER, 0, reviewer)
        record.begin(7)
        for owner, content in ((C1, X), (C2, X), (C2, Y)):
            record.commit(owner, [commitment(owner, content)])
        shown = lambda content: [extrinsics.Reveal(content, salt(content))]
        record.reveal(C2, 0, policy, shown(X))
        record.reveal(C1, 0, policy, shown(X))
        record.reveal(C2, 0, policy, shown(Y))
        x, copy, y = (7 << 32 | position for position in range(3))
        with self.assertRaisesRegex(Exception, "7-1 does not wait"):
            record.accept(OWNER, 0, [copy])
        record.vote(reviewer, 0, [(x, (0, {})), (y, (1, 0))])
        with self.assertRaisesRegex(Exception, "7-2 does not wait"):
            record.accept(OWNER, 0, [y])
        record.remove_reviewer(OWNER, 0, reviewer)
        with self.assertRaisesRegex(Exception, "7-0 of datanet 0 was accepted with 0 approvals"):
            record.accept(OWNER, 0, [x])
        record.invite_reviewer(OWNER, 0, late)
        record.vote(late, 0, [(x, (0, {}))])
        record.accept(OWNER, 0, [x])
        self.assertEqual(record.contribution((0, 0)).earner, C1)
        self.assertEqual(record.contribution((0, 0)).curators, [late])

    def test_lineage(self) -> None:
        models = Models()
        for parents, royalty in (([], 1), ([(0, 0)], 2), ([(1, 0)], 3), ([(2, 0), (0, 0)], 4)):
            models.register(OWNER, parents=parents, terms={"royalty": royalty}, price=PRICE)
        agent = models.model(3)
        self.assertEqual(agent.ancestors, [2, 1, 0, 0])
        self.assertEqual(
            [(royalty.source, royalty.royalty) for royalty in agent.royalties], [(0, 3), (1, 2), (2, 1), (0, 1)]
        )


class Origins(unittest.TestCase):
    """Calls inside of calls."""

    def _entries(self, *calls: tuple[bytes, bytes], failed: tuple[Any, ...] = ()) -> list[str]:
        story = started()
        story.block(*calls, failed=failed)
        code, result, err = story.run()
        self.assertEqual(code, 0, err)
        return sorted({payer["payer"] for payer in result["payers"]} - {"0x" + P1.hex(), "0x" + P2.hex()})

    def test_who_calls(self) -> None:
        entry = rewards(0, u32(2), u64(1), NONE)
        derived = h(b"modlpy/utilisuba" + C1 + u16(5))
        both = h(b"modlpy/utilisuba" + many(*sorted([C1, C2])) + u16(2))
        single = h(b"modlpy/utilisuba" + many(*sorted([C1, C2])) + u16(1))
        weight = compact(1_000_000) + compact(70_000)
        as_multi = bytes([51, 1]) + u16(2)
        first = as_multi + many(C2) + NONE + entry + weight
        second = as_multi + many(C1) + some(u32(10) + u32(1)) + entry + weight
        approval = bytes([51, 2]) + u16(2) + many(C2) + NONE + h(entry) + weight
        cancel = bytes([51, 3]) + u16(2) + many(C2) + u32(10) + u32(1) + h(entry)
        for calls, expected in (
            ([(C1, bytes([50, 1]) + u16(5) + entry)], derived),
            ([(C1, bytes([52, 0]) + b"\0" + C2 + some(b"\3") + entry)], C2),
            ([(C1, bytes([52, 9]) + b"\0" + C1 + b"\0" + C2 + NONE + entry)], C2),
            ([(C1, bytes([51, 0]) + many(C2) + entry)], single),
            ([(C1, first)], None),
            ([(C1, first), (C2, second)], both),
            ([(C1, approval), (C2, second)], both),
            ([(C1, approval), (C1, cancel), (C2, second)], None),
        ):
            self.assertEqual(self._entries(*calls), ["0x" + expected.hex()] if expected else [])

    def test_what_did_not_happen(self) -> None:
        entry = rewards(0, u32(2), u64(1), NONE)
        proxied = [bytes([52, 0]) + b"\0" + name + NONE + entry for name in REVIEWERS]
        batch = (C1, utility_batch(*proxied, bytes([21, 6])))
        happened = ["0x" + name.hex() for name in REVIEWERS]
        self.assertEqual(self._entries(batch), sorted(happened))
        self.assertEqual(self._entries(batch, failed=(1,)), [])
        self.assertEqual(self._entries((C1, bytes([60, 99])), failed=(1,)), [])
        self.assertEqual(self._entries(batch, failed=({"position": 1, "after": 1},)), happened[:1])
        self.assertEqual(
            self._entries(batch, failed=({"position": 1, "items": [1]},)), sorted([happened[0], happened[2]])
        )

    def test_a_batch_that_cannot_be_read(self) -> None:
        story = started()
        story.block((C1, utility_batch(bytes([21, 6]), rewards(0, u32(2), u64(1), NONE))))
        code, _, err = story.run()
        self.assertEqual(code, 2)
        self.assertIn("a batch has calls behind 21.6", err)


class Extrinsics(unittest.TestCase):
    def test_frames(self) -> None:
        call = datanets(6, u32(7))
        for era in (b"\0", b"\x15\x02"):
            read = extrinsics.read_extrinsic(extrinsic(C1, call, era))
            assert read is not None
            self.assertEqual((read.signer, read.call.name), (C1, "Datanets.join_reviewers"))
            self.assertEqual(read.call.args, {"datanet": 7})
        self.assertIsNone(extrinsics.read_extrinsic(INHERENT))
        self.assertIsNone(extrinsics.read_extrinsic(text(b"\x45\0\0")))
        for data in (text(b"\x83"), b"\x08" + b"\5", extrinsic(C1, call + b"\0"), extrinsic(C1, call[:-1])):
            with self.assertRaises(Malformed):
                extrinsics.read_extrinsic(data)
        with self.assertRaises(extrinsics.Unsupported):
            extrinsics.read_extrinsic(extrinsic(C1, bytes([60, 26])))

    def test_vouchers_of_the_vectors(self) -> None:
        file = vectors("vouchers")
        payer = bytes.fromhex(file["ed25519_public"][2:])
        for voucher in file["vouchers"]:
            bought = BOUGHT.parse(voucher["bought"])
            for signature in ("ed25519_of_message", "ed25519_of_wrapped"):
                scale = bytes.fromhex(voucher[signature]["scale"][2:])
                reader = Reader(payer + BOUGHT.encode(bought) + scale)
                self.assertEqual(extrinsics._voucher(reader), extrinsics.Voucher(payer, bought))
                reader.end()

    def test_every_call_has_an_effect_or_moves_nothing(self) -> None:
        nothing = {
            "Datanets": "set_metadata set_policy transfer_datanet close_datanet join_reviewers release_reviewer set_uri"
            " release_bonds flag judge appeal rule advance_flag create_reference add_references",
            "ModelRegistry": "set_metadata activate_version appoint_operator accept_operation raise_bond end_operation"
            " release_operator deprecate",
            "Rewards": "set_signer claim_account",
            "Attribution": "demand release_demand close",
        }
        of = {"Datanets": Datanets, "ModelRegistry": Models, "Rewards": Lanes, "Attribution": Lanes}
        for index in extrinsics.OWN:
            pallet, calls = extrinsics._PALLETS[index]
            self.assertEqual(sorted(calls), list(range(len(calls))))
            without = {name for name, _ in calls.values() if not hasattr(of[pallet], name)}
            self.assertEqual(without, set(nothing[pallet].split()))


class Refusals(unittest.TestCase):
    def _differs(self, batch: Submission, sold: list[sales.Sale], message: str) -> None:
        story = started()
        story.submit(batch, sold)
        code, result, err = story.run()
        self.assertEqual((code, result), (1, None), err)
        self.assertIn(f"differs: batch 0 of model 2, {message}", err)

    def test_each_lie_is_named(self) -> None:
        honest = first_batch()
        more = replace(honest.diff[0], disclosed=403_343)
        less = replace(honest.diff[2], disclosed=4_456)
        totals, trace = honest.totals, honest.trace
        for changed, message in (
            ({"diff": [more, honest.diff[1], less]}, "increase of 0/0, disclosed: submitted 403343, computed 403342"),
            ({"diff": honest.diff[:2]}, "increases: submitted 2, computed 3"),
            ({"after": [replace(honest.after[0], head=bytes(32)), honest.after[1]]}, "payer 0, head: submitted 0x00"),
            ({"totals": replace(totals, stakers=211_301)}, "totals, stakers: submitted 211301, computed 211300"),
            ({"trace": replace(trace, last_receipts=bytes(32))}, "trace, last_receipts: submitted 0x00"),
            ({"trace": replace(trace, root=bytes(32))}, "trace, root: submitted 0x00"),
        ):
            self._differs(replace(honest, **changed), SOLD, message)

    def test_each_wrong_sale_is_named(self) -> None:
        honest = first_batch()
        first, second, private = SOLD
        cited = [replace(first.citations[0], score=2), first.citations[1]]
        matches = h(many(*map(CITATION.encode, cited)))
        for sold, message in (
            ([first, second], "payer 0, count: submitted 2, computed 1"),
            ([replace(first, output=b"other"), second, private], "receipt 0: its output has another name"),
            ([replace(first, output=b""), second, private], "receipt 0: no output, and it is not private"),
            ([first, replace(second, citations=cited), private], "receipt 1: its citations have another hash"),
            (
                [replace(first, citations=cited, receipt=replace(first.receipt, matches=matches)), second, private],
                "receipt 0: its credits do not follow from its citations",
            ),
            ([first, sale(1, (7, 3), 113_001, {}), private], "Fee: receipt 1: it says 113001, its tokens cost 113000"),
            ([first, sale(2, (7, 3), 113_000, {}), private], "Payer: receipt 1"),
            ([first, sale(1, (7, 3), 113_000, {(1, 1): 1}), private], "OutsideSnapshots: receipt 1"),
            ([], "a batch without receipts"),
        ):
            self._differs(honest, sold, message)

    def test_other_payers(self) -> None:
        story = started()
        story.submit(first_batch(), SOLD)
        story.files = [sales_file([P1, C1], SOLD)]
        code, _, err = story.run()
        self.assertEqual(code, 1)
        self.assertIn("payers: 2 have vouchers", err)

    def test_what_cannot_be(self) -> None:
        for calls, message in (
            ([(C1, rewards(3, u32(2), u64(1)))], "has no entry with model 2"),
            ([(P1, rewards(3, u32(2), u64(10**11)))], "withdraws 100000000000"),
            ([(OWNER, finalise(0, 1))], "model 2 has no batch 0"),
            ([(C1, datanets(11, u32(0), OPEN_POLICY, many(reveal_of(PAYEE))))], "has not committed"),
            ([(C1, datanets(12, u32(0), many(u64(1) + b"\0")))], "has no seat in datanet 0"),
            ([(C1, datanets(16, many(u32(9) + u32(0)), C1))], "there is no contribution 9/0"),
            ([(C1, registry(5, u32(9), u64(1) + u64(1)))], "there is no model 9"),
        ):
            story = started()
            story.block(*calls)
            code, _, err = story.run()
            self.assertEqual(code, 1, err)
            self.assertIn("differs: block 10, extrinsic 1: ", err)
            self.assertIn(message, err)

    def test_an_opening_that_shows_nothing(self) -> None:
        story = started()
        story.submit(first_batch(), SOLD)
        opening = Opening(0, [SOLD[0].receipt], bytes(32), [], None, [])
        story.block((C1, attribution(2, u32(MODEL), u32(0), OPENING.encode(opening), many())))
        code, _, err = story.run()
        self.assertEqual(code, 1)
        self.assertIn("was taken, and shows nothing", err)

    def test_what_this_was_not_written_for(self) -> None:
        place = u32(0) + u32(0)
        for calls in ([(C1, datanets(19, place, b"\0"))], [(C1, bytes([40, 0]))]):
            story = started()
            story.block(*calls)
            code, _, err = story.run()
            self.assertEqual(code, 2)
            self.assertIn("this was not written for what follows from ", err)

    def test_references(self) -> None:
        reference = datanets(24, CC_BY, text(b"Old"), text(), many(), text())
        for noted, code in ((reference, 2), (utility_batch(transfer(1), reference), 2), (transfer(1), 0), (b"\xff", 0)):
            story = started()
            story.block((C1, bytes([38, 0]) + text(noted)))
            self.assertEqual(story.run()[0], code)

    def test_other_terms(self) -> None:
        story = started()
        story.submit(replace(first_batch(), terms=1), SOLD)
        code, _, err = story.run()
        self.assertEqual(code, 2)
        self.assertIn("batch 0 of model 2 is under terms 1", err)
        shown = {"platform_fee": "100000", "stakers": 100_000, "model": 300_000, "operator": 500_000}
        code, _, err = story.run(terms=[shown | {"platform_fee": "1"}, shown])
        self.assertEqual(code, 0, err)

    def test_what_is_missing(self) -> None:
        story = started()
        story.submit(first_batch(), SOLD)
        story.files = []
        self.assertIn("one more than there are files of sales", story.run()[2])
        story.files = [sales_file([P1, P2], SOLD)] * 2
        self.assertIn("there are 2 files of sales, and 1 batches", story.run()[2])
        story.files = [b"olsales2"]
        self.assertIn("/0: a file of sales begins with olsales1", story.run()[2])
        story.files = [sales_file([P1, P2], SOLD)]
        del story.blocks[1]
        self.assertIn("block 3 comes where 2 must", story.run()[2])
        del story.blocks[0]
        self.assertIn("block 3 comes where 1 must", story.run()[2])


class Contents(unittest.TestCase):
    def test_names(self) -> None:
        chunk = bytes(range(256)) * 4
        leaves = [h(b"\0" + u32(0) + chunk), h(b"\0" + u32(1) + b"end")]
        self.assertEqual(sales.content_name(chunk + b"end"), h(u64(1_027) + h(b"\1" + leaves[0] + leaves[1])))


if __name__ == "__main__":
    unittest.main()

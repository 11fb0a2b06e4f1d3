"""The command: a batch that is right, and each thing that can be wrong with it, named."""

import contextlib
import copy
import io
import json
import tempfile
import unittest
from pathlib import Path
from typing import Any

import settlement
from recompute import main
from records import CONTEXT, NOTHING_BOUGHT, Increase
from sample import claim_of, sample
from tests import vectors


def _claim() -> dict[str, Any]:
    batch = vectors("batch")
    return {
        "context": batch["context"],
        "before": [purchase["before"] for purchase in batch["purchases"]],
        "receipts": [step["receipts_scale"] for step in batch["steps"]],
        "submitted": {
            "after": [purchase["after"] for purchase in batch["purchases"]],
            "diff": batch["diff_scale"],
            "totals": batch["totals"],
            **{name: batch["submitted"][name] for name in ("root", "last_receipts", "proof")},
        },
        "trace": batch["trace"],
    }


def _run(claim: Any) -> tuple[int, str, str]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "batch.json"
        file.write_text(json.dumps(claim))
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main([str(file)])
    return code, out.getvalue(), err.getvalue()


class Command(unittest.TestCase):
    def test_the_batch_of_the_vectors(self) -> None:
        code, out, err = _run(_claim())
        self.assertEqual(code, 0, err)
        amounts = {line[:26].strip(): line[26:].split()[0] for line in out.splitlines()[1:]}
        self.assertEqual(amounts["payer 0 pays"], "96610000")
        self.assertEqual(amounts["payer 1 pays"], "105938000")
        self.assertEqual(amounts["platform"], "7000000")
        self.assertEqual(amounts["stakers"], "32134000")
        self.assertEqual(amounts["model: operator"], "48201000")
        self.assertEqual(amounts["model: owner"], "48201000")
        self.assertEqual(amounts["contribution 0/0"], "7314020")
        private = sum(int(increase["private"]) for increase in vectors("batch")["diff"])
        self.assertEqual(amounts["commons"], str(20955415 + private))
        self.assertEqual(amounts["received"], "328340000")

    def test_who_gets_what_at_finality(self) -> None:
        claim = _claim() | {
            "attested": True,
            "royalties": [{"from": 0, "royalty": 200_000}, {"from": 1, "royalty": 100_000}],
            "standings": [
                {"datanet": 0, "index": 0, "curators": 100_000, "penalty": 200_000},
                {"datanet": 0, "index": 1, "voided": True},
            ],
        }
        code, out, err = _run(claim)
        self.assertEqual(code, 0, err)
        amounts = {line[:26].strip(): line[26:].split()[0] for line in out.splitlines()[1:]}
        self.assertEqual(amounts["model: ancestor 1"], "8676180")
        self.assertEqual(amounts["model: ancestor 2"], "964020")
        self.assertEqual(amounts["model: owner"], "38560800")
        self.assertEqual(amounts["contribution 0/0"], str(7314020 + 2930112 - 1024413 - 1843943))
        self.assertEqual(amounts["curators"], "1024413")
        self.assertEqual(amounts["contribution 0/1"], "0")
        self.assertEqual(amounts["commons"], str(20955415 + 1843943 + 9093204 + 340700))
        self.assertEqual(amounts["received"], "328340000")

    def test_each_lie_is_named(self) -> None:
        def change(path: str, value: Any) -> dict[str, Any]:
            claim = copy.deepcopy(_claim())
            claim["submitted"]["diff"] = vectors("batch")["diff"]
            *way, last = (int(name) if name.isdigit() else name for name in path.split("."))
            place: Any = claim
            for name in way:
                place = place[name]
            place[last] = value
            return claim

        zero = "0x" + "00" * 32
        for path, value, message in (
            ("submitted.after.1.cumulative", "107238001", "payer 1, cumulative: submitted 107238001, computed"),
            ("submitted.after.2.head", zero, f"payer 2, head: submitted {zero}"),
            ("submitted.after", [], "payers: submitted 0, there were 3"),
            ("submitted.diff.0.disclosed", "7314021", "increase of 0/0, disclosed: submitted 7314021, computed"),
            ("submitted.diff.3.index", 4, "increases: submitted 0/4 where 0/3 comes next"),
            ("submitted.diff", [], "increases: submitted 0, computed 24"),
            ("submitted.totals.commons", "0", "totals, commons: submitted 0, computed 20955415"),
            ("submitted.root", zero, f"trace, root: submitted {zero}"),
            ("submitted.proof", [], "trace, proof"),
            ("trace.receipts", "71", "trace on chain, receipts: submitted 71, computed 70"),
            ("before.1.count", "2", "payer 1, count: submitted 23, computed 24"),
            ("context.price.rate_in", "1000001", "Fee: receipt 0: it says 3303000, its tokens cost 3303002"),
            ("context.epoch", 3, "Epoch: receipt 0"),
            ("context.snapshots.1.length", 12, "OutsideSnapshots: receipt"),
        ):
            code, _, err = _run(change(path, value))
            self.assertEqual(code, 1, path)
            self.assertIn(f"differs: {message}", err, path)

    def test_unreadable(self) -> None:
        claim = _claim()
        claim["receipts"][0] += "00"
        self.assertEqual(_run(claim)[0], 2)
        self.assertEqual(_run({})[0], 2)
        self.assertEqual(_run([])[0], 2)

    def test_a_batch_out_of_nothing(self) -> None:
        context, receipts = sample(100, 5, 20)
        batch = settlement.settle(context, [NOTHING_BOUGHT] * 5, receipts)
        code, _, err = _run(claim_of(context, receipts, batch))
        self.assertEqual(code, 0, err)


class Rule(unittest.TestCase):
    """What a receipt must not be; the vectors have honest batches only."""

    def test_wrong_receipts(self) -> None:
        batch = vectors("batch")
        context = CONTEXT.parse(batch["context"])

        def code_of(**changed: Any) -> str:
            receipt = copy.deepcopy(batch["receipts"][0])
            core = {name: changed.pop(name) for name in list(changed) if name in receipt["core"]}
            receipt["core"].update(core)
            receipt.update(changed)
            with self.assertRaises(settlement.Wrong) as caught:
                settlement.settle(context, [NOTHING_BOUGHT] * 3, settlement.RECEIPTS.parse([receipt]))
            return caught.exception.code

        credit = {"datanet": 0, "index": 0, "weight": 1}
        self.assertEqual(code_of(payer=3), "Payer")
        self.assertEqual(code_of(version=2), "Version")
        self.assertEqual(code_of(epoch=1), "Epoch")
        self.assertEqual(code_of(fee="3303001"), "Fee")
        self.assertEqual(code_of(tokens_in=2401), "Fee")
        self.assertEqual(code_of(credits=[credit, credit]), "Credits")
        self.assertEqual(code_of(credits=[credit | {"weight": 0}]), "Credits")
        self.assertEqual(code_of(rest=2**20), "Credits")
        self.assertEqual(code_of(credits=[credit | {"index": 12}]), "OutsideSnapshots")
        self.assertEqual(code_of(credits=[credit | {"datanet": 1}]), "OutsideSnapshots")

    def test_what_a_payer_bought_stays_possible(self) -> None:
        batch = vectors("batch")
        context = CONTEXT.parse(batch["context"])
        receipts = settlement.RECEIPTS.parse(batch["receipts"][:1])
        before = settlement.Bought(0, settlement.LIMIT - 1, bytes(32))
        with self.assertRaises(settlement.Wrong) as caught:
            settlement.settle(context, [before] * 3, receipts)
        self.assertEqual(caught.exception.code, "Overflow")


class Trees(unittest.TestCase):
    def test_proofs_of_every_leaf_of_every_size(self) -> None:
        for count in range(1, 20):
            leaves = [bytes([number]) * 32 for number in range(count)]
            root = settlement.tree_root(leaves)
            for index, leaf in enumerate(leaves):
                proof = settlement.tree_proof(leaves, index)
                self.assertEqual(settlement.root_by_proof(leaf, index, count, proof), root)
                self.assertIsNone(settlement.root_by_proof(leaf, index, count, [*proof, leaf]))
                self.assertIsNone(settlement.root_by_proof(leaf, count, count, proof))
                if proof:
                    self.assertIsNone(settlement.root_by_proof(leaf, index, count, proof[:-1]))
                    self.assertNotEqual(settlement.root_by_proof(leaf, index ^ 1, count, proof), root)


class Finality(unittest.TestCase):
    def test_parts_of_an_increase(self) -> None:
        increase = Increase(0, 0, 999, 1)
        for standing, attested, expected in (
            (settlement.Standing(), False, (999, 0, 1)),
            (settlement.Standing(), True, (1000, 0, 0)),
            (settlement.Standing(200_000, 500_000), False, (400, 199, 401)),
            (settlement.Standing(200_000, 500_000, voided=True), True, (0, 0, 1000)),
        ):
            self.assertEqual(settlement.earnings(increase, standing, attested), settlement.Earnings(*expected))

    def test_penalties(self) -> None:
        expected = {0: 0, 2: 0, 3: 100_000, 6: 400_000, 7: 500_000, 100: 500_000}
        self.assertEqual({points: settlement.penalty_of(points) for points in expected}, expected)


if __name__ == "__main__":
    unittest.main()

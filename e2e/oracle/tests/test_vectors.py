"""Everything in `settlement/vectors`."""

import unittest
from typing import Any

import poseidon2
import records
import scale
import settlement
from opening import judge
from scale import from_hex, to_hex
from tests import vectors
from trie import EMPTY_ROOT, root_of


class Poseidon(unittest.TestCase):
    """The constants are derived on this side, so they cannot agree by being copied."""

    def test_constants(self) -> None:
        expected = vectors("poseidon")
        self.assertEqual(poseidon2.P, expected["modulus"])
        self.assertEqual([list(row) for row in poseidon2.EXTERNAL_MATRIX], expected["external_matrix"])
        self.assertEqual(poseidon2.INTERNAL_DIAGONAL, expected["internal_diagonal"])
        self.assertEqual(poseidon2.INITIAL_CONSTANTS, expected["initial_constants"])
        self.assertEqual(poseidon2.INTERNAL_CONSTANTS, expected["internal_constants"])
        self.assertEqual(poseidon2.FINAL_CONSTANTS, expected["final_constants"])

    def test_permutation(self) -> None:
        for case in vectors("poseidon")["cases"]:
            self.assertEqual(poseidon2.permute(case["input"]), case["permuted"])
            self.assertEqual(poseidon2.compress(case["input"]), case["compressed"])


class Encodings(unittest.TestCase):
    CODECS: dict[str, scale.Codec[Any]] = {
        "core": records.CORE,
        "receipt": records.RECEIPT,
        "bought": records.BOUGHT,
        "increase": records.INCREASE,
        "totals": records.TOTALS,
        "trace": records.TRACE,
        "leaf": records.LEAF,
    }
    OTHERS = {"compact", "contribution_key", "diff", "payer_key", "step_hash", "totals_key", "wrong"}

    def setUp(self) -> None:
        self.expected = vectors("encodings")

    def test_nothing_is_passed_over(self) -> None:
        self.assertEqual(self.expected.keys(), self.CODECS.keys() | self.OTHERS)

    def test_records(self) -> None:
        for name, codec in self.CODECS.items():
            examples = self.expected[name]
            for example in examples if isinstance(examples, list) else [examples]:
                value = codec.parse(example["value"])
                self.assertEqual(to_hex(codec.encode(value)), example["scale"], name)
                self.assertEqual(codec.decode(from_hex(example["scale"])), value, name)
                self.assertEqual(codec.show(value), example["value"], name)

    def test_compact(self) -> None:
        for number, data in self.expected["compact"]:
            self.assertEqual(to_hex(scale.compact(int(number))), data)
            self.assertEqual(scale.Reader(from_hex(data)).compact(), int(number))

    def test_diff(self) -> None:
        diff = [records.INCREASE.parse(example["value"]) for example in self.expected["increase"]]
        self.assertEqual(to_hex(records.DIFF.encode(diff)), self.expected["diff"])

    def test_keys(self) -> None:
        for example in self.expected["payer_key"]:
            self.assertEqual(to_hex(settlement.payer_key(example["position"])), example["key"])
        for example in self.expected["contribution_key"]:
            key = settlement.contribution_key(example["datanet"], example["index"])
            self.assertEqual(to_hex(key), example["key"])
        self.assertEqual(to_hex(settlement.TOTALS_KEY), self.expected["totals_key"])

    def test_step_hash(self) -> None:
        for example in self.expected["step_hash"]:
            receipts = records.RECEIPTS.parse(example["value"])
            self.assertEqual(to_hex(settlement.receipts_hash(receipts)), example["scale"])

    def test_what_can_be_wrong(self) -> None:
        self.assertEqual(list(settlement.WRONG), self.expected["wrong"])


class Chain(unittest.TestCase):
    def setUp(self) -> None:
        self.expected = vectors("chain")

    def test_links(self) -> None:
        self.assertEqual(settlement.TAG, self.expected["tag"])
        for example in self.expected["links"]:
            core = records.CORE.parse(example["core"])
            self.assertEqual(to_hex(records.CORE.encode(core)), example["scale"])
            self.assertEqual(to_hex(settlement.core_bytes(core)), example["bytes"])
            self.assertEqual(settlement.core_elements(core), example["elements"])
            self.assertEqual(to_hex(settlement.link(from_hex(example["before"]), core)), example["after"])

    def test_the_whole_chain(self) -> None:
        links = self.expected["links"]
        cores = [records.CORE.parse(example["core"]) for example in links]
        self.assertEqual(to_hex(settlement.head_of(cores)), links[-1]["after"])

    def test_vouchers(self) -> None:
        for example in vectors("vouchers")["vouchers"]:
            message = settlement.voucher_message(
                from_hex(example["genesis"]),
                example["model"],
                from_hex(example["payer"]),
                records.BOUGHT.parse(example["bought"]),
            )
            self.assertEqual(to_hex(message), example["message"])
            self.assertEqual(to_hex(settlement.wrapped(message)), example["wrapped"])


class Money(unittest.TestCase):
    def test_fees(self) -> None:
        for example in vectors("fees"):
            price = records.PRICE.parse(example["price"])
            arguments = price, example["tokens_in"], example["tokens_out"], int(example["platform_fee"])
            if example["fee"] is None:
                self.assertRaises(settlement.Refused, settlement.fee_of, *arguments)
            else:
                self.assertEqual(settlement.fee_of(*arguments), int(example["fee"]))

    def test_splits(self) -> None:
        for example in vectors("splits"):
            arguments = int(example["fee"]), records.TERMS.parse(example["terms"])
            if example["split"] is None:
                self.assertRaises(settlement.Refused, settlement.split, *arguments)
                continue
            expected = settlement.Split(**{name: int(amount) for name, amount in example["split"].items()})
            self.assertEqual(settlement.split(*arguments), expected)

    def test_payouts(self) -> None:
        for example in vectors("payouts"):
            credits = [records.CREDIT.parse(credit) for credit in example["credits"]]
            arguments = int(example["contributors"]), credits, example["rest"]
            result = example["result"]
            if result is None:
                self.assertRaises(settlement.Refused, settlement.payouts, *arguments)
                continue
            expected = settlement.Payouts(
                [int(amount) for amount in result["payouts"]], int(result["commons"]), result["total_weight"]
            )
            self.assertEqual(settlement.payouts(*arguments), expected)

    def test_royalties(self) -> None:
        for example in vectors("royalties"):
            royalties = [settlement.Royalty(item["from"], item["royalty"]) for item in example["royalties"]]
            arguments = int(example["share"]), example["operator"], royalties
            result = example["result"]
            if result is None:
                self.assertRaises(settlement.Refused, settlement.model_parts, *arguments)
                continue
            expected = settlement.ModelParts(
                int(result["operator"]), [int(amount) for amount in result["ancestors"]], int(result["owner"])
            )
            self.assertEqual(settlement.model_parts(*arguments), expected)

    def test_earned(self) -> None:
        for example in vectors("earned"):
            amount, standing = int(example["amount"]), settlement.Standing(example["curators"], example["penalty"])
            expected = settlement.Earnings(**{name: int(part) for name, part in example["result"].items()})
            disclosed = records.Increase(0, 0, amount, 0)
            private = records.Increase(0, 0, 0, amount)
            self.assertEqual(settlement.earnings(disclosed, standing, attested=False), expected)
            self.assertEqual(settlement.earnings(private, standing, attested=True), expected)

    def test_retrieval(self) -> None:
        for example in vectors("retrieval"):
            citations = records.CITATIONS.parse(example["citations"])
            self.assertEqual(to_hex(records.CITATIONS.encode(citations)), example["scale"])
            self.assertEqual(to_hex(settlement.matches_of(citations)), example["matches"])
            result = example["result"]
            if result is None:
                self.assertRaises(
                    settlement.Refused, settlement.retrieval_credits, citations, example["top"]
                )
                continue
            credits = [records.CREDIT.parse(credit) for credit in result["credits"]]
            self.assertEqual(
                settlement.retrieval_credits(citations, example["top"]), (credits, result["rest"])
            )


class WholeBatch(unittest.TestCase):
    expected: Any
    context: records.Context
    purchases: list[records.Purchase]
    receipts: list[records.Receipt]
    before: list[records.Bought]
    batch: settlement.Batch

    @classmethod
    def setUpClass(cls) -> None:
        cls.expected = vectors("batch")
        cls.context = records.CONTEXT.parse(cls.expected["context"])
        cls.purchases = [records.PURCHASE.parse(value) for value in cls.expected["purchases"]]
        cls.receipts = records.RECEIPTS.parse(cls.expected["receipts"])
        cls.before = [purchase.before for purchase in cls.purchases]
        cls.batch = settlement.settle(cls.context, cls.before, cls.receipts)

    def test_what_is_submitted(self) -> None:
        batch, expected = self.batch, self.expected
        self.assertEqual(batch.purchases, self.purchases)
        self.assertEqual(records.DIFF.show(batch.diff), expected["diff"])
        self.assertEqual(to_hex(records.DIFF.encode(batch.diff)), expected["diff_scale"])
        self.assertEqual(records.TOTALS.show(batch.totals), expected["totals"])
        self.assertEqual(to_hex(records.TOTALS.encode(batch.totals)), expected["totals_scale"])
        submitted = dict(expected["submitted"])
        encoded = submitted.pop("scale")
        self.assertEqual(records.SUBMITTED.show(batch.submitted()), submitted)
        self.assertEqual(to_hex(records.SUBMITTED.encode(batch.submitted())), encoded)
        self.assertEqual(records.TRACE.show(batch.trace()), expected["trace"])

    def test_states(self) -> None:
        self.assertEqual(to_hex(EMPTY_ROOT), self.expected["empty_root"])
        state = settlement.first_state(self.before)
        expected = [self.expected["first"], *(step["state"] for step in self.expected["steps"])]
        for receipts, behind in zip([[], *settlement.steps_of(self.receipts)], expected, strict=True):
            settlement.execute(state, self.context, receipts)
            entries = {from_hex(key): from_hex(value) for key, value in behind["entries"]}
            self.assertEqual(state.entries(), entries)
            self.assertEqual(to_hex(state.root()), behind["root"])
            self.assertEqual(to_hex(root_of(entries)), behind["root"])

    def test_trace(self) -> None:
        hashes = self.batch.leaf_hashes()
        steps = list(settlement.steps_of(self.receipts))
        for number, step in enumerate(self.expected["steps"]):
            self.assertEqual(to_hex(records.RECEIPTS.encode(steps[number])), step["receipts_scale"])
            self.assertEqual(records.RECEIPTS.decode(from_hex(step["receipts_scale"])), steps[number])
            self.assertEqual(records.LEAF.show(self.batch.leaves[number]), step["leaf"])
            self.assertEqual(to_hex(hashes[number]), step["leaf_hash"])
            self.assertEqual(records.PROOF.show(settlement.tree_proof(hashes, number)), step["proof"])

    def test_roots_of_what_is_submitted_alone(self) -> None:
        diff = records.DIFF.parse(self.expected["diff"])
        totals = records.TOTALS.parse(self.expected["totals"])
        self.assertEqual(settlement.first_root(self.purchases), self.batch.first)
        self.assertEqual(settlement.last_root(self.purchases, diff, totals), self.batch.last)

    def test_nothing_is_lost(self) -> None:
        totals = self.batch.totals
        earned = sum(increase.disclosed + increase.private for increase in self.batch.diff)
        spent = sum(p.after.cumulative - p.before.cumulative for p in self.batch.purchases)
        self.assertEqual(totals.fees, spent)
        self.assertEqual(
            totals.fees, totals.platform + totals.stakers + totals.model + totals.commons + earned
        )


class Draws(unittest.TestCase):
    def test_draws(self) -> None:
        for example in vectors("draws"):
            drawn = settlement.draws(
                from_hex(example["seed"]), example["model"], example["batch"], int(example["receipts"])
            )
            self.assertEqual(drawn, [tuple(draw) for draw in example["draws"]])


class Openings(unittest.TestCase):
    context: records.Context
    examples: list[tuple[Any, records.Trace, records.Opening]]

    @classmethod
    def setUpClass(cls) -> None:
        expected = vectors("openings")
        cls.context = records.CONTEXT.parse(expected["context"])
        cls.examples = [
            (example, records.TRACE.parse(example["trace"]), records.OPENING.decode(from_hex(example["scale"])))
            for example in expected["openings"]
        ]

    def test_encoding(self) -> None:
        for example, _, opening in self.examples:
            self.assertEqual(to_hex(records.OPENING.encode(opening)), example["scale"])
            shown = records.OPENING.show(opening)
            shown["receipts"] = len(shown["receipts"])
            self.assertEqual(shown, {name: example[name] for name in shown})

    def test_verdicts(self) -> None:
        for example, trace, opening in self.examples:
            self.assertEqual(judge(self.context, trace, opening), example["verdict"], example["name"])


if __name__ == "__main__":
    unittest.main()

"""The trie where batches do not reach: long prefixes, values inside branches, proofs that were meddled with."""

import random
import unittest

import records
from opening import judge
from scale import Malformed, Reader, from_hex
from tests import vectors
from trie import EMPTY_ROOT, Missing, Trie, blake2, root_of


def _entries(dice: random.Random, count: int) -> dict[bytes, bytes]:
    """Few different bytes, so that keys share prefixes and are prefixes of each other."""
    return {
        bytes(dice.choice((0, 1, 16, 255)) for _ in range(dice.randint(1, 5))): dice.randbytes(
            dice.choice((0, 1, 16, 31, 32, 33, 48, 70))
        )
        for _ in range(count)
    }


class Roots(unittest.TestCase):
    def test_published_examples(self) -> None:
        # Those of the tests of sp-trie, where the encoded nodes are written out.
        self.assertEqual(root_of({}), EMPTY_ROOT)
        self.assertEqual(root_of({b"\xaa": b"\xbb"}), blake2(from_hex("0x42aa04bb")))
        two = {b"\x48\x19": b"\xfe", b"\x13\x14": b"\xff"}
        encoded = from_hex("0x80" "1200" "14" "43" "0314" "04" "ff" "14" "43" "0819" "04" "fe")
        self.assertEqual(root_of(two), blake2(encoded))

    def test_long_prefixes(self) -> None:
        # 62 nibbles fit into the header's six bits, the next ones need one byte, from 63 + 255 on two.
        for count, header in ((30, "7c"), (31, "7e"), (32, "7f01"), (158, "7ffd"), (159, "7fff00"), (160, "7fff02")):
            expected = from_hex("0x" + header + "00" * count + "04" + "07")
            self.assertEqual(root_of({bytes(count): b"\7"}), blake2(expected))

    def test_kept_nodes_have_the_same_root(self) -> None:
        dice = random.Random(1)
        for count in (1, 2, 3, 10, 50, 300):
            trie, so_far = Trie(), {}
            for key, value in _entries(dice, count).items():
                # Once with another value, so that what was computed before must be forgotten.
                trie.put(key, b"something")
                trie.root()
                trie.put(key, value)
                so_far[key] = value
                self.assertEqual(trie.root(), root_of(so_far))
            self.assertEqual(dict(trie.items()), so_far)
            for key in _entries(dice, 50):
                self.assertEqual(trie.get(key), so_far.get(key))


class Proofs(unittest.TestCase):
    context: records.Context
    examples: list[tuple[records.Trace, records.Opening]]

    @classmethod
    def setUpClass(cls) -> None:
        expected = vectors("openings")
        cls.context = records.CONTEXT.parse(expected["context"])
        cls.examples = [
            (records.TRACE.parse(example["trace"]), records.OPENING.decode(from_hex(example["scale"])))
            for example in expected["openings"]
            if example["verdict"] == "Holds"
        ]

    def assertMalformed(self, trace: records.Trace, opening: records.Opening, **changed: object) -> None:
        values = {name: getattr(opening, name) for name in records.Opening.__slots__} | changed
        verdict = judge(self.context, trace, records.Opening(**values))
        self.assertIn("Malformed", verdict if isinstance(verdict, dict) else {}, changed)

    def test_forged_nodes_show_nothing(self) -> None:
        dice = random.Random(2)
        for trace, opening in self.examples:
            nodes = opening.nodes
            for place, node in enumerate(nodes):
                without = nodes[:place] + nodes[place + 1 :]
                self.assertMalformed(trace, opening, nodes=without)
                self.assertMalformed(trace, opening, nodes=nodes[:place] + [node] + nodes[place:])
                for _ in range(20):
                    forged = bytearray(node)
                    forged[dice.randrange(len(node))] ^= 1 << dice.randrange(8)
                    self.assertMalformed(trace, opening, nodes=nodes[:place] + [bytes(forged)] + nodes[place + 1 :])
            self.assertMalformed(trace, opening, nodes=[])

    def test_other_steps_and_states_show_nothing(self) -> None:
        for trace, opening in self.examples:
            self.assertMalformed(trace, opening, step=opening.step + 1)
            self.assertMalformed(trace, opening, state=trace.first)
            self.assertMalformed(trace, opening, receipts=opening.receipts[:-1])
            self.assertMalformed(trace, opening, receipts=opening.receipts[::-1])
            self.assertMalformed(trace, opening, proof=opening.proof + [bytes(32)])
            self.assertMalformed(trace, opening, proof=opening.proof[:-1])
            self.assertMalformed(trace, opening, before=None if opening.step else self.examples[1][1].before)

    def test_deep_proofs_show_nothing(self) -> None:
        trace, opening = self.examples[0]
        self.assertMalformed(trace, opening, nodes=[from_hex("0x80010000")] * 100_000)

    def test_what_is_left_out_is_not_absent(self) -> None:
        trace, opening = self.examples[2]
        assert opening.before is not None
        trie = Trie.from_proof(opening.before.leaf.state, opening.nodes)
        self.assertIsNone(trie.get(b"\3"))
        self.assertRaises(Missing, trie.get, b"\0\0\1")
        self.assertRaises(Missing, trie.put, b"\0\0\1", b"")


class Strictness(unittest.TestCase):
    def test_longer_forms_of_numbers(self) -> None:
        for data in ("0x0100", "0x02000000", "0x03ffffff3f", "0x070000000000"):
            with self.assertRaises(Malformed):
                Reader(from_hex(data)).compact()

    def test_other_lengths(self) -> None:
        encoded = from_hex(vectors("encodings")["receipt"][0]["scale"])
        for length in range(len(encoded)):
            self.assertRaises(Malformed, records.RECEIPT.decode, encoded[:length])
        self.assertRaises(Malformed, records.RECEIPT.decode, encoded + b"\0")


if __name__ == "__main__":
    unittest.main()

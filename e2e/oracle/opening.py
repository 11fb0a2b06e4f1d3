"""Judging the opening of one step: does the trace follow the rule there?"""

from __future__ import annotations

from records import Context, Opening, Leaf, ProvenLeaf, Trace
from scale import Malformed
from settlement import State, Wrong, execute, leaf_hash, receipts_hash, receipts_of, root_by_proof, steps_in
from trie import Missing, Trie

Verdict = str | dict[str, str]


def _is_in(trace: Trace, step: int, proven: ProvenLeaf) -> bool:
    return root_by_proof(leaf_hash(step, proven.leaf), step, steps_in(trace.receipts), proven.proof) == trace.root


def judge(context: Context, trace: Trace, opening: Opening) -> Verdict:
    """`Holds`, or what is wrong with the step, or why the opening shows nothing.

    Everything that the operator has not committed to is judged first, so that nobody can bring an opening which makes
    an honest step look wrong.
    """
    if opening.step >= steps_in(trace.receipts):
        return {"Malformed": "NoSuchStep"}
    leaf = ProvenLeaf(Leaf(receipts_hash(opening.receipts), opening.state), opening.proof)
    if not _is_in(trace, opening.step, leaf):
        return {"Malformed": "NotInTrace"}
    before = opening.before
    if (before is None) != (opening.step == 0):
        return {"Malformed": "NotBefore"}
    if before is not None and not _is_in(trace, opening.step - 1, before):
        return {"Malformed": "NotBefore"}

    if len(opening.receipts) != receipts_of(opening.step, trace.receipts):
        return {"Wrong": "Count"}
    try:
        state = State(Trie.from_proof(trace.first if before is None else before.leaf.state, opening.nodes))
        execute(state, context, opening.receipts)
        after = state.root()
    except (Malformed, Missing):
        return {"Malformed": "BadProof"}
    except Wrong as wrong:
        return {"Wrong": wrong.code}
    return "Holds" if after == opening.state else {"Wrong": "Root"}

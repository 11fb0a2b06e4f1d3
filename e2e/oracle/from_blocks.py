#!/usr/bin/env python3
"""Says from block bodies and receipts alone who has earned what in lanes, in nano-OPEN.

Reads a JSON object:

  blocks   all blocks from the first on, each with
             number       its height
             extrinsics   its body: every extrinsic in hexadecimal, with its length before it
             failed       what did not happen, by its place in the body from zero on. A number: an extrinsic that
                          failed, or a proxy's or multisig's in which the call did. {"position": i, "after": k}: of a
                          batch of calls only those before the k-th happened. {"position": i, "items": [k, ...]}: of a
                          batch of calls these did not
  sales    the files of sales behind batches, in the order in which they were submitted, by their paths; null where
           there is none, which only a batch may have that is void
  genesis  the hash of block 0; it is not needed, because no signature is checked
  terms    if governance has changed them: all terms by their number, each with platform_fee (nano-OPEN) and the
           millionths stakers, model and operator; without it, those of genesis are the only ones

Nothing else is read: no state and no events but `failed`. Every batch is computed anew from its receipts. What was
submitted must follow from them, unless the batch is void: payers' counts, costs and heads, increases, totals, the
first and the last root, and the trace with the state behind every step. Outputs and citations in the files must be
those that receipts commit to, and credits must follow from citations. Not checked: signatures, times, bonds, draws,
contents and scores behind citations, whether a wrong credit was shown (that call succeeds only if it was), and whether
a claim passed over somebody because it would not have made an account.

Prints a JSON object; amounts and counts are strings:

  batches    model, batch, status (final, void, pending), attested, receipts, fees, unpaid: how many contributions are
             not paid yet; difference: the first thing in a void one that does not follow from its receipts, or null
  treasury   platform fees
  stakers    their shares
  commons    the commons' part of receipts, what nobody vouches for, and what curators' equal parts leave over
  accounts   by account: model, as operator, owner or owner of an ancestor; contributions, as who is paid for them;
             curation, as reviewer
  payers     model, payer, left: what its entry holds, what leaves included; bought: count, cumulative, head
  unclaimed  datanet, index, earner, curators: what contributions have earned and nobody has claimed. It counts in
             accounts and commons as if it were claimed behind the last block
  seconds    how long it took

Exit code 0 if everything follows; 1 if not: the first difference is named on standard error, and nothing printed; 2 if
the input cannot be read, or has what this was not written for: flags, reference datanets, changes of terms.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datanets import Datanets, Differs
from extrinsics import Call, Unsupported, read_call, read_extrinsic
from lanes import TERMS_OF_GENESIS, ChainBatch, Lanes
from models import Models
from recompute import submission_differs
from records import BOUGHT, TERMS, Receipt, Terms
from sales import Sales, wrong_with
from scale import Malformed, Reader, compact, from_hex, list_of, to_hex
from settlement import Refused, Wrong, settle
from trie import blake2

# Nothing is said of what follows these calls. Governance's are never in a body by themselves, but noted as preimages.
_FLAGS = {f"Datanets.{call}" for call in ("flag", "judge", "appeal", "rule", "advance_flag")}
_REFERENCES = {"Datanets.create_reference", "Datanets.add_references"}


# --- a batch


def difference(batch: ChainBatch, path: str | None) -> str | None:
    """The first thing that does not follow from the receipts in the file."""
    if path is None:
        return "its receipts are not there"
    receipts: list[Receipt] = []
    try:
        sales = Sales(Path(path).read_bytes())
        if sales.payers != batch.payers:
            return f"payers: {len(batch.payers)} have vouchers, the receipts are of {len(sales.payers)}, or of others"
        for place, sale in enumerate(sales):
            if wrong := wrong_with(sale, batch.top):
                return f"receipt {place}: {wrong}"
            receipts.append(sale.receipt)
    except Malformed as error:
        raise Malformed(f"{path}: {error}") from error
    before = [purchase.before for purchase in batch.purchases]
    try:
        computed = settle(batch.context, before, receipts)
    except (Wrong, Refused, Malformed) as error:
        return str(error)
    after = [purchase.after for purchase in batch.purchases]
    return next(submission_differs(after, batch.diff, batch.totals, batch.submitted, computed), None)


# --- blocks


@dataclass(frozen=True)
class Failure:
    """What of an extrinsic did not happen: all of it, or calls of a batch."""

    everything: bool = False
    after: int | None = None
    items: frozenset[int] = field(default_factory=frozenset)

    def spares(self, item: int) -> bool:
        return item not in self.items and (self.after is None or item < self.after)


HAPPENED = Failure()


def failures(values: Iterable[Any]) -> dict[int, Failure]:
    failed = {}
    for value in values:
        if isinstance(value, int):
            failed[value] = Failure(everything=True)
        else:
            failed[value["position"]] = Failure(after=value.get("after"), items=frozenset(value.get("items", ())))
    return failed


class Origins:
    """Who makes the calls inside of calls."""

    def __init__(self) -> None:
        self._approvals: dict[tuple[bytes, bytes], set[bytes]] = {}

    def calls(self, who: bytes, call: Call, failure: Failure = HAPPENED) -> Iterator[tuple[bytes, Call]]:
        """The calls that are made, in order, with who makes them."""
        args = call.args
        match call.name:
            case "Utility.batch" | "Utility.batch_all" | "Utility.force_batch":
                for item, inner in enumerate(args["calls"]):
                    if failure.spares(item):
                        yield from self.calls(who, inner)
            case "Utility.as_derivative":
                yield from self.calls(_derived(who + args["index"].to_bytes(2, "little")), args["call"], failure)
            case "Proxy.proxy" | "Proxy.proxy_announced":
                if args["real"] is None:
                    raise Unsupported("a proxy of who is not named by an account")
                yield from self.calls(args["real"], args["call"], failure)
            case "Multisig.as_multi_threshold_1":
                yield from self.calls(_multisig([who, *args["others"]], 1), args["call"], failure)
            case "Multisig.as_multi":
                account = _multisig([who, *args["others"]], args["threshold"])
                name = account, blake2(args["call"].encoded)
                approvals = self._approvals.setdefault(name, set())
                approvals.add(who)
                if len(approvals) >= args["threshold"]:
                    del self._approvals[name]
                    yield from self.calls(account, args["call"], failure)
            case "Multisig.approve_as_multi":
                account = _multisig([who, *args["others"]], args["threshold"])
                self._approvals.setdefault((account, args["call_hash"]), set()).add(who)
            case "Multisig.cancel_as_multi":
                account = _multisig([who, *args["others"]], args["threshold"])
                self._approvals.pop((account, args["call_hash"]), None)
            case _:
                yield who, call


def _derived(data: bytes) -> bytes:
    return blake2(b"modlpy/utilisuba" + data)


def _multisig(signatories: list[bytes], threshold: int) -> bytes:
    members = compact(len(signatories)) + b"".join(sorted(signatories))
    return _derived(members + threshold.to_bytes(2, "little"))


class Replay:
    """What the calls of blocks lead to."""

    def __init__(self, sales: list[str | None], terms: list[Terms]) -> None:
        self._sales = sales
        self.datanets, self.models = Datanets(), Models()
        self.lanes = Lanes(self.datanets, self.models, terms, self._check)
        self._origins = Origins()
        self._pallets = {
            "Datanets": self.datanets,
            "ModelRegistry": self.models,
            "Rewards": self.lanes,
            "Attribution": self.lanes,
        }

    def block(self, number: int, extrinsics: list[bytes], failed: dict[int, Failure]) -> None:
        self.datanets.begin(number)
        for position, data in enumerate(extrinsics):
            failure = failed.get(position, HAPPENED)
            if failure.everything:
                continue
            try:
                extrinsic = read_extrinsic(data)
                if extrinsic is not None:
                    for who, call in self._origins.calls(extrinsic.signer, extrinsic.call, failure):
                        self._apply(who, call)
            except (Differs, Malformed, Unsupported) as error:
                raise type(error)(f"block {number}, extrinsic {position}: {error}") from error

    def _check(self, batch: ChainBatch) -> str | None:
        place = len(self.lanes.batches)
        if place >= len(self._sales):
            raise Unsupported(f"{batch.name} is one more than there are files of sales")
        return difference(batch, self._sales[place])

    def _apply(self, who: bytes, call: Call) -> None:
        pallet, name = call.name.split(".")
        if call.name in _FLAGS | _REFERENCES or pallet == "Parameters":
            raise Unsupported(f"this was not written for what follows from {call.name}")
        if call.name == "Preimage.note_preimage" and self._notes_references(call.args["bytes"]):
            raise Unsupported("this was not written for reference datanets, and a call about them is noted")
        if pallet in self._pallets and (effect := getattr(self._pallets[pallet], name, None)):
            effect(who, **call.args)

    @staticmethod
    def _notes_references(data: bytes) -> bool:
        try:
            noted = Origins().calls(b"", read_call(Reader(data)))
            return any(call.name in _REFERENCES for _, call in noted)
        except (Malformed, Unsupported):
            return False


# --- what is printed


def report(replay: Replay) -> dict[str, Any]:
    lanes = replay.lanes
    unclaimed = [
        {"datanet": name[0], "index": name[1], "earner": str(owed.earner), "curators": str(owed.curators)}
        for name, owed in sorted(lanes.owed.items())
        if owed.earner or owed.curators
    ]
    names = sorted(lanes.owed)
    lanes.claim(b"", names)
    lanes.claim_curation(b"", names)
    return {
        "batches": [
            {
                "model": batch.model,
                "batch": batch.number,
                "status": batch.status,
                "attested": batch.attested,
                "receipts": str(batch.totals.receipts),
                "fees": str(batch.totals.fees),
                "unpaid": len(batch.diff) - batch.paid if batch.status == "final" else 0,
                "difference": batch.difference,
            }
            for batch in lanes.batches
        ],
        "treasury": str(lanes.treasury),
        "stakers": str(lanes.stakers),
        "commons": str(lanes.commons),
        "accounts": {
            to_hex(account): {
                "model": str(income.model),
                "contributions": str(income.contributions),
                "curation": str(income.curation),
            }
            for account, income in sorted(lanes.incomes.items())
            if income.model or income.contributions or income.curation
        },
        "payers": [
            {
                "model": model,
                "payer": to_hex(payer),
                "left": str(entry.balance + entry.leaving),
                "bought": BOUGHT.show(entry.bought),
            }
            for (model, payer), entry in sorted(lanes.entries.items(), key=lambda item: item[0])
        ],
        "unclaimed": unclaimed,
    }


def first_difference(replay: Replay) -> str | None:
    """What a batch has that stands and does not follow from its receipts."""
    for batch in replay.lanes.batches:
        if batch.status != "void" and batch.difference is not None:
            return f"{batch.name}, {batch.difference}"
    return None


def balance(replay: Replay) -> None:
    """Nothing is lost and nothing made: what was paid of final batches has reached somebody."""
    lanes = replay.lanes
    paid = lanes.treasury + lanes.stakers + lanes.commons
    for income in lanes.incomes.values():
        paid += income.model + income.contributions + income.curation
    fees = 0
    for batch in lanes.batches:
        if batch.final:
            waiting = sum(increase.disclosed + increase.private for increase in batch.diff[batch.paid :])
            fees += batch.totals.fees - waiting
    if paid != fees:
        raise AssertionError(f"{fees} were paid, {paid} received")


def replayed(value: dict[str, Any]) -> Replay:
    terms = list_of(TERMS).parse(value["terms"]) if "terms" in value else [TERMS_OF_GENESIS]
    replay = Replay(value["sales"], terms)
    expected = None
    for block in value["blocks"]:
        number = block["number"]
        if expected is None and number > 1 or expected is not None and number != expected:
            raise Malformed(f"block {number} comes where {expected or 1} must")
        expected = number + 1
        replay.block(number, list(map(from_hex, block["extrinsics"])), failures(block.get("failed", ())))
    submitted, files = len(replay.lanes.batches), len(value["sales"])
    if submitted != files:
        raise Malformed(f"there are {files} files of sales, and {submitted} batches")
    return replay


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", nargs="?", help="what is read; standard input if there is none")
    parser.add_argument("--quiet", action="store_true", help="say only whether it is right")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    try:
        text = Path(options.file).read_text() if options.file else sys.stdin.read()
        replay = replayed(json.loads(text))
        differs = first_difference(replay)
        if differs is None:
            result = report(replay)
            balance(replay)
    except Differs as error:
        differs = str(error)
    except (OSError, KeyError, TypeError, ValueError) as error:
        print(f"cannot be read: {error!r}", file=sys.stderr)
        return 2
    if differs is not None:
        print(f"differs: {differs}", file=sys.stderr)
        return 1
    seconds = round(time.monotonic() - started, 1)
    if not options.quiet:
        json.dump(result | {"seconds": seconds}, sys.stdout, indent=2)
        print()
    print(f"right: everything follows from the receipts ({seconds} s)", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())

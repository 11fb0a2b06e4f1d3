#!/usr/bin/env python3
"""Recomputes a batch and says what each party gets of it, in nano-OPEN.

Usage: recompute.py FILE [--quiet]

FILE is JSON; README.md says what is in it. The exit code is 0 if everything that was submitted follows from the
receipts, 1 if not: the first difference is named on standard error. It is 2 if FILE cannot be read.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from records import (
    BOUGHT,
    CONTEXT,
    DIFF,
    RECEIPTS,
    SUBMITTED,
    TOTALS,
    TRACE,
    Bought,
    Context,
    Increase,
    Purchase,
    Receipt,
    Submitted,
    Totals,
    Trace,
)
from scale import Codec, Malformed, from_hex, list_of
from settlement import (
    Batch,
    Refused,
    Royalty,
    Standing,
    Wrong,
    earnings,
    first_root,
    last_root,
    model_parts,
    settle,
)

T = TypeVar("T")


@dataclass(frozen=True)
class Claim:
    """A batch as it was submitted, with the receipts behind it."""

    context: Context
    before: list[Bought]
    receipts: list[Receipt]
    after: list[Bought]
    diff: list[Increase]
    totals: Totals
    submitted: Submitted
    trace: Trace | None
    royalties: list[Royalty]
    attested: bool
    standings: dict[tuple[int, int], Standing]


def _either(codec: Codec[T], value: Any) -> T:
    """A value as SCALE or as JSON."""
    return codec.decode(from_hex(value)) if isinstance(value, str) else codec.parse(value)


def read_claim(value: dict[str, Any]) -> Claim:
    pieces = value["receipts"]
    if isinstance(pieces, str):
        pieces = [pieces]
    claimed = value["submitted"]
    return Claim(
        context=CONTEXT.parse(value["context"]),
        before=list_of(BOUGHT).parse(value["before"]),
        receipts=[receipt for piece in pieces for receipt in RECEIPTS.decode(from_hex(piece))],
        after=list_of(BOUGHT).parse(claimed["after"]),
        diff=_either(DIFF, claimed["diff"]),
        totals=_either(TOTALS, claimed["totals"]),
        submitted=SUBMITTED.parse(claimed),
        trace=None if value.get("trace") is None else _either(TRACE, value["trace"]),
        royalties=[Royalty(item["from"], item["royalty"]) for item in value.get("royalties", [])],
        attested=bool(value.get("attested", False)),
        standings={
            (item["datanet"], item["index"]): Standing(
                item.get("curators", 0), item.get("penalty", 0), item.get("voided", False)
            )
            for item in value.get("standings", [])
        },
    )


# --- what differs


def _show(value: object) -> str:
    return f"0x{value.hex()}" if isinstance(value, bytes) else str(value)


def _fields_differ(what: str, claimed: Any, computed: Any) -> Iterator[str]:
    for field in fields(claimed):
        a, b = getattr(claimed, field.name), getattr(computed, field.name)
        if a != b:
            yield f"{what}, {field.name}: submitted {_show(a)}, computed {_show(b)}"


def submission_differs(
    after: list[Bought], diff: list[Increase], totals: Totals, submitted: Submitted, batch: Batch
) -> Iterator[str]:
    """What was submitted and does not follow from the receipts."""
    if len(after) != len(batch.purchases):
        yield f"payers: submitted {len(after)}, there were {len(batch.purchases)}"
        return
    for position, (bought, purchase) in enumerate(zip(after, batch.purchases)):
        yield from _fields_differ(f"payer {position}", bought, purchase.after)

    for increase, computed in zip(diff, batch.diff):
        a, b = (increase.datanet, increase.index), (computed.datanet, computed.index)
        if a != b:
            yield "increases: submitted {}/{} where {}/{} comes next".format(*a, *b)
            return
        yield from _fields_differ("increase of {}/{}".format(*a), increase, computed)
    if len(diff) != len(batch.diff):
        yield f"increases: submitted {len(diff)}, computed {len(batch.diff)}"

    yield from _fields_differ("totals", totals, batch.totals)
    yield from _fields_differ("trace", submitted, batch.submitted())

    # What the chain computes by itself must be what the receipts lead to.
    purchases = [Purchase(purchase.before, bought) for purchase, bought in zip(batch.purchases, after)]
    roots = first_root(purchases), last_root(purchases, diff, totals)
    for what, said, follows in zip(("first", "last"), roots, (batch.first, batch.last)):
        if said != follows:
            yield f"{what} root: of what was submitted {_show(said)}, of the receipts {_show(follows)}"


def differences(claim: Claim, batch: Batch) -> Iterator[str]:
    """The same of a claim, which may also have what the chain keeps."""
    yield from submission_differs(claim.after, claim.diff, claim.totals, claim.submitted, batch)
    if claim.trace is not None:
        yield from _fields_differ("trace on chain", claim.trace, batch.trace())


# --- who gets what


def report(claim: Claim, batch: Batch) -> Iterator[str]:
    """A line for each party; the last ones show that nothing is lost."""

    def line(who: str, amount: int, note: str = "") -> str:
        return f"{who:<26}{amount:>24}{'  ' + note if note else ''}"

    totals = batch.totals
    yield f"{totals.receipts} receipts in {len(batch.leaves)} steps; amounts in nano-OPEN"
    for position, purchase in enumerate(batch.purchases):
        before, after = purchase.before, purchase.after
        paid, count = after.cumulative - before.cumulative, after.count - before.count
        yield line(f"payer {position} pays", paid, f"for {count} receipts")
    yield line("platform", totals.platform)
    yield line("stakers", totals.stakers)
    parts = model_parts(totals.model, claim.context.terms.operator, claim.royalties)
    yield line("model: operator", parts.operator)
    for number, amount in enumerate(parts.ancestors, start=1):
        yield line(f"model: ancestor {number}", amount)
    yield line("model: owner", parts.owner)
    earned, curated, commons = 0, 0, totals.commons
    for increase in batch.diff:
        name = increase.datanet, increase.index
        got = earnings(increase, claim.standings.get(name, Standing()), claim.attested)
        note = f"of {increase.disclosed} disclosed, {increase.private} private"
        if got.curators:
            note += f"; curators {got.curators}"
        if got.commons:
            note += f"; commons {got.commons}"
        yield line("contribution {}/{}".format(*name), got.earner, note)
        earned, curated, commons = earned + got.earner, curated + got.curators, commons + got.commons
    yield line("curators", curated)
    yield line("commons", commons, f"{totals.commons} of it by receipts")
    model = parts.operator + sum(parts.ancestors) + parts.owner
    everything = totals.platform + totals.stakers + model + earned + curated + commons
    yield line("paid", totals.fees)
    yield line("received", everything)
    if everything != totals.fees:
        raise AssertionError(f"{totals.fees} were paid, {everything} received")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Recomputes a batch and says what each party gets of it.")
    parser.add_argument("file", type=Path, help="the batch, as README.md describes it")
    parser.add_argument("--quiet", action="store_true", help="say only whether it is right")
    options = parser.parse_args(arguments)
    try:
        claim = read_claim(json.loads(options.file.read_text()))
    except (OSError, KeyError, TypeError, ValueError) as error:
        print(f"{options.file} cannot be read: {error!r}", file=sys.stderr)
        return 2
    started = time.monotonic()
    try:
        batch = settle(claim.context, claim.before, claim.receipts)
        if not options.quiet:
            for line in report(claim, batch):
                print(line)
    except (Wrong, Refused, Malformed) as error:
        print(f"differs: {error}", file=sys.stderr)
        return 1
    difference = next(differences(claim, batch), None)
    if difference is not None:
        print(f"differs: {difference}", file=sys.stderr)
        return 1
    elapsed = time.monotonic() - started
    print(f"right: everything submitted follows from the receipts ({elapsed:.1f} s)", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())

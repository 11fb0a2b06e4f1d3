#!/usr/bin/env python3
"""Writes a batch out of nothing as recompute.py reads it: the same numbers give the same batch.

Usage: sample.py RECEIPTS [--payers N] [--contributions N] > FILE

What it says was submitted is computed by settlement.py, so it measures speed and shows nothing else.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from typing import Any

from records import (
    BOUGHT,
    CONTEXT,
    DIFF,
    MAX_CREDITS,
    NOTHING_BOUGHT,
    RECEIPTS,
    SUBMITTED,
    TOTALS,
    TRACE,
    Context,
    Core,
    Credit,
    Price,
    Receipt,
    Snapshot,
    Terms,
)
from scale import list_of, to_hex
from settlement import Batch, fee_of, settle, steps_of

PRICE = Price(rate_in=1_000_000, rate_out=3_000_000)
TERMS = Terms(platform_fee=100_000, stakers=100_000, model=300_000, operator=500_000)
DATANETS = 4


def sample(receipts: int, payers: int, contributions: int) -> tuple[Context, list[Receipt]]:
    dice = random.Random(receipts)
    length = -(-contributions // DATANETS)
    context = Context(1, 1, PRICE, TERMS, [Snapshot(datanet, length) for datanet in range(DATANETS)])

    def receipt() -> Receipt:
        tokens_in, tokens_out = dice.randrange(4_000), dice.randrange(2_000)
        fee = fee_of(PRICE, tokens_in, tokens_out, TERMS.platform_fee)
        names = sorted(dice.sample(range(contributions), dice.randint(0, min(MAX_CREDITS, contributions))))
        return Receipt(
            payer=dice.randrange(payers),
            core=Core(1, 1, tokens_in, tokens_out, fee, dice.randbytes(32), dice.random() < 0.3),
            credits=[Credit(name // length, name % length, dice.randint(1, 2_000)) for name in names],
            rest=dice.randrange(2_000),
            matches=dice.randbytes(32),
        )

    return context, [receipt() for _ in range(receipts)]


def claim_of(context: Context, receipts: list[Receipt], batch: Batch) -> dict[str, Any]:
    bought = list_of(BOUGHT)
    return {
        "context": CONTEXT.show(context),
        "before": bought.show([purchase.before for purchase in batch.purchases]),
        "receipts": [to_hex(RECEIPTS.encode(step)) for step in steps_of(receipts)],
        "submitted": {
            "after": bought.show([purchase.after for purchase in batch.purchases]),
            "diff": DIFF.show(batch.diff),
            "totals": TOTALS.show(batch.totals),
            **SUBMITTED.show(batch.submitted()),
        },
        "trace": TRACE.show(batch.trace()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes a batch out of nothing, as recompute.py reads it.")
    parser.add_argument("receipts", type=int)
    parser.add_argument("--payers", type=int, default=1_000)
    parser.add_argument("--contributions", type=int, default=4_000)
    options = parser.parse_args()
    context, receipts = sample(options.receipts, options.payers, options.contributions)
    batch = settle(context, [NOTHING_BOUGHT] * options.payers, receipts)
    json.dump(claim_of(context, receipts, batch), sys.stdout)


if __name__ == "__main__":
    main()

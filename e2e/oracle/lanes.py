"""The money of lanes, as calls say it: from `pallets/rewards/README.md`, `pallets/attribution/README.md` and
`settlement/README.md`.

A method is the call of that name, by whom, and stands for one that succeeded. Calls that move nothing between payers
and payees have none. When a batch may be final, what is drawn and until when is the chain's business: here it is final
because `finalise` succeeded, and void because an opening shows it or a call succeeded that only lets batches fall.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from datanets import Datanets, Differs, Name
from extrinsics import Disclosure, Unsupported, Voucher
from models import Models
from opening import judge
from records import NOTHING_BOUGHT, Bought, Context, Increase, Opening, Purchase, Submitted, Terms, Totals, Trace
from sales import follows
from settlement import Standing, earnings, first_root, model_parts, possible

MAX_SIGNERS = 64

# What governance sets at genesis: docs/parameters.md.
TERMS_OF_GENESIS = Terms(platform_fee=100_000, stakers=100_000, model=300_000, operator=500_000)


@dataclass
class Entry:
    """What a payer has with a model; what leaves can still be drawn on."""

    balance: int
    leaving: int = 0
    bought: Bought = NOTHING_BOUGHT

    def pay(self, cost: int) -> None:
        left = self.balance + self.leaving - cost
        if left < 0:
            raise Differs(f"a payer has {self.balance + self.leaving} and pays {cost}")
        self.leaving = min(self.leaving, left)
        self.balance = left - self.leaving


@dataclass
class ChainBatch:
    """A batch as the chain has it. `difference` is the first thing in it that does not follow from its receipts."""

    model: int
    number: int
    operator: bytes
    context: Context
    top: int
    payers: list[bytes]
    purchases: list[Purchase]
    diff: list[Increase]
    totals: Totals
    submitted: Submitted
    difference: str | None = None
    status: str = "pending"
    # Whether it was ever: it may have fallen since.
    final: bool = False
    attested: bool = False
    paid: int = 0
    signers: list[bytes] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"batch {self.number} of model {self.model}"

    def trace(self) -> Trace:
        return Trace(first_root(self.purchases), self.submitted.root, self.totals.receipts)


@dataclass
class Stake:
    """What an attestor has at stake."""

    amount: int
    leaving: bool = False


@dataclass
class Owed:
    """What a contribution has earned and nobody has claimed."""

    earner: int = 0
    curators: int = 0


@dataclass
class Income:
    """What an account has earned, whether it has claimed it or not."""

    model: int = 0
    contributions: int = 0
    curation: int = 0


class Lanes:
    """Entries, batches, attestors, and what was paid."""

    def __init__(
        self,
        datanets: Datanets,
        models: Models,
        terms: Sequence[Terms],
        check: Callable[[ChainBatch], str | None],
    ) -> None:
        self._datanets, self._models, self._terms, self._check = datanets, models, terms, check
        self.entries: dict[tuple[int, bytes], Entry] = {}
        self.batches: list[ChainBatch] = []
        self.incomes: defaultdict[bytes, Income] = defaultdict(Income)
        self.owed: defaultdict[Name, Owed] = defaultdict(Owed)
        self.treasury, self.stakers, self.commons = 0, 0, 0
        self._stakes: dict[bytes, Stake] = {}

    # --- payers

    def open_entry(self, who: bytes, model: int, amount: int, signer: bytes | None) -> None:
        self.entries[model, who] = Entry(amount)

    def top_up(self, who: bytes, model: int, payer: bytes, amount: int) -> None:
        self._entry(model, payer).balance += amount

    def withdraw(self, who: bytes, model: int, amount: int) -> None:
        entry = self._entry(model, who)
        if amount > entry.balance:
            raise Differs(f"a payer has {entry.balance} and withdraws {amount}")
        entry.balance -= amount
        entry.leaving += amount

    def take_withdrawn(self, who: bytes, model: int, payer: bytes) -> None:
        self._entry(model, payer).leaving = 0

    # --- batches

    def submit_batch(self, who: bytes, model: int, submission: dict[str, Any]) -> None:
        number = sum(batch.model == model for batch in self.batches)
        vouchers: list[Voucher] = submission["vouchers"]
        version = self._models.version(model, submission["version"])
        if submission["terms"] >= len(self._terms):
            raise Unsupported(
                f"batch {number} of model {model} is under terms {submission['terms']}: governance has changed them,"
                " which block bodies do not show"
            )
        entries = [self._entry(model, voucher.payer) for voucher in vouchers]
        batch = ChainBatch(
            model=model,
            number=number,
            operator=who,
            context=Context(
                version=submission["version"],
                epoch=submission["epoch"],
                price=self._models.price(model, submission["epoch"]),
                terms=self._terms[submission["terms"]],
                snapshots=version.snapshots,
            ),
            top=version.top,
            payers=[voucher.payer for voucher in vouchers],
            purchases=[Purchase(entry.bought, voucher.bought) for entry, voucher in zip(entries, vouchers)],
            diff=submission["diff"],
            totals=submission["totals"],
            submitted=submission["trace"],
        )
        batch.difference = self._check(batch)
        for entry, purchase in zip(entries, batch.purchases):
            entry.pay(_cost(purchase))
            entry.bought = purchase.after
        self.batches.append(batch)

    def open(
        self, who: bytes, model: int, batch: int, opening: Opening, disclosures: list[Disclosure]
    ) -> None:
        challenged = self._batch(model, batch)
        verdict = judge(challenged.context, challenged.trace(), opening)
        if isinstance(verdict, dict) and "Malformed" in verdict:
            raise Differs(f"an opening of {challenged.name} was taken, and shows nothing: {verdict}")
        wrong = verdict != "Holds"
        for disclosure in disclosures:
            if disclosure.receipt >= len(opening.receipts):
                raise Differs(f"an opening of {challenged.name} was taken that discloses what it has not")
            receipt = opening.receipts[disclosure.receipt]
            wrong |= not follows(receipt, disclosure.citations, challenged.top)
        if wrong:
            self._void(challenged, at_fault=True)

    def wrong_credit(self, who: bytes, model: int, batch: int, **_: object) -> None:
        self._void(self._batch(model, batch), at_fault=True)

    def expire_demand(self, who: bytes, model: int, batch: int, receipt: int) -> None:
        # Silence costs signers something once the batch was final on their word.
        silent = self._batch(model, batch)
        self._void(silent, at_fault=silent.status == "final")

    def expire_draws(self, who: bytes, model: int, batch: int) -> None:
        self._void(self._batch(model, batch), at_fault=False)

    def expire_orphan(self, who: bytes, model: int, batch: int) -> None:
        self._void(self._batch(model, batch), at_fault=False)

    def adopt(self, who: bytes, model: int, batch: int) -> None:
        self._batch(model, batch).operator = who

    def finalise(self, who: bytes, model: int, batch: int, most: int) -> None:
        final = self._batch(model, batch)
        if final.status == "pending":
            final.status, final.final = "final", True
            final.attested = self._attests(final)
            self._pay_totals(final)
        until = min(final.paid + most, len(final.diff))
        for increase in final.diff[final.paid : until]:
            self._pay_increase(increase, final.attested)
        final.paid = until

    def _void(self, batch: ChainBatch, at_fault: bool) -> None:
        """Payers get back what it cost them; what they bought stays bought."""
        if batch.status == "void":
            raise Differs(f"{batch.name} falls twice")
        batch.status = "void"
        for payer, purchase in zip(batch.payers, batch.purchases):
            self._entry(batch.model, payer).balance += _cost(purchase)
        if at_fault:
            for signer in batch.signers:
                self._stakes.pop(signer, None)

    # --- attestors

    def stake(self, who: bytes, amount: int) -> None:
        self._stakes.setdefault(who, Stake(0)).amount += amount

    def leave(self, who: bytes) -> None:
        if who not in self._stakes:
            raise Differs(f"0x{who.hex()} leaves, and is no attestor")
        self._stakes[who].leaving = True

    def release_attestor(self, who: bytes, attestor: bytes) -> None:
        self._stakes.pop(attestor, None)

    def attest(self, who: bytes, model: int, batch: int) -> None:
        signers = self._batch(model, batch).signers
        if len(signers) == MAX_SIGNERS:
            signers.remove(min(signers, key=self._standing))
        signers.append(who)

    def _standing(self, attestor: bytes) -> int:
        """What answers for an attestor's word: nothing of who is leaving, or was slashed."""
        stake = self._stakes.get(attestor)
        return 0 if stake is None or stake.leaving else stake.amount

    def _attests(self, batch: ChainBatch) -> bool:
        """Whether its signers have two thirds of all stake."""
        signed = sum(map(self._standing, batch.signers))
        return signed > 0 and 3 * signed >= 2 * sum(map(self._standing, self._stakes))

    # --- payees

    def _pay_totals(self, batch: ChainBatch) -> None:
        totals = batch.totals
        self.treasury += totals.platform
        self.stakers += totals.stakers
        self.commons += totals.commons
        model = self._models.model(batch.model)
        parts = model_parts(totals.model, batch.context.terms.operator, model.royalties)
        self.incomes[batch.operator].model += parts.operator
        for ancestor, amount in zip(model.ancestors, parts.ancestors):
            self.incomes[self._models.model(ancestor).owner].model += amount
        self.incomes[model.owner].model += parts.owner

    def _pay_increase(self, increase: Increase, attested: bool) -> None:
        name = increase.datanet, increase.index
        share = self._datanets.contribution(name).curator_share
        got = earnings(increase, Standing(curators=share), attested)
        self.owed[name].earner += got.earner
        self.owed[name].curators += got.curators
        self.commons += got.commons

    def claim(self, who: bytes, contributions: list[Name]) -> None:
        for name in contributions:
            owed = self.owed[name]
            self.incomes[self._datanets.payee(name)].contributions += owed.earner
            owed.earner = 0

    def claim_curation(self, who: bytes, contributions: list[Name]) -> None:
        """Equal parts; what they leave over goes to the commons."""
        for name in contributions:
            owed = self.owed[name]
            curators = self._datanets.contribution(name).curators
            each = owed.curators // len(curators) if curators else 0
            for curator in curators:
                self.incomes[curator].curation += each
            self.commons += owed.curators - each * len(curators)
            owed.curators = 0

    # --- helpers

    def _entry(self, model: int, payer: bytes) -> Entry:
        if (model, payer) not in self.entries:
            raise Differs(f"0x{payer.hex()} has no entry with model {model}")
        return self.entries[model, payer]

    def _batch(self, model: int, number: int) -> ChainBatch:
        for batch in self.batches:
            if (batch.model, batch.number) == (model, number):
                return batch
        raise Differs(f"model {model} has no batch {number}")


def _cost(purchase: Purchase) -> int:
    cost = purchase.after.cumulative - purchase.before.cumulative
    if cost < 0:
        raise Differs("a payer pays less than nothing")
    return possible(cost)

"""Who contributed what, as calls say it: written from `pallets/datanets/README.md` and `docs/contributing-data.md`.

A method is the call of that name, by whom, and stands for one that succeeded. Calls that change nothing about who earns
have none.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from extrinsics import Policy, Reveal
from trie import blake2

Name = tuple[int, int]


class Differs(Exception):
    """What blocks have cannot be so by the rules."""


@dataclass
class Pending:
    """A contribution that waits, with the seats that voted on it."""

    contributor: bytes
    content: bytes
    policy: Policy
    approvals: list[int] = field(default_factory=list)
    rejections: list[int] = field(default_factory=list)


@dataclass
class Contribution:
    """An accepted contribution: who earns, and the reviewers who get their share of it."""

    earner: bytes
    curator_share: int
    curators: list[bytes]


@dataclass
class Datanet:
    """A datanet. A seat has its reviewer as long as it is not ended."""

    waiting: dict[int, Pending] = field(default_factory=dict)
    accepted: list[Contribution] = field(default_factory=list)
    seats: list[bytes | None] = field(default_factory=list)

    def standing(self, votes: list[int]) -> list[int]:
        """Votes lapse with their seat."""
        return [seat for seat in votes if self.seats[seat] is not None]


class Datanets:
    """The record of all datanets."""

    def __init__(self) -> None:
        self.datanets: list[Datanet] = []
        # Precedences: of each block, how many commitments it has so far.
        self._block, self._committed = 0, 0
        self._commitments: dict[tuple[bytes, bytes], int] = {}
        # Where contents wait.
        self._waiting: dict[bytes, tuple[int, int]] = {}
        self._payees: dict[bytes, bytes] = {}

    def begin(self, block: int) -> None:
        self._block, self._committed = block, 0

    # --- what others ask

    def contribution(self, name: Name) -> Contribution:
        datanet, index = name
        if datanet < len(self.datanets) and index < len(self.datanets[datanet].accepted):
            return self.datanets[datanet].accepted[index]
        raise Differs("there is no contribution {}/{}".format(*name))

    def payee(self, name: Name) -> bytes:
        """Where the earner's part is paid now."""
        earner = self.contribution(name).earner
        return self._payees.get(earner, earner)

    # --- calls

    def create_datanet(self, who: bytes, **_: object) -> None:
        self.datanets.append(Datanet())

    def invite_reviewer(self, who: bytes, datanet: int, reviewer: bytes) -> None:
        self._datanet(datanet).seats.append(reviewer)

    def remove_reviewer(self, who: bytes, datanet: int, reviewer: bytes) -> None:
        self._datanet(datanet).seats[self._seat(datanet, reviewer)] = None

    def commit(self, who: bytes, commitments: list[bytes]) -> None:
        for commitment in commitments:
            self._commitments[who, commitment] = self._block << 32 | self._committed
            self._committed += 1

    def forget(self, who: bytes, owner: bytes, commitments: list[bytes]) -> None:
        for commitment in commitments:
            self._take(owner, commitment)

    def reveal(self, who: bytes, datanet: int, agreed: Policy, reveals: list[Reveal]) -> None:
        for reveal in reveals:
            precedence = self._take(who, blake2(reveal.content + reveal.salt + who))
            # What waits under a later commitment gives way.
            if reveal.content in self._waiting:
                self._drop(*self._waiting[reveal.content])
            self._datanet(datanet).waiting[precedence] = Pending(who, reveal.content, agreed)
            self._waiting[reveal.content] = datanet, precedence

    def vote(self, who: bytes, datanet: int, votes: list[tuple[int, tuple[int, object]]]) -> None:
        seat = self._seat(datanet, who)
        for precedence, (rejects, _) in votes:
            pending = self._pending(datanet, precedence)
            (pending.rejections if rejects else pending.approvals).append(seat)
            if len(self._datanet(datanet).standing(pending.rejections)) >= pending.policy.quorum:
                self._drop(datanet, precedence)

    def accept(self, who: bytes, datanet: int, contributions: list[int]) -> None:
        record = self._datanet(datanet)
        for precedence in contributions:
            pending = self._pending(datanet, precedence)
            acceptors = record.standing(pending.approvals)
            if len(acceptors) < pending.policy.quorum:
                raise Differs(f"{_shown(precedence)} of datanet {datanet} was accepted with {len(acceptors)} approvals")
            self._drop(datanet, precedence)
            curators = [account for seat in acceptors if (account := record.seats[seat]) is not None]
            record.accepted.append(Contribution(pending.contributor, pending.policy.curator_share, curators))

    def withdraw(self, who: bytes, datanet: int, contributions: list[int]) -> None:
        for precedence in contributions:
            self._pending(datanet, precedence)
            self._drop(datanet, precedence)

    def transfer_right(self, who: bytes, contributions: list[Name], earner: bytes) -> None:
        for name in contributions:
            self.contribution(name).earner = earner

    def set_payee(self, who: bytes, payee: bytes | None) -> None:
        if payee is None:
            self._payees.pop(who, None)
        else:
            self._payees[who] = payee

    # --- helpers

    def _datanet(self, datanet: int) -> Datanet:
        if datanet >= len(self.datanets):
            raise Differs(f"there is no datanet {datanet}")
        return self.datanets[datanet]

    def _seat(self, datanet: int, reviewer: bytes) -> int:
        seats = self._datanet(datanet).seats
        if reviewer not in seats:
            raise Differs(f"0x{reviewer.hex()} has no seat in datanet {datanet}")
        return seats.index(reviewer)

    def _pending(self, datanet: int, precedence: int) -> Pending:
        waiting = self._datanet(datanet).waiting
        if precedence not in waiting:
            raise Differs(f"{_shown(precedence)} does not wait in datanet {datanet}")
        return waiting[precedence]

    def _take(self, owner: bytes, commitment: bytes) -> int:
        if (owner, commitment) not in self._commitments:
            raise Differs(f"0x{owner.hex()} has not committed to 0x{commitment.hex()}")
        return self._commitments.pop((owner, commitment))

    def _drop(self, datanet: int, precedence: int) -> None:
        pending = self._datanet(datanet).waiting.pop(precedence)
        del self._waiting[pending.content]


def _shown(precedence: int) -> str:
    """As people read it: block and position."""
    return f"{precedence >> 32}-{precedence & 0xFFFFFFFF}"

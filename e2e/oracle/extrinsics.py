"""Extrinsics as they stand in block bodies, as far as the oracle must read them.

Of the runtime this knows how bytes are laid out and nothing else: indices of pallets and calls, and the types of their
arguments. A call of another pallet has a length that only metadata tells: it takes all bytes that are left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from records import BOUGHT, CITATION, DIFF, OPENING, SUBMITTED, TOTALS, Bought, Citation, Price
from scale import BYTES, HASH, Malformed, Reader, list_of

Read = Callable[[Reader], Any]


class Unsupported(ValueError):
    """What the oracle was not written for: it says nothing rather than something wrong."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call by its name, such as `Datanets.commit`."""

    name: str
    args: dict[str, Any]
    encoded: bytes


@dataclass(frozen=True, slots=True)
class Extrinsic:
    """A call and who signed it."""

    signer: bytes
    call: Call


# --- types


def _number(bits: int) -> Read:
    return lambda reader: reader.number(bits // 8)


_u8, _u16, _u32, _u64, _u128 = map(_number, (8, 16, 32, 64, 128))
_compact: Read = Reader.compact
_account, _hash = HASH.read, HASH.read
_bytes = BYTES.read


def _bool(reader: Reader) -> bool:
    return _below(2, reader.number(1)) == 1


def _below(count: int, variant: int) -> int:
    if variant >= count:
        raise Malformed(f"an enum of {count} has no variant {variant}")
    return variant


def _unit(count: int) -> Read:
    """An enum whose variants have no fields."""
    return lambda reader: _below(count, reader.number(1))


def _many(item: Read) -> Read:
    return lambda reader: [item(reader) for _ in range(reader.compact())]


def _maybe(item: Read) -> Read:
    return lambda reader: item(reader) if _bool(reader) else None


def _fields(**items: Read) -> Read:
    return lambda reader: {name: item(reader) for name, item in items.items()}


def _tuple(*items: Read) -> Read:
    return lambda reader: tuple(item(reader) for item in items)


def _enum(*variants: Read) -> Read:
    """An enum: the place of its variant, and the fields of that."""

    def read(reader: Reader) -> Any:
        variant = _below(len(variants), reader.number(1))
        return variant, variants[variant](reader)

    return read


_nothing = _fields()


def _address(reader: Reader) -> bytes | None:
    """A `MultiAddress`; those that are no account lead to none here."""
    kind, account = _enum(_account, _nothing, _bytes, _hash, lambda reader: reader.take(20))(reader)
    return None if kind else account


def _signature(reader: Reader) -> bytes:
    return reader.take((64, 64, 65, 65)[_below(4, reader.number(1))])


def _contribution(reader: Reader) -> tuple[int, int]:
    return reader.number(4), reader.number(4)


def _price(reader: Reader) -> Price:
    return Price(reader.number(8), reader.number(8))


@dataclass(frozen=True, slots=True)
class Policy:
    """What a datanet asks; a quorum of zero is that of an open one."""

    quorum: int
    curator_share: int


def _policy(reader: Reader) -> Policy:
    reviewed, admission = _enum(_nothing, _fields(quorum=_u8, period=_u32))(reader)
    reader.take(16)
    return Policy(admission["quorum"] if reviewed else 0, reader.number(4))


_terms_of_licence = _fields(commercial=_bool, share_alike=_bool, attribution=_bool)
_licence = _enum(*[_nothing] * 6, _fields(text=_hash, terms=_terms_of_licence))


@dataclass(frozen=True, slots=True)
class Reveal:
    """What was committed."""

    content: bytes
    salt: bytes


def _reveal(reader: Reader) -> Reveal:
    reveal = Reveal(reader.take(32), reader.take(32))
    _fields(size=_u64, kind=_unit(6), licence=_licence, uri=_bytes, subject=_maybe(_contribution))(reader)
    return reveal


_vote = _tuple(_u64, _enum(_nothing, _unit(6)))
_reference = _fields(content=_hash, size=_u64, kind=_unit(6), uri=_bytes)
_parent = _tuple(_u32, _u32)
_derivative_terms = _fields(allowed=_bool, royalty=_u32)


def _snapshot(reader: Reader) -> tuple[int, int]:
    return reader.number(4), reader.number(4)


_method = _enum(
    _fields(window=_u16),
    _fields(sketches=_hash, dimensions=_u16, clip=_u32),
    _fields(table=_hash, top=_u8),
)
_version = _fields(
    weights=_hash,
    config=_hash,
    training_log=_hash,
    licence=_licence,
    snapshots=_many(_snapshot),
    parents=_many(_u32),
    method=_method,
    uri=_bytes,
)


@dataclass(frozen=True, slots=True)
class Voucher:
    """What a payer signed; the signature is not checked here."""

    payer: bytes
    bought: Bought


def _voucher(reader: Reader) -> Voucher:
    voucher = Voucher(reader.take(32), BOUGHT.read(reader))
    _signature(reader)
    return voucher


_submission = _fields(
    version=_u32,
    epoch=_u32,
    terms=_u32,
    vouchers=_many(_voucher),
    diff=DIFF.read,
    totals=TOTALS.read,
    trace=SUBMITTED.read,
)


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What an opening publishes of a receipt, by its place in the step."""

    receipt: int
    citations: list[Citation]


_citations = list_of(CITATION).read


def _disclosure(reader: Reader) -> Disclosure:
    place = reader.number(1)
    _bytes(reader)
    return Disclosure(place, _citations(reader))


_evidence = _enum(
    _nothing, _fields(citation=_u32), _fields(citation=_u32, chunk=_bytes, proof=_many(_hash))
)
_challenge = _fields(receipt=_u8, citations=_citations, evidence=_evidence)


# --- calls


def read_call(reader: Reader) -> Call:
    """A call; what is not known has no arguments, and everything behind it belongs to it."""
    start = reader.at
    pallet, index = reader.number(1), reader.number(1)
    name, calls = _PALLETS.get(pallet, (str(pallet), {}))
    if index not in calls:
        if pallet in OWN:
            raise Unsupported(f"{name} has a call {index} that this was not written for")
        reader.at = len(reader.data)
        return Call(f"{name}.{index}", {}, reader.data[start:])
    call, arguments = calls[index]
    args = {argument: read(reader) for argument, read in arguments.items()}
    return Call(f"{name}.{call}", args, reader.data[start : reader.at])


def _calls(reader: Reader) -> list[Call]:
    calls: list[Call] = []
    for _ in range(reader.compact()):
        if reader.at == len(reader.data):
            raise Unsupported(f"a batch has calls behind {calls[-1].name}, of which only metadata tells where it ends")
        calls.append(read_call(reader))
    return calls


def _weight(reader: Reader) -> None:
    # Behind a call that took all bytes there is none left.
    if reader.at < len(reader.data):
        reader.compact(), reader.compact()


_timepoint = _tuple(_u32, _u32)
_texts = {"name": _bytes, "description": _bytes, "tags": _many(_bytes), "uri": _bytes}
_datanet = {"datanet": _u32}
_model = {"model": _u32}
_batch = {"model": _u32, "batch": _u32}
_signatories = {"threshold": _u16, "others": _many(_account)}

Arguments = dict[str, Read]

_PALLETS: dict[int, tuple[str, dict[int, tuple[str, Arguments]]]] = {
    0: ("System", {0: ("remark", {"remark": _bytes}), 7: ("remark_with_event", {"remark": _bytes})}),
    10: (
        "Balances",
        {
            0: ("transfer_allow_death", {"dest": _address, "value": _compact}),
            3: ("transfer_keep_alive", {"dest": _address, "value": _compact}),
            4: ("transfer_all", {"dest": _address, "keep_alive": _bool}),
        },
    ),
    38: ("Preimage", {0: ("note_preimage", {"bytes": _bytes})}),
    40: ("Parameters", {}),
    50: (
        "Utility",
        {
            0: ("batch", {"calls": _calls}),
            1: ("as_derivative", {"index": _u16, "call": read_call}),
            2: ("batch_all", {"calls": _calls}),
            4: ("force_batch", {"calls": _calls}),
        },
    ),
    51: (
        "Multisig",
        {
            0: ("as_multi_threshold_1", {"others": _many(_account), "call": read_call}),
            1: ("as_multi", _signatories | {"timepoint": _maybe(_timepoint), "call": read_call, "weight": _weight}),
            2: (
                "approve_as_multi",
                _signatories | {"timepoint": _maybe(_timepoint), "call_hash": _hash, "weight": _weight},
            ),
            3: ("cancel_as_multi", _signatories | {"timepoint": _timepoint, "call_hash": _hash}),
            4: ("poke_deposit", _signatories | {"call_hash": _hash}),
        },
    ),
    52: (
        "Proxy",
        {
            0: ("proxy", {"real": _address, "kind": _maybe(_u8), "call": read_call}),
            1: ("add_proxy", {"delegate": _address, "kind": _u8, "delay": _u32}),
            2: ("remove_proxy", {"delegate": _address, "kind": _u8, "delay": _u32}),
            3: ("remove_proxies", {}),
            9: ("proxy_announced", {"delegate": _address, "real": _address, "kind": _maybe(_u8), "call": read_call}),
        },
    ),
    60: (
        "Datanets",
        {
            0: ("create_datanet", {"licence": _licence, "policy": _policy} | _texts),
            1: ("set_metadata", _datanet | _texts),
            2: ("set_policy", _datanet | {"policy": _policy}),
            3: ("transfer_datanet", _datanet | {"owner": _account}),
            4: ("close_datanet", _datanet),
            5: ("invite_reviewer", _datanet | {"reviewer": _account}),
            6: ("join_reviewers", _datanet),
            7: ("remove_reviewer", _datanet | {"reviewer": _account}),
            8: ("release_reviewer", _datanet | {"seat": _u16}),
            9: ("commit", {"commitments": _many(_hash)}),
            10: ("forget", {"owner": _account, "commitments": _many(_hash)}),
            11: ("reveal", _datanet | {"agreed": _policy, "reveals": _many(_reveal)}),
            12: ("vote", _datanet | {"votes": _many(_vote)}),
            13: ("accept", _datanet | {"contributions": _many(_u64)}),
            14: ("withdraw", _datanet | {"contributions": _many(_u64)}),
            15: ("set_uri", {"contribution": _contribution, "uri": _bytes}),
            16: ("transfer_right", {"contributions": _many(_contribution), "earner": _account}),
            17: ("set_payee", {"payee": _maybe(_account)}),
            18: ("release_bonds", {"contributions": _many(_contribution)}),
            19: ("flag", {"contribution": _contribution, "ground": _unit(5)}),
            20: ("judge", {"contribution": _contribution, "upheld": _bool}),
            21: ("appeal", {"contribution": _contribution}),
            22: ("rule", {"contribution": _contribution, "upheld": _bool}),
            23: ("advance_flag", {"contribution": _contribution}),
            24: ("create_reference", {"licence": _licence} | _texts),
            25: ("add_references", _datanet | {"contents": _many(_reference)}),
        },
    ),
    61: (
        "ModelRegistry",
        {
            0: (
                "register",
                {
                    "kind": _unit(4),
                    "parents": _many(_parent),
                    "terms": _derivative_terms,
                    "price": _price,
                    "name": _bytes,
                    "description": _bytes,
                    "uri": _bytes,
                },
            ),
            1: ("set_terms", _model | {"terms": _derivative_terms}),
            2: ("set_metadata", _model | {"name": _bytes, "description": _bytes, "uri": _bytes}),
            3: ("add_version", _model | {"version": _version}),
            4: ("activate_version", _model | {"version": _u32}),
            5: ("set_price", _model | {"price": _price}),
            6: ("appoint_operator", _model | {"operator": _account}),
            7: ("accept_operation", _model | {"bond": _u128}),
            8: ("raise_bond", _model | {"amount": _u128}),
            9: ("end_operation", _model),
            10: ("release_operator", _model | {"operator": _account}),
            11: ("transfer_model", _model | {"owner": _account}),
            12: ("deprecate", _model),
        },
    ),
    62: (
        "Rewards",
        {
            0: ("open_entry", _model | {"amount": _u64, "signer": _maybe(_account)}),
            1: ("top_up", _model | {"payer": _account, "amount": _u64}),
            2: ("set_signer", _model | {"signer": _account}),
            3: ("withdraw", _model | {"amount": _u64}),
            4: ("take_withdrawn", _model | {"payer": _account}),
            5: ("claim", {"contributions": _many(_contribution)}),
            6: ("claim_curation", {"contributions": _many(_contribution)}),
            7: ("claim_account", {"accounts": _many(_account)}),
        },
    ),
    63: (
        "Attribution",
        {
            0: ("submit_batch", _model | {"submission": _submission}),
            1: ("demand", _batch | {"receipt": _u32}),
            2: ("open", _batch | {"opening": OPENING.read, "disclosures": _many(_disclosure)}),
            3: ("wrong_credit", _batch | {"opening": OPENING.read, "challenge": _challenge}),
            4: ("expire_demand", _batch | {"receipt": _u32}),
            5: ("expire_draws", _batch),
            6: ("release_demand", _batch | {"receipt": _u32}),
            7: ("finalise", _batch | {"most": _u32}),
            8: ("close", _batch),
            9: ("adopt", _batch),
            10: ("expire_orphan", _batch),
            11: ("stake", {"amount": _u128}),
            12: ("attest", _batch),
            13: ("leave", {}),
            14: ("release_attestor", {"attestor": _account}),
        },
    ),
}

# Pallets of which every call is known.
OWN = range(60, 64)


# --- extrinsics


def read_extrinsic(data: bytes) -> Extrinsic | None:
    """An extrinsic of a block body; none if nobody signed it."""
    reader = Reader(data)
    length = reader.compact()
    if length != len(data) - reader.at:
        raise Malformed(f"an extrinsic says it has {length} bytes, and has {len(data) - reader.at}")
    version = reader.number(1)
    if version in (0x04, 0x05, 0x45):
        return None
    if version != 0x84:
        raise Malformed(f"no extrinsic begins with {version:#04x}")
    signer = _address(reader)
    if signer is None:
        raise Unsupported("a signer who is not named by an account")
    _signature(reader)
    # The extensions that have bytes: era, nonce, tip, and whether the hash of metadata was signed.
    if reader.number(1):
        reader.number(1)
    reader.compact(), reader.compact()
    _unit(2)(reader)
    call = read_call(reader)
    reader.end()
    return Extrinsic(signer, call)

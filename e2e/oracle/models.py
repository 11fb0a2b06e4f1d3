"""What models are made from and what they cost, as calls say it: from `pallets/model-registry/README.md` and
`docs/publishing-a-model.md`.

A method is the call of that name, by whom, and stands for one that succeeded. Calls that change nothing about who earns
have none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from datanets import Differs
from extrinsics import Unsupported
from records import Price, Snapshot
from settlement import Royalty

# The variant of the method `Retrieval`: the others have no evidence, so no batches.
_RETRIEVAL = 2


@dataclass(frozen=True)
class Version:
    """What a version was trained on, and how many citations its method takes."""

    snapshots: list[Snapshot]
    top: int


@dataclass
class Model:
    """A model. Its lineage names ancestors beside what they take: each comes behind the one that it takes from."""

    owner: bytes
    royalty: int
    ancestors: list[int]
    royalties: list[Royalty]
    prices: list[Price]
    versions: list[Version | None] = field(default_factory=list)


class Models:
    """The registry of models."""

    def __init__(self) -> None:
        self.models: list[Model] = []

    # --- what others ask

    def model(self, model: int) -> Model:
        if model >= len(self.models):
            raise Differs(f"there is no model {model}")
        return self.models[model]

    def version(self, model: int, version: int) -> Version:
        versions = self.model(model).versions
        if version >= len(versions):
            raise Differs(f"model {model} has no version {version}")
        known = versions[version]
        if known is None:
            raise Unsupported(f"version {version} of model {model} is of a method that has no batches")
        return known

    def price(self, model: int, epoch: int) -> Price:
        prices = self.model(model).prices
        if epoch >= len(prices):
            raise Differs(f"model {model} has no price epoch {epoch}")
        return prices[epoch]

    # --- calls

    def register(
        self, who: bytes, parents: list[tuple[int, int]], terms: dict[str, Any], price: Price, **_: object
    ) -> None:
        ancestors: list[int] = []
        royalties: list[Royalty] = []
        for number, _at_most in parents:
            parent = self.model(number)
            ancestors.append(number)
            royalties.append(Royalty(0, parent.royalty))
            # What its ancestors take is of what it takes: of this list from here on.
            place = len(ancestors)
            ancestors += parent.ancestors
            royalties += [Royalty(place + above.source, above.royalty) for above in parent.royalties]
        self.models.append(Model(who, terms["royalty"], ancestors, royalties, [price]))

    def set_terms(self, who: bytes, model: int, terms: dict[str, Any]) -> None:
        self.model(model).royalty = terms["royalty"]

    def add_version(self, who: bytes, model: int, version: dict[str, Any]) -> None:
        method, parameters = version["method"]
        snapshots = [Snapshot(datanet, length) for datanet, length in version["snapshots"]]
        known = Version(snapshots, parameters["top"]) if method == _RETRIEVAL else None
        self.model(model).versions.append(known)

    def set_price(self, who: bytes, model: int, price: Price) -> None:
        self.model(model).prices.append(price)

    def transfer_model(self, who: bytes, model: int, owner: bytes) -> None:
        self.model(model).owner = owner

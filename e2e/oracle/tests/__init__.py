"""Tests against `settlement/vectors`, which the crate computed, and of what the vectors do not show."""

import json
from pathlib import Path
from typing import Any

_VECTORS = Path(__file__).resolve().parents[3] / "settlement" / "vectors"


def vectors(name: str) -> Any:
    return json.loads((_VECTORS / f"{name}.json").read_text())

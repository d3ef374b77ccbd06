"""The original's own curves, measured from its vector figures: package data, one value an epoch."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

from reensayo.spec import Curves


@cache
def curves() -> Curves:
    """Every curve of the original; read-off error below 1e-4 of the axis range (Fig. 7's loss: 3e-3)."""
    raw = json.loads(resources.files("reensayo.evidence").joinpath("original_curves.json").read_text("utf-8"))
    return {int(number): figure for number, figure in raw["figures"].items()}

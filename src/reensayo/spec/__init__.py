"""What an original claims and how it is tried: exercises, experiments, recipes, trials, claims and figures.

Everything here is a frozen value that can be written down and hashed. Nothing imports Keras, JAX or NumPy, so a
command that only reads starts at once.
"""

from reensayo.spec.claim import (
    Claim,
    Curves,
    Equals,
    Exceeds,
    FigureValue,
    Happens,
    Quantity,
    Reaches,
    Reading,
    Test,
    curve,
    difference,
)
from reensayo.spec.exercise import Exercise, Mistake
from reensayo.spec.experiment import (
    Encode,
    Evaluate,
    Experiment,
    Measured,
    Predict,
    Prepare,
    Quick,
    Split,
    Trial,
)
from reensayo.spec.figure import Draw, Figure, NetworkDiagram, Panel
from reensayo.spec.identity import RESULTS_VERSION, canonical_json, digest, finite
from reensayo.spec.settings import (
    Origin,
    Recipe,
    Setting,
    Settings,
    Sourced,
    Value,
    assignment,
    both,
    in_words,
    ours,
    script,
    text,
)

__all__ = [
    "RESULTS_VERSION",
    "Claim",
    "Curves",
    "Draw",
    "Encode",
    "Equals",
    "Evaluate",
    "Exceeds",
    "Exercise",
    "Experiment",
    "Figure",
    "FigureValue",
    "Happens",
    "Measured",
    "Mistake",
    "NetworkDiagram",
    "Origin",
    "Panel",
    "Predict",
    "Prepare",
    "Quantity",
    "Quick",
    "Reaches",
    "Reading",
    "Recipe",
    "Setting",
    "Settings",
    "Sourced",
    "Split",
    "Test",
    "Trial",
    "Value",
    "assignment",
    "both",
    "canonical_json",
    "curve",
    "difference",
    "digest",
    "finite",
    "in_words",
    "ours",
    "script",
    "text",
]

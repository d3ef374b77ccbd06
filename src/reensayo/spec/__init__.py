"""What a published work claims and how it is tried, as frozen values that can be written down and hashed.

Nothing imports Keras, JAX or NumPy, so a command that only reads starts at once.

    original.py     a work: exercises, what its recipes mean, its own curves
    exercise.py     what is asked, tried, claimed and wrong
    experiment.py   a network on a data set, with every recipe
    functions.py    what an experiment's functions are given and give
    recipe.py       what an experiment is trained with;  settings.py  values with where they come from
    claim.py        sentences made testable
    figure.py       pictures, declared
    trial.py        experiment, recipe and seed: the unit that is stored
    finished.py     what may be looked at of a finished trial
    names.py        what metrics are called
    checks.py       what an original must keep to;  place.py  where it is written
    identity.py     one way to write a value down;  fingerprint.py  a digest of code
"""

from reensayo.spec.claim import (
    Alike,
    AnyMetric,
    Claim,
    Curves,
    DerivedMetric,
    Equals,
    Exceeds,
    FigureValue,
    Happens,
    Metric,
    Reaches,
    Reading,
    Test,
    Times,
    curve,
    difference,
    experiments_of,
)
from reensayo.spec.exercise import Asked, Exercise, Mistake
from reensayo.spec.experiment import Condition, Experiment, Quick
from reensayo.spec.figure import (
    LOSS,
    AnyPanel,
    Arm,
    Comparison,
    ConfusionMatrix,
    Differences,
    Draw,
    Figure,
    ImageGrid,
    NetworkDiagram,
    Panel,
    View,
    accuracy_and_loss,
)
from reensayo.spec.finished import FinishedTrial
from reensayo.spec.functions import (
    Encode,
    Evaluate,
    Evaluation,
    Fit,
    Fitted,
    KerasMetric,
    Load,
    Predict,
    Split,
    SplitBySeed,
)
from reensayo.spec.identity import RESULTS_VERSION, canonical_json, digest, finite
from reensayo.spec.names import (
    ANYWHERE,
    COSTS,
    NEVER_NEGATIVE,
    SHARE,
    Bounds,
    Named,
    Naming,
    bounds_of_difference,
)
from reensayo.spec.original import Original
from reensayo.spec.place import SpecError
from reensayo.spec.recipe import Recipe
from reensayo.spec.settings import (
    Origin,
    Setting,
    Settings,
    Sourced,
    Value,
    both,
    in_words,
    ours,
    said,
    script,
    text,
)
from reensayo.spec.trial import Trial, trial_id

__all__ = [
    "ANYWHERE",
    "COSTS",
    "LOSS",
    "NEVER_NEGATIVE",
    "RESULTS_VERSION",
    "SHARE",
    "Alike",
    "AnyMetric",
    "AnyPanel",
    "Arm",
    "Asked",
    "Bounds",
    "Claim",
    "Comparison",
    "Condition",
    "ConfusionMatrix",
    "Curves",
    "DerivedMetric",
    "Differences",
    "Draw",
    "Encode",
    "Equals",
    "Evaluate",
    "Evaluation",
    "Exceeds",
    "Exercise",
    "Experiment",
    "Figure",
    "FigureValue",
    "FinishedTrial",
    "Fit",
    "Fitted",
    "Happens",
    "ImageGrid",
    "KerasMetric",
    "Load",
    "Metric",
    "Mistake",
    "Named",
    "Naming",
    "NetworkDiagram",
    "Origin",
    "Original",
    "Panel",
    "Predict",
    "Quick",
    "Reaches",
    "Reading",
    "Recipe",
    "Setting",
    "Settings",
    "Sourced",
    "SpecError",
    "Split",
    "SplitBySeed",
    "Test",
    "Times",
    "Trial",
    "Value",
    "View",
    "accuracy_and_loss",
    "both",
    "bounds_of_difference",
    "canonical_json",
    "curve",
    "difference",
    "digest",
    "experiments_of",
    "finite",
    "in_words",
    "ours",
    "said",
    "script",
    "text",
    "trial_id",
]

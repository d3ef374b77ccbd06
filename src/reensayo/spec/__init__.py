"""What a published work claims and how it is tried, as frozen values that can be written down and hashed.

Nothing imports Keras, JAX or NumPy, so a command that only reads starts at once.

    original.py     a work: exercises, what its recipes mean, its own curves
    exercise.py     what is asked, tried, claimed and wrong
    experiment.py   a network on a data set, with every recipe
    functions.py    what functions of an original are given and give
    recipe.py       what an experiment is trained with;  settings.py  values with where they come from
    claim.py        sentences made testable
    figure.py       pictures, declared
    trial.py        experiment, recipe and seed: the unit that is stored
    names.py        what metrics are called
    checks.py       what an original must keep to;  place.py  where it is written
    identity.py     one way to write a value down;  fingerprint.py  a digest of code
"""

# fmt: off
from reensayo.spec.claim import (
    Above, Alike, Answer, AnyMetric, Claim, Curves, DerivedMetric, Differs, Equals, Exceeds, FigureValue, Happens,
    Metric, Reaches, Reading, Role, Test, Times, curve, difference, experiments_of,
)
from reensayo.spec.exercise import Asked, Counted, Exercise, Mistake
from reensayo.spec.experiment import Condition, Experiment, Quick
from reensayo.spec.figure import (
    LOSS, AnyPanel, Arm, Comparison, ConfusionMatrix, Differences, Draw, Figure, ImageGrid, NetworkDiagram, Panel, View,
    accuracy_and_loss,
)
from reensayo.spec.functions import (
    Encode, Evaluate, Evaluation, FinishedTrial, Fit, Fitted, KerasMetric, Load, Predict, Split, SplitBySeed,
)
from reensayo.spec.identity import RESULTS_VERSION, canonical_json, digest, finite
from reensayo.spec.names import (
    ANYWHERE, COSTS, LOSSES, NEVER_NEGATIVE, SHARE, Bounds, Named, Naming, bounds_of_difference,
)
from reensayo.spec.original import Original
from reensayo.spec.place import SpecError
from reensayo.spec.recipe import Recipe
from reensayo.spec.settings import (
    Origin, Setting, Settings, Sourced, Value, both, in_words, ours, said, script, sourced, text,
)
from reensayo.spec.trial import Trial, trial_id

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

from reensayo.spec.claim import Alike as Alike
from reensayo.spec.claim import AnyMetric as AnyMetric
from reensayo.spec.claim import Claim as Claim
from reensayo.spec.claim import Curves as Curves
from reensayo.spec.claim import DerivedMetric as DerivedMetric
from reensayo.spec.claim import Equals as Equals
from reensayo.spec.claim import Exceeds as Exceeds
from reensayo.spec.claim import FigureValue as FigureValue
from reensayo.spec.claim import Happens as Happens
from reensayo.spec.claim import Metric as Metric
from reensayo.spec.claim import Reaches as Reaches
from reensayo.spec.claim import Reading as Reading
from reensayo.spec.claim import Test as Test
from reensayo.spec.claim import Times as Times
from reensayo.spec.claim import curve as curve
from reensayo.spec.claim import difference as difference
from reensayo.spec.claim import experiments_of as experiments_of
from reensayo.spec.exercise import Asked as Asked
from reensayo.spec.exercise import Exercise as Exercise
from reensayo.spec.exercise import Mistake as Mistake
from reensayo.spec.experiment import Condition as Condition
from reensayo.spec.experiment import Experiment as Experiment
from reensayo.spec.experiment import Quick as Quick
from reensayo.spec.figure import LOSS as LOSS
from reensayo.spec.figure import AnyPanel as AnyPanel
from reensayo.spec.figure import Arm as Arm
from reensayo.spec.figure import Comparison as Comparison
from reensayo.spec.figure import ConfusionMatrix as ConfusionMatrix
from reensayo.spec.figure import Differences as Differences
from reensayo.spec.figure import Draw as Draw
from reensayo.spec.figure import Figure as Figure
from reensayo.spec.figure import ImageGrid as ImageGrid
from reensayo.spec.figure import NetworkDiagram as NetworkDiagram
from reensayo.spec.figure import Panel as Panel
from reensayo.spec.figure import View as View
from reensayo.spec.figure import accuracy_and_loss as accuracy_and_loss
from reensayo.spec.functions import Encode as Encode
from reensayo.spec.functions import Evaluate as Evaluate
from reensayo.spec.functions import Evaluation as Evaluation
from reensayo.spec.functions import FinishedTrial as FinishedTrial
from reensayo.spec.functions import Fit as Fit
from reensayo.spec.functions import Fitted as Fitted
from reensayo.spec.functions import KerasMetric as KerasMetric
from reensayo.spec.functions import Load as Load
from reensayo.spec.functions import Predict as Predict
from reensayo.spec.functions import Split as Split
from reensayo.spec.functions import SplitBySeed as SplitBySeed
from reensayo.spec.identity import RESULTS_VERSION as RESULTS_VERSION
from reensayo.spec.identity import canonical_json as canonical_json
from reensayo.spec.identity import digest as digest
from reensayo.spec.identity import finite as finite
from reensayo.spec.names import ANYWHERE as ANYWHERE
from reensayo.spec.names import COSTS as COSTS
from reensayo.spec.names import NEVER_NEGATIVE as NEVER_NEGATIVE
from reensayo.spec.names import SHARE as SHARE
from reensayo.spec.names import Bounds as Bounds
from reensayo.spec.names import Named as Named
from reensayo.spec.names import Naming as Naming
from reensayo.spec.names import bounds_of_difference as bounds_of_difference
from reensayo.spec.original import Original as Original
from reensayo.spec.place import SpecError as SpecError
from reensayo.spec.recipe import Recipe as Recipe
from reensayo.spec.settings import Origin as Origin
from reensayo.spec.settings import Setting as Setting
from reensayo.spec.settings import Settings as Settings
from reensayo.spec.settings import Sourced as Sourced
from reensayo.spec.settings import Value as Value
from reensayo.spec.settings import both as both
from reensayo.spec.settings import in_words as in_words
from reensayo.spec.settings import ours as ours
from reensayo.spec.settings import said as said
from reensayo.spec.settings import script as script
from reensayo.spec.settings import sourced as sourced
from reensayo.spec.settings import text as text
from reensayo.spec.trial import Trial as Trial
from reensayo.spec.trial import trial_id as trial_id

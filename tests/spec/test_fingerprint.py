"""Editing what makes a result makes another trial; editing words does not: each edit is made to a folder's files."""

from pathlib import Path

import pytest

from fresh_python import in_a_fresh_python
from reensayo import registry
from reensayo.errors import InputError
from reensayo.spec import Trial
from reensayo.spec.fingerprint import of_network

FOLDER = {
    "__init__.py": '''
"""A work."""
from pathlib import Path
from reensayo.spec import Original
from reensayo.text import Text
from . import work
ORIGINAL = Original(
    name="work", title=Text(es="Uno", en="One"), about=Text(es="Dos", en="Two"), exercises=(work.EXERCISE,),
    folder=Path(__file__).parent, recipes={"text": Text(es="texto", en="text")}, judged=("text",), drew_figures="text",
)
''',
    "helpers.py": '''
"""What others use."""
WIDTH = 3
UNUSED = 4

def widened(x):
    """Wider."""
    return x * WIDTH

def unused():
    return UNUSED
''',
    "layers.py": '''
"""Imported by a function only."""
from .deep import BIAS

def dense(units):
    return units + BIAS
''',
    "deep.py": "BIAS = 1\n",
    "points.csv": "x,y\n0.1,0.2\n",
    "table.txt": "7\n",
    "work.py": '''
"""The work."""
import functools
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from reensayo import settings, spec
from reensayo.datasets import own_file
from reensayo.text import Text
from . import helpers

SCALE = 2.0
LEVELS = {"low": [1, 2]}
TABLE = Path(__file__).with_name("table.txt")
ABOUT = Text(es="hola", en="hello")

class Base:
    offset = 1

class Scaler(Base):
    """Scales."""
    def __init__(self, factor):
        self.factor = factor
    def scale(self, x):
        """By its factor."""
        return shifted(x) * self.factor

@dataclass(frozen=True)
class Options:
    depth: int = 2

OPTIONS = Options()
SCALER = Scaler(3)

def shifted(x):
    return x + 10

def decode(content):
    return {"x": content}

def load(raw, s):
    """The data."""
    return helpers.widened(raw)

def made(power):
    def split(loaded, s, rng):
        return loaded**power + LEVELS["low"][0] + len(TABLE.read_text())
    return split

@functools.cache
def known(n):
    return n + 1

def logged(function):
    @functools.wraps(function)
    def inside(*args):
        return function(*args)
    return inside

def encode(x, y, constants, s):
    return SCALER.scale(x), y

@logged
def evaluate(predict, split, s, *, digits=2):
    print(ABOUT)  # words
    return known(OPTIONS.depth)

def error(actual, given):
    return actual - given

def network(s, width=1):
    """Layers."""
    from .layers import dense
    return dense(width) * SCALE

def fit(split, s, rng):
    return 5

VALUES = spec.text(optimizer="SGD", learning_rate=0.1, loss="MeanSquaredError", batch_size=1, epochs=1)
one = spec.Experiment(
    id="work.one", title=Text(es="a", en="b"),
    dataset=own_file("points", Text(es="c", en="d"), Path(__file__).with_name("points.csv"), decode),
    network=partial(network, width=4), load=load, split=made(2), encode=encode, evaluate=evaluate,
    metrics=("MeanSquaredError", error), settings=settings.TRAINING, recipes=(spec.Recipe("text", VALUES),),
    baselines=(spec.Recipe("baseline", {}, Text(es="e", en="f"), fit=fit),),
    plain_data=lambda s: "", quick=spec.Quick(seeds=1),
)
CLAIM = spec.Claim("1", Text(es="g", en="sentence"), "§1", (
    spec.Reading(spec.Reaches(one, spec.Metric("loss", "last"), 0.5, 0.1, 0.2)),))
FIGURE = spec.Figure("f", Text(es="h", en="caption"), one, (spec.Panel("loss", Text(es="i", en="axis")),))
EXERCISE = spec.Exercise(id="work", title=Text(es="j", en="k"), question=Text(es="l", en="m"), experiments=(one,),
    claims=(CLAIM,), figures=(FIGURE,))
''',
}

MATTERS = [
    ("work.py", "x + 10", "x + 11"),  # a helper of a method
    ("work.py", "shifted(x) * self.factor", "shifted(x) / self.factor"),
    ("work.py", "Scaler(3)", "Scaler(4)"),  # what an object holds
    ("work.py", "offset = 1", "offset = 2"),  # a base class
    ("work.py", "depth: int = 2", "depth: int = 3"),
    ("work.py", "SCALE = 2.0", "SCALE = 2.5"),
    ("work.py", "[1, 2]", "[1, 3]"),
    ("work.py", '{"x": content}', '{"y": content}'),  # how the data set is decoded
    ("work.py", "loaded**power", "loaded + power"),  # within a closure
    ("work.py", "made(2)", "made(3)"),  # what it is closed over
    ("work.py", "width=4)", "width=5)"),  # what a partial gives
    ("work.py", "n + 1", "n + 2"),  # behind functools.cache
    ("work.py", "digits=2", "digits=3"),
    ("work.py", "return known(", "return -known("),  # behind a decorator
    ("work.py", "function(*args)", "function(*args) + 1"),  # the decorator itself
    ("work.py", "actual - given", "given - actual"),  # a metric
    ("work.py", "return dense(width)", "return 1 + dense(width)"),
    ("helpers.py", "x * WIDTH", "x + WIDTH"),
    ("helpers.py", "WIDTH = 3", "WIDTH = 4"),
    ("layers.py", "units + BIAS", "units - BIAS"),  # a module that a function imports
    ("deep.py", "BIAS = 1", "BIAS = 2"),  # and what that imports
    ("points.csv", "0.2", "0.3"),
    ("table.txt", "7", "8"),
    ("work.py", 'optimizer="SGD"', 'optimizer="Adam"'),
]
DOES_NOT = [
    ("work.py", "sentence", "other sentence"),
    ("work.py", "0.5, 0.1, 0.2", "0.6, 0.1, 0.2"),
    ("work.py", "caption", "other caption"),
    ("work.py", 'spec.Panel("loss"', 'spec.Panel("val_loss"'),
    ("work.py", '"b")', '"title")'),
    ("work.py", 'en="hello"', 'en="bye"'),  # words, though a function has them
    ("work.py", "  # words", "  # other words"),
    ("work.py", '"""By its factor."""', '"""Scaled."""'),
    ("work.py", '"""The data."""\n', ""),
    ("work.py", "def shifted(x):\n", "\n\n\ndef shifted(\n    x\n):\n"),
    ("work.py", "(x) * self.factor", "((x)) * (self.factor)"),
    ("work.py", "return 5", "return 6"),  # of the baseline
    ("helpers.py", "UNUSED = 4", "UNUSED = 5"),
    ("layers.py", '"""Imported', '"""It is imported'),
    ("__init__.py", "One", "The first"),
]


@pytest.fixture
def identities(tmp_path):
    """The identities of the recipe and of the baseline, as the folder stands."""
    for name, content in FOLDER.items():
        (tmp_path / "work").mkdir(exist_ok=True)
        (tmp_path / "work" / name).write_text(content)

    def now(folder: Path = tmp_path / "work"):
        original = registry.find(folder)
        (one,) = original.experiments.values()
        return [Trial(original, one, recipe, 0).identity for recipe in one.runnable]

    return now


def edit(path, before, after):
    content = path.read_text()
    assert content.count(before) == 1, before
    path.write_text(content.replace(before, after))


@pytest.mark.parametrize(("file", "before", "after"), MATTERS, ids=lambda value: value.strip()[:30])
def test_what_makes_a_result_makes_another_trial(file, before, after, identities, tmp_path):
    first = identities()
    edit(tmp_path / "work" / file, before, after)
    assert identities()[0] != first[0]
    edit(tmp_path / "work" / file, after, before)
    assert identities() == first


@pytest.mark.parametrize(("file", "before", "after"), DOES_NOT, ids=lambda value: value.strip()[:30])
def test_words_and_layout_do_not(file, before, after, identities, tmp_path):
    first = identities()
    edit(tmp_path / "work" / file, before, after)
    assert identities()[0] == first[0]


def test_a_baseline_is_its_own_code_and_data(identities, tmp_path):
    first = identities()
    edit(tmp_path / "work" / "work.py", "x + 10", "x + 11")
    assert identities()[1] == first[1]
    edit(tmp_path / "work" / "work.py", "return 5", "return 6")
    assert identities()[1] != first[1]


def test_the_folder_may_lie_anywhere(identities, tmp_path):
    first = identities()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "work").rename(tmp_path / "elsewhere" / "work")
    assert identities(tmp_path / "elsewhere" / "work") == first


def test_it_is_that_of_the_code_that_runs_not_of_a_file_edited_since(identities, tmp_path):
    first = identities()
    original = registry.find(tmp_path / "work")
    edit(tmp_path / "work" / "work.py", "x + 10", "x + 11")
    (one,) = original.experiments.values()
    assert Trial(original, one, one.recipes[0], 0).identity == first[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('re.compile("a")', 're.compile("b")'),
        ("range(60)", "range(10)"),
        ("max", "min"),
        ("math.sin", "math.cos"),
        ("'a'.join", "'b'.join"),
        ("str.upper", "str.lower"),
        ("np.add", "np.multiply"),
        ("scipy.special.expit", "scipy.special.logit"),
        ("np.random.normal", "np.random.uniform"),
        ("np.dtype('float32')", "np.dtype('float64')"),
        ("np.array([Fraction(1, 2)])", "np.array([Fraction(1, 3)])"),
        ("itemgetter(1)", "itemgetter(2)"),
        ("Fraction(1, 2)", "Fraction(1, 3)"),
        ("slice(1, 2)", "slice(1, 3)"),
        ("deque([1])", "deque([2])"),
        ("{frozenset({1}): 'a'}", "{frozenset({2}): 'a'}"),
        ("{len: 'a'}", "{sum: 'a'}"),
        ("frozenset({len, max})", "frozenset({len, min})"),
        ("list[int]", "list[str]"),
        ("npt.NDArray[np.int8]", "npt.NDArray[np.int16]"),
        ("keras.losses.Huber(0.5)", "keras.losses.Huber(0.6)"),
        ("keras.initializers.RandomNormal(0.5)", "keras.initializers.RandomNormal(0.6)"),
        ("LogisticRegression(C=1.0)", "LogisticRegression(C=2.0)"),
        ("np.vectorize(lambda x: x)", "np.vectorize(lambda x: 2 * x)"),
        ("Slotted(1)", "Slotted(2)"),
        ("Colour.RED", "Colour.BLUE"),
    ],
)
def test_a_value_counts_by_what_is_in_it(one, other, identities, tmp_path):
    identities()
    work = tmp_path / "work" / "work.py"
    start = work.read_text().replace("x + 10", "x + 10 + len([VALUE])")
    seen = []
    for value in (one, other, one):
        work.write_text(f"{IMPORTS}\nVALUE = {value}\n{start}")
        seen.append(identities()[0]["code"])
    assert seen[0] == seen[2] != seen[1]


IMPORTS = """import enum, math, re, keras, numpy as np, numpy.typing as npt, scipy.special
from collections import deque
from fractions import Fraction
from operator import itemgetter
from sklearn.linear_model import LogisticRegression
class Colour(enum.Enum):
    RED = 1
    BLUE = 2
class Slotted:
    __slots__ = ("a",)
    def __init__(self, a):
        self.a = a
"""


@pytest.mark.parametrize("value", ["threading.Lock()", "(i for i in ())", "np.frompyfunc(lambda x: x, 1, 1)"])
def test_a_value_of_which_nobody_knows_what_is_in_it_is_refused(value, identities, tmp_path):
    edit_value = f"import threading, time, numpy as np\nSTART = time.time()\nVALUE = {value}\nSCALE = 2.0"
    identities()
    edit(tmp_path / "work" / "work.py", "SCALE = 2.0", edit_value)
    edit(tmp_path / "work" / "work.py", "x + 10", "x + len([VALUE])")
    with pytest.raises(InputError, match=r"work\.py:\d+: what is in <.*>, used by the code, cannot be known: make"):
        identities()


def test_it_is_the_same_in_every_process(identities, tmp_path):
    identities()
    value = "VALUES = {Text, len}, {('a', LEVELS), ('b', TABLE), (int, 'c')}, {Scaler: len}, time, random.random"
    edit(tmp_path / "work" / "work.py", "def shifted(x):", f"import random, time\n{value}\ndef shifted(x):")
    edit(tmp_path / "work" / "work.py", '{"low": [1, 2]}', '(("low", (1, 2)),)')
    edit(tmp_path / "work" / "work.py", 'LEVELS["low"][0]', "LEVELS[0][1][0]")
    edit(tmp_path / "work" / "work.py", "x + 10", "x + len(VALUES) + time.time()")
    asked = (
        "from reensayo import registry; from reensayo.spec import Trial; work = registry.find(sys.argv[1]); "
        "e, = work.experiments.values(); print(Trial(work, e, e.recipes[0], 0).identity)"
    )
    first, second = (in_a_fresh_python(asked, str(tmp_path / "work"), cwd=tmp_path) for _ in range(2))
    assert "'code': " in first.out
    assert first.out == second.out


def test_the_network_has_a_digest_of_its_own(tmp_path, identities):
    def now():
        (one,) = registry.find(tmp_path / "work").experiments.values()
        return of_network(one, tmp_path / "work")

    first = now()
    edit(tmp_path / "work" / "work.py", "actual - given", "given - actual")
    assert now() == first
    edit(tmp_path / "work" / "deep.py", "BIAS = 1", "BIAS = 2")
    assert now() != first

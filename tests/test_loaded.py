"""What seeds and recipes share is loaded once, and again where it would be another."""

from dataclasses import replace

import pytest

from reensayo import registry
from reensayo.loaded import Loader
from repository import TOY

LINE = registry.find(TOY).experiments["toy.line"]
S = LINE.recipe("code").settings


def loaded(load, *recipes):
    """What a loader gives for one recipe after the other."""
    loader = Loader(lambda dataset: dataset.name)
    experiment = replace(LINE, load=load)
    return [loader(experiment, LINE.recipe("code").set(changes).settings) for changes in recipes]


@pytest.mark.parametrize(
    ("read", "again"),
    [
        (lambda s: None, []),
        (lambda s: s.examples, ["examples"]),
        (lambda s: s["examples"], ["examples"]),
        (lambda s: s.get("examples"), ["examples"]),
        (lambda s: "examples" in s, ["examples"]),
        (lambda s: dict(s), ["examples", "epochs"]),
        (lambda s: s.get("folds"), []),
    ],
)
def test_it_is_loaded_again_where_a_setting_that_was_read_differs(read, again):
    def load(raw, s):
        read(s)
        return object()

    for name in ("examples", "epochs"):
        first, same, other = loaded(load, {}, {}, {name: 7})
        assert first is same
        assert (other is same) == (name not in again)


def test_what_is_read_later_counts_too():
    loader, experiment = Loader(lambda dataset: dataset.name), replace(LINE, load=lambda raw, s: lambda: s.examples)
    assert [loader(experiment, LINE.recipe("code").set(c).settings)() for c in ({}, {"examples": 7})] == [30, 7]


def test_other_functions_and_other_data_are_loaded_anew():
    loader = Loader(lambda dataset: dataset.name)

    def load(raw, s):
        return [raw]

    both = replace(LINE, load=load), replace(LINE, id="toy.other", load=load)
    assert loader(both[0], S) is loader(both[1], S)
    assert loader(both[0], S) == ["points"]
    assert loader(replace(both[0], dataset=None), S) == [None]
    assert loader(replace(LINE, load=lambda raw, s: "other"), S) == "other"


def test_what_failed_is_tried_again():
    loader, errors = Loader(lambda dataset: dataset.name), [ValueError("no such thing")]

    def load(raw, s):
        if errors:
            raise errors.pop()
        return "loaded"

    experiment = replace(LINE, load=load)
    with pytest.raises(ValueError, match="no such thing"):
        loader(experiment, S)
    assert loader(experiment, S) == "loaded"

"""From Python everything is as from the command line, and what cannot be meant is refused before anything trains."""

from pathlib import Path

import numpy as np
import pytest

import reensayo
import repository
from reensayo import Trials, registry, runner
from reensayo.errors import InputError

TOY = registry.find(repository.TOY)
SCRIPT = "ex01.linear@script"
HUGE = pytest.param(10**5_000, id="huge")


@pytest.fixture
def asked(monkeypatch):
    """What the runner is asked for by ``reensayo.run``: trials, store and data; nothing is trained."""

    def ask(*ids, **options):
        calls = []
        monkeypatch.setattr(runner, "run", lambda *given: calls.append(given) or runner.Run(given[1], [], {}, {}))
        reensayo.run(*ids, **options)
        return calls[0]

    return ask


@pytest.mark.parametrize("seeds", [2, np.int64(2), np.uint8(2), np.array(2)])
def test_a_number_of_seeds_is_any_whole_number(seeds, asked):
    assert [trial.seed for trial in asked(SCRIPT, seeds=seeds)[0]] == [0, 1]


@pytest.mark.parametrize("seeds", [True, np.True_, 0, -1, 3.0, "3", [0, 1], np.array([1, 2]), 10_001, HUGE])
def test_anything_else_is_refused(seeds):
    with pytest.raises(InputError, match="seeds expects a whole number from 1 to 10000; received "):
        reensayo.run(SCRIPT, seeds=seeds)


@pytest.mark.parametrize(
    ("changes", "label"),
    [
        ({"epochs": np.int64(3)}, "script+epochs=3"),
        ({"epochs": "3"}, "script+epochs=3"),
        ({"learning_rate": np.float32(0.1)}, "script+learning_rate=0.1"),
        ({"learning_rate": 1}, "script+learning_rate=1"),
        ({"split": np.str_("random")}, "script+split=random"),
        ({"epochs": 50}, "script"),
        ({}, "script"),
        (None, "script"),
    ],
)
def test_changes_are_what_their_numbers_say(changes, label, asked):
    trials, _, _ = asked(SCRIPT, changes=changes)
    assert {trial.recipe.label for trial in trials} == {label}
    assert all(type(value) in (str, int, float, bool) for value in trials[0].recipe.settings.values())


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"epochs": None}, "epochs: expected int 1 … 100000; received None"),
        ({"epochs": True}, "epochs: expected int 1 … 100000; received True"),
        ({"epochs": 3.0}, "epochs: expected int 1 … 100000; received 3.0"),
        ({"epochs": [3]}, "epochs: expected int 1 … 100000; received [3]"),
        pytest.param({"epochs": 10**5_000}, "epochs: expected int 1 … 100000; received 0x", id="huge"),
        ({"epochs": "9" * 5_000}, "epochs: expected int 1 … 100000; received '9999"),
        ({"learning_rate": float("nan")}, "learning_rate: expected float 1e-08 … 100; received nan"),
        ({"x": None}, "ex01.linear has no setting 'x'"),
        ({3: 4}, "ex01.linear has no setting 3"),
        ([("epochs", 3)], "changes expects a dictionary such as {'epochs': 3}; received [('epochs', 3)]"),
        ("epochs=3", "changes expects a dictionary such as {'epochs': 3}; received 'epochs=3'"),
    ],
)
def test_changes_that_cannot_be_meant_are_refused(changes, told):
    with pytest.raises(InputError) as caught:
        reensayo.run(SCRIPT, changes=changes)
    assert told in caught.value.message.en
    assert len(caught.value.message.en) < 1_000


@pytest.mark.parametrize("ids", [["ex01", "ex08"], ("ex01",), None, b"ex01", 3])
def test_an_id_is_a_string(ids):
    with pytest.raises(InputError, match="expected every ID and recipe as a string of its own"):
        reensayo.run(ids)


@pytest.mark.parametrize("id_", [" ex01 ", "", "ｅｘ01"])
def test_an_id_is_written_as_it_is(id_):
    with pytest.raises(InputError, match=f"no exercise or experiment '{id_}'; there are: ex01, "):
        reensayo.run(id_)


def test_a_string_of_numpy_is_a_string(asked):
    assert {trial.experiment.id for trial in asked(np.str_("ex01"))[0]} == {"ex01.linear"}


@pytest.mark.parametrize(
    ("ids", "recipe", "told"),
    [
        (SCRIPT, "", "ex01.linear@script and --recipe '' contradict each other"),
        ("ex01", "", "no recipe ''"),
        ("ex01", 3, "expected every ID and recipe as a string of its own"),
        ("ex01", ["script"], "expected every ID and recipe as a string of its own"),
    ],
)
def test_a_recipe_is_one_of_the_experiments(ids, recipe, told):
    with pytest.raises(InputError, match=told):
        reensayo.run(ids, recipe=recipe)


@pytest.mark.parametrize("profile", ["Quick", None, ["quick"], np.array(["quick", "full"])])
def test_a_profile_is_one_of_two(profile):
    with pytest.raises(InputError, match="profile expects one of quick, full; received "):
        reensayo.run(SCRIPT, profile=profile)


@pytest.mark.parametrize("name", ["store", "data"])
@pytest.mark.parametrize("given", ["~/somewhere", Path("~/somewhere")])
def test_a_folder_may_be_in_the_users_own(name, given, asked, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    _, store, data = asked(SCRIPT, **{name: given})
    assert {"store": store.root, "data": data}[name] == tmp_path / "somewhere"


@pytest.mark.parametrize("name", ["store", "data"])
@pytest.mark.parametrize("given", ["", b"runs", 3, "~no such user/x"])
def test_what_names_no_folder_is_refused(name, given):
    with pytest.raises(InputError, match=rf"{name} expects a folder \(str or Path\); received "):
        reensayo.run(SCRIPT, **{name: given})


def test_there_is_always_a_store_but_not_always_a_folder_of_data(asked):
    with pytest.raises(InputError, match=r"store expects a folder \(str or Path\); received None"):
        reensayo.run(SCRIPT, store=None)
    assert asked(SCRIPT, data=None)[2] is None


def test_a_folder_of_data_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(InputError, match=f"received {tmp_path / 'none'}, which is not a folder"):
        reensayo.run(SCRIPT, seeds=1, store=tmp_path, data=tmp_path / "none")


def test_a_trial_that_diverged_has_nan_where_it_has_no_epochs(put):
    trials = [
        *put("ex01.linear@script", history=[{"loss": [2.0, 1.0, 0.5]}], measures=[{"m": 1.0}], bare=True),
        *put("ex01.linear@script", history=[{"loss": [np.nan]}], first_seed=1, diverged=[0], bare=True),
    ]
    found = Trials(trials, {})
    np.testing.assert_array_equal(found.history["loss"], [[2.0, 1.0, 0.5], [np.nan, np.nan, np.nan]])
    np.testing.assert_array_equal(found.measures["m"], [1.0, np.nan])


def test_no_trials_have_no_history():
    assert (Trials([], {}).history, Trials([], {}).measures, repr(Trials([], {}))) == ({}, {}, "Trials()")


# ---------------------------------------------------------------- the other commands

CALLS = {
    "run": lambda **given: reensayo.run("toy.line", **given),
    "verdicts": reensayo.verdicts,
    "compare": lambda **given: reensayo.compare("toy.line@paper", "toy.line@code", **given),
    "report": reensayo.report,
    "list": reensayo.list,
    "counted": reensayo.counted,
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("original", ["nowhere", 3, "", Path("nowhere")])
def test_an_original_is_a_name_a_folder_or_an_object(call, original):
    with pytest.raises(InputError, match="no such original: expected a name"):
        call(original=original)


@pytest.mark.parametrize("name", ["run", "verdicts", "compare", "report"])
def test_a_store_is_a_folder(name):
    with pytest.raises(InputError, match=r"store expects a folder \(str or Path\); received 3"):
        CALLS[name](original=TOY, store=3)


@pytest.mark.parametrize("name", ["report", "list", "counted"])
def test_a_language_is_one_of_two(name):
    with pytest.raises(InputError, match="lang expects one of es, en; received 'fr'"):
        CALLS[name](original=TOY, lang="fr")


def test_a_report_is_written_to_a_folder():
    with pytest.raises(InputError, match="directory expects a folder"):
        reensayo.report(b"report", original=TOY)


@pytest.mark.parametrize("label", [None, 3, b"toy.line@code"])
def test_what_is_compared_is_named_by_strings(label):
    with pytest.raises(InputError, match=r"b expects a string such as 'toy.line@paper'; received "):
        reensayo.compare("toy.line@code", label, original=TOY)


def test_verdicts_are_those_of_what_is_named(store, put):
    put("toy.line@code", history=[{"val_mean_squared_error": [1.0, 0.5]}] * 3, original=TOY)
    headlines = reensayo.verdicts(original=TOY, store=store.root)
    assert [headline.claim.id for headline in headlines] == ["a", "b", "c"]
    assert all(headline.columns.keys() == {"paper", "code"} for headline in headlines)
    first, *_ = named = reensayo.verdicts("toy.line@code", original=TOY, store=store.root)
    assert [headline.claim.id for headline in named] == ["a", "b", "c"]
    about_drawn = reensayo.verdicts("toy.drawn", original=TOY, store=store.root)
    assert [headline.claim.id for headline in about_drawn] == ["b", "c"]
    row = first.columns["code"].row
    assert (row.evidence, row.n, row.estimate, row.provisional) == ("own", 3, 0.5, True)
    with pytest.raises(InputError, match=r"no claim is judged by toy.line@faster; claims are judged by the recipes"):
        reensayo.verdicts("toy.line@faster", original=TOY, store=store.root)


def test_compare_gives_the_means_and_their_difference(store, put):
    for recipe, last in (("code", 0.25), ("paper", 0.5)):
        history = [{"val_mean_squared_error": [1.0, last]}] * 3
        put(f"toy.line@{recipe}", history=history, original=TOY)
    found = reensayo.compare("toy.line@code", "toy.line@paper", original=TOY, store=store.root)
    assert found.seeds == (0, 1, 2)
    a, b, difference = found.measures["val_mean_squared_error"]
    assert (a, b, difference.estimate) == (0.25, 0.5, -0.25)
    (trial, *_) = (store.root / "trials").glob("toy.line@code*")
    (trial / "trial.json").write_text("{")
    with pytest.raises(InputError, match=r"trial\.json is damaged"):
        reensayo.compare("toy.line@code", "toy.line@paper", original=TOY, store=store.root)

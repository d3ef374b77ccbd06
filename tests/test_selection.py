import pytest
from hypothesis import given
from hypothesis import strategies as st

from reensayo.errors import InputError
from reensayo.selection import (
    as_run,
    check_seeds,
    identities,
    meant,
    parse_changes,
    select,
    select_one,
    trial_ids,
)
from reensayo.spec import Trial
from small_work import TOY, WORK, dense

ALL = [f"{e.id}@{r.name}" for e in WORK.experiments.values() for r in e.runnable]
SCRIPTS = ["one.dense@script", "one.hinge@script", "one.conv@script", "one.plain@script"]


def names(chosen):
    return [f"{e.id}@{r.name}" for e, r in chosen]


@pytest.mark.parametrize(
    ("ids", "recipe", "expected"),
    [
        ((), None, ALL),
        ((), "sound", [name for name in ALL if name.endswith("@sound")]),
        (["one"], None, [name for name in ALL if name.startswith("one.")]),
        (["one.conv"], None, ["one.conv@text", "one.conv@script", "one.conv@sound"]),
        (["one@script"], None, SCRIPTS),
        (["one.conv@script"], None, ["one.conv@script"]),
        (["one.conv@script"], "script", ["one.conv@script"]),
        (["one"], "script", SCRIPTS),
        (["two.map@script", "one.plain"], None, ["one.plain@text", "one.plain@script", "two.map@script"]),
        (
            ["one.conv@script", "one@script", "one.conv"],
            None,
            [*SCRIPTS[:2], "one.conv@text", "one.conv@script", "one.conv@sound", *SCRIPTS[3:]],
        ),
    ],
)
def test_what_an_id_means(ids, recipe, expected):
    assert names(select(WORK, ids, recipe)) == expected


@pytest.mark.parametrize(
    ("ids", "recipe", "told"),
    [
        (["three"], None, "no exercise or experiment 'three'; there are: one, two, one.dense, "),
        (["o"], None, "'o'"),
        ([""], None, "''"),
        (["@script"], None, "''"),
        (["one.conv@mine"], None, "no recipe 'mine'; there are:\n  one.conv: text, script, sound"),
        (["one.conv@"], None, "no recipe ''"),
        (["two", "one.dense@sound"], None, "no recipe 'sound'"),
        (["two.map", "one.dense"], "sound", "no recipe 'sound'"),
        (["one@script"], "text", "one@script and --recipe text contradict each other"),
        ([3], None, "every ID and recipe as a string of its own, e.g. 'one.dense@text'; received 3"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_can(ids, recipe, told):
    with pytest.raises(InputError) as caught:
        select(WORK, ids, recipe)
    assert told in caught.value.message.en
    assert caught.value.exit_code == 2


def test_exactly_one():
    assert names([select_one(WORK, "one.conv@script")]) == ["one.conv@script"]
    assert names([select_one(WORK, "two.map", "sound")]) == ["two.map@sound"]
    with pytest.raises(InputError, match=r"one is not one recipe(.|\n)*one.dense@text\n(.|\n)*one.conv@script"):
        select_one(WORK, "one")


def test_every_work_has_its_own_experiments_and_examples():
    assert names([select_one(TOY, "toy.line@code")]) == ["toy.line@code"]
    with pytest.raises(InputError, match=r"there are: toy, toy\.line, toy\.drawn$"):
        select(TOY, ["one.dense"])
    with pytest.raises(InputError, match=r"e\.g\. 'toy\.line@paper'; received None"):
        select(TOY, [None])


def test_a_label_means_what_is_declared_today():
    experiment, recipe = meant(WORK, "one.conv@script+epochs=3", reduced=True)
    assert (experiment.id, recipe.label, recipe.reduced) == ("one.conv", "script+epochs=3", True)
    assert (recipe.settings.epochs, recipe.settings.examples) == (3, 128)
    whole, reduced = trial_ids(WORK, "one.conv@script+epochs=3", [0, 4])
    assert reduced == tuple(Trial(WORK, experiment, recipe, seed).id for seed in (0, 4))
    assert not set(whole) & set(reduced)
    assert {identity["original"] for identity in identities(WORK, "one.conv@script")} == {"small"}
    assert trial_ids(WORK, "one.conv@mine", [0]) == identities(WORK, "three.net@script") == []


def test_changes_are_pairs():
    assert parse_changes([]) == {}
    assert parse_changes(["epochs=3", " source = long trajectory "]) == {"epochs": "3", "source": "long trajectory"}


@pytest.mark.parametrize("pair", ["epochs", "epochs=", "=3", "=", "", "9" * 5_000])
def test_what_is_no_pair_is_refused(pair):
    with pytest.raises(InputError, match="expects key=value"):
        parse_changes([pair])


def test_a_key_stands_once():
    with pytest.raises(InputError, match="every key once; received 'epochs=4'"):
        parse_changes(["epochs=3", "epochs=4"])


@given(st.dictionaries(st.from_regex(r"[a-z_]+", fullmatch=True), st.from_regex(r"[^\s][a-z0-9.=]*", fullmatch=True)))
def test_every_pair_comes_back(changes):
    assert parse_changes([f"{name}={value}" for name, value in changes.items()]) == changes


def test_changes_are_checked_against_the_experiment():
    chosen = select_one(WORK, "one.conv@script")
    _, recipe = as_run(chosen, {"epochs": "3", "from_logits": "false", "learning_rate": "0.02"})
    assert recipe.label == "script+epochs=3+from_logits=false+learning_rate=0.02"
    with pytest.raises(InputError, match="no setting 'hidden'"):
        as_run(chosen, {"hidden": "3"})
    with pytest.raises(InputError, match=r"epochs: expected int 1 … 100000; received 0$"):
        as_run(chosen, {"epochs": "0"})


@pytest.mark.parametrize("value", ["nan", "inf", "1e3", "３", "1_000", "+3", "3.0", "0x3", "--3", "3 4", "9" * 5_000])
def test_a_whole_number_is_written_in_plain_digits(value):
    with pytest.raises(InputError, match="invalid value for epochs: expected int 1 … 100000; received ") as caught:
        as_run((dense, dense.recipe("script")), {"epochs": value})
    assert len(caught.value.message.en) < 200


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "infinity", "1_0.0", "٣", "+0.1", ".", "e3", "1e", "1e9999"])
def test_a_number_is_written_in_plain_digits(value):
    with pytest.raises(InputError, match="invalid value for learning_rate: expected float 1e-08 … 100; received "):
        as_run((dense, dense.recipe("script")), {"learning_rate": value})


@pytest.mark.parametrize(("value", "read"), [("1e-3", 0.001), ("1E+1", 10.0), (".5", 0.5), ("2", 2.0), ("2.", 2.0)])
def test_a_number_may_have_a_point_and_an_exponent(value, read):
    _, recipe = as_run((dense, dense.recipe("script")), {"learning_rate": value})
    assert recipe.settings["learning_rate"] == read


@given(st.text() | st.from_regex(r"[-+0-9._eE]+", fullmatch=True))
def test_any_text_is_read_or_refused(value):
    for name in ("epochs", "learning_rate", "loss"):
        try:
            _, recipe = as_run((dense, dense.recipe("script")), {name: value})
        except InputError:
            continue
        kind = {"epochs": int, "learning_rate": float, "loss": str}[name]
        assert type(recipe.settings[name]) is kind
        assert kind(value) == recipe.settings[name]


@pytest.mark.parametrize("seeds", [1, 10_000])
def test_so_many_seeds_may_be_asked_for(seeds):
    assert check_seeds(seeds) == seeds


def test_a_recipe_that_is_named_twice_is_the_same():
    assert names(select(WORK, ["one.conv@script"], "script")) == ["one.conv@script"]
    with pytest.raises(InputError, match=r"one\.conv@script and --recipe '' contradict each other"):
        select(WORK, ["one.conv@script"], "")


def test_what_is_changed_is_named_as_the_shell_takes_it():
    with pytest.raises(InputError, match=r"With run, what is changed stands apart: --set 'source=long trajectory'$"):
        select(WORK, ["two.map@script+source=long trajectory"])

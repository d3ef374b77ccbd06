import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reensayo.errors import InputError
from reensayo.evidence.stats import seeds_needed
from reensayo.exercises import EXPERIMENTS
from reensayo.selection import MOST_SEEDS, changed, check_seeds, parse_changes, select, select_one

ALL = [f"{e.id}@{r.name}" for e in EXPERIMENTS.values() for r in e.runnable]


def names(chosen):
    return [f"{e.id}@{r.name}" for e, r in chosen]


@pytest.mark.parametrize(
    ("ids", "recipe", "expected"),
    [
        ((), None, ALL),
        ((), "sound", [name for name in ALL if name.endswith("@sound")]),
        (["ex08"], None, [name for name in ALL if name.startswith("ex08")]),
        (["ex08.conv"], None, ["ex08.conv@text", "ex08.conv@script", "ex08.conv@assignment"]),
        (["ex08@script"], None, ["ex08.dense@script", "ex08.conv@script"]),
        (["ex08.conv@script"], None, ["ex08.conv@script"]),
        (["ex08.conv@script"], "script", ["ex08.conv@script"]),
        (["ex08"], "script", ["ex08.dense@script", "ex08.conv@script"]),
        (["ex08.conv@script", "ex01"], None, ["ex01.linear@text", "ex01.linear@script", "ex08.conv@script"]),
        (
            ["ex08.conv@script", "ex08@script", "ex08.conv"],
            None,
            ["ex08.dense@script", "ex08.conv@text", "ex08.conv@script", "ex08.conv@assignment"],
        ),
    ],
)
def test_what_an_id_means(ids, recipe, expected):
    assert names(select(ids, recipe)) == expected


@pytest.mark.parametrize(
    ("ids", "recipe", "told"),
    [
        (["ex99"], None, "no exercise or experiment 'ex99'; there are: ex01, "),
        (["ex"], None, "'ex'"),
        ([""], None, "''"),
        (["@script"], None, "''"),
        (["ex08.conv@mine"], None, "no recipe 'mine'; there are:\n  ex08.conv: text, script"),
        (["ex08.conv@"], None, "no recipe ''"),
        (["ex01", "ex08.conv@sound"], None, "no recipe 'sound'"),
        (["ex01", "ex08"], "sound", "no recipe 'sound'"),
        (["ex08@script"], "text", "ex08@script and --recipe text contradict each other"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_can(ids, recipe, told):
    with pytest.raises(InputError) as caught:
        select(ids, recipe)
    assert told in caught.value.message.en
    assert caught.value.exit_code == 2


def test_exactly_one():
    assert names([select_one("ex08.conv@script")]) == ["ex08.conv@script"]
    assert names([select_one("ex05", "sound")]) == ["ex05.map@sound"]
    with pytest.raises(InputError, match=r"ex08 is not one recipe(.|\n)*ex08.dense@text\n(.|\n)*ex08.conv@script"):
        select_one("ex08")


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
    chosen = select_one("ex08.conv@script")
    _, recipe = changed(chosen, {"epochs": "3", "from_logits": "false", "learning_rate": "0.01"})
    assert recipe.label == "script+epochs=3+from_logits=false"
    with pytest.raises(InputError, match="no setting 'hidden'"):
        changed(chosen, {"hidden": "3"})
    with pytest.raises(InputError, match=r"epochs: expected int 1 … 100000; received 0$"):
        changed(chosen, {"epochs": "0"})


@pytest.mark.parametrize("value", ["nan", "inf", "1e3", "３", "1_000", "+3", "3.0", "0x3", "--3", "3 4", "9" * 5_000])
def test_a_whole_number_is_written_in_plain_digits(value):
    with pytest.raises(InputError, match="invalid value for epochs: expected int 1 … 100000; received ") as caught:
        changed(select_one("ex01.linear@script"), {"epochs": value})
    assert len(caught.value.message.en) < 200


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "infinity", "1_0.0", "٣", "+0.1", ".", "e3", "1e", "1e9999"])
def test_a_number_is_written_in_plain_digits(value):
    with pytest.raises(InputError, match="invalid value for learning_rate: expected float 1e-08 … 100; received "):
        changed(select_one("ex01.linear@script"), {"learning_rate": value})


@pytest.mark.parametrize(("value", "read"), [("1e-3", 0.001), ("1E+1", 10.0), (".5", 0.5), ("2", 2.0), ("2.", 2.0)])
def test_a_number_may_have_a_point_and_an_exponent(value, read):
    _, recipe = changed(select_one("ex01.linear@script"), {"learning_rate": value})
    assert recipe.settings["learning_rate"] == read


@given(st.text() | st.from_regex(r"[-+0-9._eE]+", fullmatch=True))
def test_any_text_is_read_or_refused(value):
    for name in ("epochs", "learning_rate", "split"):
        try:
            _, recipe = changed(select_one("ex01.linear@script"), {name: value})
        except InputError:
            continue
        kind = {"epochs": int, "learning_rate": float, "split": str}[name]
        assert type(recipe.settings[name]) is kind
        assert kind(value) == recipe.settings[name]


@pytest.mark.parametrize("seeds", [1, 10_000])
def test_so_many_seeds_may_be_asked_for(seeds):
    assert check_seeds(seeds) == seeds


def test_the_most_seeds_are_those_that_are_advised_at_most():
    assert inspect.signature(seeds_needed).parameters["most"].default == MOST_SEEDS


def test_a_recipe_that_is_named_twice_is_the_same():
    assert names(select(["ex08.conv@script"], "script")) == ["ex08.conv@script"]
    with pytest.raises(InputError, match=r"ex08\.conv@script and --recipe '' contradict each other"):
        select(["ex08.conv@script"], "")


def test_what_is_changed_is_named_as_the_shell_takes_it():
    with pytest.raises(InputError, match=r"With run, what is changed stands apart: --set 'source=long trajectory'$"):
        select(["ex05.map@script+source=long trajectory"])

import locale
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reensayo.errors import InputError
from reensayo.text import PAIR, SEED, Text, capitalised, counted, default_language, number, quoted, seeds_in_words


def test_a_text_speaks_both_languages():
    text = Text(es="hola", en="hello")
    assert (text("es"), text("en"), str(text)) == ("hola", "hello", "hello")


def test_format_fills_both_and_nested_texts_in_their_own_language():
    text = Text(es="{n} {what}s", en="{what} {n} times").format(n=3, what=Text(es="vez", en="again"))
    assert (text.es, text.en) == ("3 vezs", "again 3 times")


def test_format_names_what_is_not_given():
    with pytest.raises(KeyError, match="n"):
        Text(es="{n}", en="{n}").format(m=1)


def test_an_error_keeps_both_languages():
    error = InputError(Text(es="no", en="wrong"))
    assert (str(error), error.message("es"), error.exit_code) == ("wrong", "no", 2)


@pytest.mark.parametrize(
    ("value", "es", "en"),
    [
        (0.66904, "0,669", "0.669"),
        (0.90, "0,9", "0.9"),
        (1.0, "1", "1"),
        (79510.0, "79510", "79510"),
        (-0.0, "0", "0"),
        (1.5e-7, "1,5e-07", "1.5e-07"),
        (1234567.8, "1,235e+06", "1.235e+06"),
        (math.inf, "∞", "∞"),
        (-math.inf, "-∞", "-∞"),
        (math.nan, "–", "–"),
        (None, "–", "–"),
        pytest.param(10**5_000, "∞", "∞", id="huge"),
        pytest.param(-(10**5_000), "-∞", "-∞", id="huge below zero"),
        (12, "12", "12"),
    ],
)
def test_numbers_for_people(value, es, en):
    assert number(value) == Text(es=es, en=en)


@given(st.floats(-1e300, 1e300, allow_subnormal=False), st.integers(1, 9))
def test_a_number_is_what_it_says_to_so_many_digits(value, digits):
    shown = number(value, digits)
    assert float(shown.en) == pytest.approx(value, rel=0.5001 * 10 ** (1 - digits), abs=0)
    assert shown.es == shown.en.replace(".", ",")


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LANG": "es_GT.UTF-8"}, "es"),
        ({"LANG": "ES"}, "es"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "et_EE.UTF-8"}, "en"),
        ({"LC_ALL": "C", "LANG": "es_ES"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "es_MX", "LANG": "en_US"}, "es"),
    ],
)
def test_the_language_is_the_locales(variables, expected, monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert default_language() == expected


@pytest.mark.parametrize(
    ("name", "expected"), [("es_ES", "es"), ("Spanish_Spain", "es"), ("German", "en"), (None, "en")]
)
def test_without_variables_the_system_is_asked(name, expected, monkeypatch):
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(locale, "getlocale", lambda: (name, "UTF-8"))
    assert default_language() == expected


@pytest.mark.parametrize(
    ("seeds", "words"),
    [([0], "0"), ([0, 1], "0-1"), (range(5), "0-4"), ([0, 2, 5], "0,2,5"), ([0, 1, 4, 6, 7], "0-1,4,6-7"), ([], "")],
)
def test_seeds_in_words(seeds, words):
    assert seeds_in_words(seeds) == words


def test_seeds_far_apart_take_no_memory():
    assert seeds_in_words([0, 10**10]) == "0,10000000000"


@given(st.one_of(st.none(), st.text(), st.integers(), st.binary(), st.lists(st.integers())))
def test_what_was_received_is_quoted_in_a_line_of_bounded_length(value):
    assert quoted(value) == repr(value) or len(quoted(value)) == 46


def test_even_a_number_too_long_for_python_is_quoted():
    assert quoted(10**5_000).startswith("0x")
    assert "list object" in quoted([10**5_000])


def test_a_sentence_begins_with_a_capital():
    assert capitalised(Text(es="época 3", en="PSNR of x")) == Text(es="Época 3", en="PSNR of x")
    assert capitalised(Text("", "")) == Text("", "")


def test_what_is_counted_is_one_or_many():
    assert [counted(n, *SEED).en for n in (0, 1, 2)] == ["0 seeds", "1 seed", "2 seeds"]
    assert [counted(n, *PAIR).es for n in (0, 1, 2)] == ["0 pares", "1 par", "2 pares"]

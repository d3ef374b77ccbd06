"""Figures and pages of an original given as a folder, which the package knows nothing of."""

from __future__ import annotations

import html
import re
import shlex
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from invented import invent, saved_at
from reensayo import registry
from reensayo.errors import InputError
from reensayo.figures import View, network_figure, save
from reensayo.figures.save import _content
from reensayo.pages import drawing, write
from reensayo.spec import Arm, Comparison, Figure, Original, canonical_json
from reensayo.store import Store, StoredTrial
from reensayo.text import LANGUAGES, Text
from reensayo.training import outlines
from repository import TOY


def copied(folder: Path) -> Original:
    """The toy original in another folder, with its networks written down beside it."""
    shutil.copytree(TOY, folder, ignore=shutil.ignore_patterns("outlines.json", "__pycache__"))
    original = registry.find(folder)
    outlines.write(original)
    return original


@pytest.fixture(scope="module")
def toy(tmp_path_factory) -> Original:
    return copied(tmp_path_factory.mktemp("a folder") / "toy")


@pytest.fixture(scope="module")
def stored(toy, tmp_path_factory) -> list[StoredTrial]:
    store = Store(tmp_path_factory.mktemp("store"))
    return [
        invent(store, toy, experiment, recipe, seed)
        for experiment in toy.experiments.values()
        for recipe in experiment.recipes
        for seed in range(3)
    ]


# ---------------------------------------------------------------- the page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_its_page_speaks_of_it_alone(toy, stored, lang, tmp_path):
    page = html.unescape(write(toy, stored, tmp_path, lang).read_text("utf-8"))
    assert f"{toy.title(lang)}»" in page or f"{toy.title(lang)}”" in page
    assert toy.about(lang) in page
    assert all(f"{name}: {meaning(lang)}" in page for name, meaning in toy.recipes.items())
    assert all(asked.question(lang) in page for exercise in toy.exercises for asked in exercise.asked)
    assert toy.metrics["slope"].words(lang) in page
    assert "paper, code" in page
    assert not re.search(r"ex\d\d|Introducción|assignment|consigna", page)
    assert {"fig-01.svg", "toy-network.svg", "net-toy.line-paper.svg"} <= {p.name for p in tmp_path.rglob("*.svg")}


def test_every_command_of_its_page_names_it(toy, tmp_path):
    page = html.unescape(write(toy, [], tmp_path, "es").read_text("utf-8"))
    begin = f"reensayo --original {shlex.quote(str(toy.folder))} "
    assert "'" in begin  # there is a space in it
    assert f"<code>{begin}run toy.line@paper toy.drawn@paper</code>" in page  # in a verdict's reason
    for words in ("run --profile quick", "report", "run toy", "run toy.line@code --seeds 10", "export toy.line@code"):
        assert begin + words in page
    assert not re.findall(r"reensayo (?:run|report|compare|export)\b", page)


def test_trials_of_other_works_are_counted_and_left_alone(toy, stored, tmp_path):
    other = replace(toy, name="other")
    store = Store(tmp_path / "runs")
    strangers = [invent(store, other, other.experiments["toy.line"], toy.experiments["toy.line"].recipes[0], 0)]
    pages = [write(toy, trials, tmp_path, "en").read_text("utf-8") for trials in (stored, [*stored, *strangers])]
    words = " Of other works, or from before a trial named its own, there are 1: they are not shown."
    assert pages[1].replace(words, "") == pages[0] != pages[1]


# ---------------------------------------------------------------- whose page is overwritten


def test_the_report_of_another_original_is_replaced_only_when_told_so(toy, tmp_path):
    page = write(toy, [], tmp_path, "en")
    before = page.read_bytes()
    assert write(toy, [], tmp_path, "es") == page
    assert page.read_bytes() != before
    other = replace(toy, name="other", title=Text("Otro", "Another"))
    with pytest.raises(InputError, match=r"index.html is the report of another work \(toy\).* -o.* --replace"):
        write(other, [], tmp_path, "en")
    assert write(toy, [], tmp_path, "en").read_bytes() == before
    write(other, [], tmp_path, "en", replace=True)
    assert b'content="other"' in page.read_bytes()


def test_a_page_from_before_pages_were_marked_belongs_to_the_work_in_its_title(toy, tmp_path):
    page = write(toy, [], tmp_path, "es")
    unmarked = page.read_text("utf-8").replace('<meta name="reensayo-original" content="toy">\n', "")
    page.write_text(unmarked, "utf-8")
    other = replace(toy, name="other", title=Text("Otro", "Another"))
    with pytest.raises(InputError, match=r"another work .*Una recta por unos puntos"):
        write(other, [], tmp_path, "en")
    assert page.read_text("utf-8") == unmarked
    assert write(toy, [], tmp_path, "es").read_text("utf-8") != unmarked


def test_what_is_no_report_stays(toy, tmp_path):
    page = tmp_path / "index.html"
    page.write_text("<title>My own</title>")
    with pytest.raises(InputError, match=r"index.html is no report: .* --replace"):
        write(toy, [], tmp_path, "en")
    assert page.read_text() == "<title>My own</title>"
    page.write_text("")  # nothing is lost
    write(toy, [], tmp_path, "en")


# ---------------------------------------------------------------- figures


def test_a_recipe_that_an_experiment_lacks_is_no_row(toy, stored, tmp_path):
    drawn = toy.experiments["toy.drawn"]
    figure = Figure("faster", Text("", ""), drawn, toy.exercises[0].figures[0].panels)
    assert toy.recipes_of(figure) == ("code", "paper")
    assert toy.recipes_of(replace(figure, experiment=replace(drawn, recipes=drawn.recipes[:1]))) == ("paper",)
    assert save(figure, View(toy, tuple(stored), "en"), tmp_path)


def test_what_a_figure_shows_has_no_memory_address(toy, stored):
    arms = tuple(Arm(experiment, experiment.title) for experiment in toy.experiments.values())
    panels = (
        Comparison("loss", Text("costo", "loss"), 0, arms, (toy.experiments["toy.line"].under("baseline-mean"),)),
    )
    figure = Figure("both", Text("", ""), arms[0].experiment, panels)
    contents = [canonical_json(_content(figure, View(toy, tuple(stored), "en"))) for _ in range(2)]
    assert contents[0] == contents[1]
    assert not re.search("0x[0-9a-f]|Experiment", contents[0])
    assert "toy.drawn" in contents[0]


def test_a_figure_is_drawn_again_when_the_words_in_it_are_edited(tmp_path):
    original = copied(tmp_path / "toy")
    store = Store(tmp_path / "runs")
    line = original.experiments["toy.line"]
    trials = (invent(store, original, line, line.recipe("faster"), 0),)
    figure = replace(next(original.figures()), recipes=("faster",))
    before = save(figure, View(original, trials, "en"), tmp_path)
    assert "with longer steps" in before
    module = original.folder / "points.py"
    module.write_text(module.read_text("utf-8").replace("with longer steps", "with giant steps"), "utf-8")
    edited = registry.find(original.folder)
    figure = replace(next(edited.figures()), recipes=("faster",))
    assert "with giant steps" in save(figure, View(edited, trials, "en"), tmp_path)


def test_processes_find_a_folder_again(toy, stored, tmp_path, monkeypatch):
    monkeypatch.setattr(drawing, "FEW", 1)
    view = View(toy, tuple(stored), "en")
    drawing.draw_side_by_side(view, tmp_path / "several", processes=2)
    for figure in (next(toy.figures()), network_figure(toy.experiments["toy.line"], "paper")):
        one = saved_at(figure, view, tmp_path / "one")
        assert (tmp_path / "several" / one.name).read_bytes() == one.read_bytes()


def test_what_python_code_made_is_drawn_where_it_is(toy, stored, tmp_path, monkeypatch):
    monkeypatch.setattr(drawing, "FEW", 1)
    monkeypatch.setattr(drawing, "Popen", None)
    made = replace(toy, option=None, from_folder=False)
    drawing.draw_side_by_side(View(made, tuple(stored), "en"), tmp_path, processes=2)
    assert not list(tmp_path.iterdir())

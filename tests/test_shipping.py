"""Shipping: what is missing of a small work is trained and packed, and nothing is trained twice."""

import re
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from reensayo import api, runner, shipping
from reensayo.evidence.times import times
from reensayo.selection import select
from reensayo.shipping import Asked, commit, ship, time_pairs
from reensayo.spec import Exceeds, Metric, Quick
from reensayo.store import Lacking, Store, read_checkpoint, read_pack
from repository import ROOT


@pytest.fixture
def work(toy, tmp_path):
    """The toy as a work of its own folder, fixed: what tells its trials apart is its name."""
    work = replace(toy, folder=tmp_path / "work", from_folder=False)
    work.folder.mkdir()
    shutil.copy(toy.folder / "curves.json", work.folder)
    api.write_outlines(work)
    return work


@pytest.fixture
def shipped(work, tmp_path):
    """Ship recipes of a work, by default of the toy; gives their packs."""

    def run(*ids, work=work, store="store", well=True):
        chosen = select(work, ids)
        assert ship(Asked(work, chosen, Store(tmp_path / store), None)) is well
        return [read_pack(work.folder / "shipped" / f"{e.under(r.name)}.zip") for e, r in chosen if well]

    return run


@pytest.fixture
def trained(monkeypatch):
    """The trials that are trained or fitted from here on, by block: ``experiment@recipe`` and their seeds."""
    found = []
    monkeypatch.setattr(shipping._Watch, "block", lambda _, trials, resumed: found.append([t.seed for t in trials]))
    return found


def with_line(work, **changes):
    """The toy with its first experiment alone, changed, and nothing said of it."""
    line = replace(work.experiments["toy.line"], **changes)
    nothing = dict.fromkeys(("claims", "figures", "mistakes", "asked"), ())
    return replace(work, exercises=(replace(work.exercises[0], experiments=(line,), **nothing),))


def with_recipes(work, *recipes):
    return with_line(work, recipes=recipes, baselines=(), quick=Quick(seeds=3))


def test_every_declared_seed_is_packed_and_seed_0_once_more_from_perturbed_weights(shipped, capsys):
    network, baseline = shipped("toy.line@code", "toy.line@baseline-mean")
    assert [trial.seed for trial in network.trials] == [trial.seed for trial in baseline.trials] == [*range(5)]
    (again,), first = network.perturbed, network.trials[0]
    assert again.id == first.id
    for name, curve in first.history.items():
        np.testing.assert_allclose(again.history[name], curve, rtol=1e-3)
    assert any((again.history[name] != curve).any() for name, curve in first.history.items())
    assert baseline.perturbed == ()
    assert "  toy.line@code  5 trials  " in capsys.readouterr().out


def test_what_is_packed_is_not_trained_again_by_another_machine_either(shipped, trained, work):
    before = shipped("toy.line@code")[0]
    trained.clear()
    shipped("toy.line@code", store="another")
    assert trained == []
    (pack,) = shipped("toy.line@code", work=with_line(work, seeds=7), store="another")
    assert trained == [[5, 6]]
    assert [trial.seed for trial in pack.trials] == [*range(7)]
    assert pack.trials[:5] == before.trials


@pytest.mark.parametrize("content", [None, b"no pack"])
def test_a_pack_that_is_gone_or_damaged_is_written_anew_from_the_store(shipped, trained, work, content):
    shipped("toy.line@code")
    path = work.folder / "shipped" / "toy.line@code.zip"
    whole = path.read_bytes()
    path.unlink() if content is None else path.write_bytes(content)
    trained.clear()
    shipped("toy.line@code")
    assert path.read_bytes() == whole
    assert trained == []


def test_an_interrupted_perturbed_run_never_begins_from_the_usual_weights(shipped, work, tmp_path, monkeypatch):
    store = Store(tmp_path / "store" / "perturbed")
    usual = runner.run

    def interrupted(trials, at, *arguments, **how):
        if at.root == store.root:
            raise KeyboardInterrupt
        return usual(trials, at, *arguments, **how)

    monkeypatch.setattr(runner, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        shipped("toy.line@code")
    (block,) = store.blocks()
    start = read_checkpoint(block)
    assert (start.epoch, start.step) == (0, 0)
    block.checkpoint.unlink()  # as a kill leaves it just before
    monkeypatch.setattr(runner, "run", usual)
    (pack,) = shipped("toy.line@code")
    assert any((pack.perturbed[0].history[name] != curve).any() for name, curve in pack.trials[0].history.items())


def test_recipes_with_the_same_settings_are_trained_once(shipped, trained, work):
    code = work.experiments["toy.line"].recipe("code")
    twins = with_recipes(work, code, code.but("paper", {}))
    one, other = shipped(work=twins)
    assert [trial.about["same_as"] for trial in other.trials] == [trial.id for trial in one.trials]
    assert other.perturbed[0].about["same_as"] == one.perturbed[0].id
    (twins.folder / "shipped" / "toy.line@paper.zip").unlink()
    trained.clear()
    shipped(work=twins)
    assert trained == []


def test_the_arrays_that_a_figure_looks_at_are_kept_and_no_other(shipped, work):
    def draw(axes, view, recipe):
        axes.plot([view.trials(work.experiments["toy.line"], recipe)[0].arrays["test_predicted"].sum()])

    (exercise,) = work.exercises
    figure = replace(exercise.figures[0], id="seen", panels=(draw,), recipes=("code",))
    seen = replace(work, exercises=(replace(exercise, figures=(*exercise.figures, figure)),))
    paper, code = shipped("toy.line@paper", "toy.line@code", work=seen)
    assert code.trials[0].arrays.keys() == {"test_predicted"}
    assert code.trials[1].arrays.keys() == paper.trials[0].arrays.keys() == set()
    with pytest.raises(Lacking):
        code.trials[0].arrays["test_actual"]


def test_packs_of_recipes_that_are_gone_are_removed(shipped, work):
    shipped("toy.line@faster")
    fewer = with_recipes(work, work.experiments["toy.line"].recipe("code"))
    shipped("toy.line@code", work=fewer)
    assert [path.name for path in (work.folder / "shipped").iterdir()] == ["toy.line@code.zip"]


def test_what_fails_is_told_and_not_packed_and_the_rest_is(shipped, work, capsys):
    line = work.experiments["toy.line"]

    def evaluate(predict, split, s):
        if s.learning_rate == 0.2:
            raise ZeroDivisionError("no such thing")
        return line.evaluate(predict, split, s)

    shipped("toy.line@faster", "toy.line@code", work=with_line(work, evaluate=evaluate), well=False)
    assert [path.name for path in (work.folder / "shipped").iterdir()] == ["toy.line@code.zip"]
    assert re.search(r"  toy\.line@faster failed: .*ZeroDivisionError: no such thing", capsys.readouterr().out)


def test_a_figure_that_cannot_be_drawn_keeps_no_other_recipe_back(shipped, work, capsys):
    def draw(axes, view, recipe):
        raise ZeroDivisionError("no such thing")

    (exercise,) = work.exercises
    figure = replace(exercise.figures[0], panels=(draw,), recipes=("code",))
    broken = replace(work, exercises=(replace(exercise, figures=(figure,)),))
    shipped("toy.line@code", "toy.line@paper", work=broken, well=False)
    assert [path.name for path in (work.folder / "shipped").iterdir()] == ["toy.line@paper.zip"]
    assert "toy.line@code failed: ZeroDivisionError: no such thing" in capsys.readouterr().out


def test_each_trial_says_at_which_commit_it_was_trained(shipped, monkeypatch):
    monkeypatch.setattr(shipping, "commit", lambda: {"commit": "0123abc+changes"})
    (pack,) = shipped("toy.line@code")
    assert {trial.commit for trial in (*pack.trials, *pack.perturbed)} == {"0123abc+changes"}


def test_a_commit_is_known_in_a_checkout_only(monkeypatch, tmp_path):
    def git(*words):
        name = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        subprocess.run(["git", "-C", tmp_path, *name, *words], check=True, capture_output=True)

    (tmp_path / "__init__.py").touch()
    monkeypatch.setattr(shipping.reensayo, "__file__", str(tmp_path / "__init__.py"))
    assert commit() == {}
    git("init")
    assert commit() == {}
    git("add", "."), git("commit", "-m", "all")
    clean = commit()["commit"]
    assert len(clean) == 40
    (tmp_path / "data.json").touch()
    assert commit()["commit"] == clean
    (tmp_path / "__init__.py").write_text("x = 1")
    assert commit()["commit"] == clean + "+changes"
    monkeypatch.setenv("PATH", "")
    assert commit() == {}


def test_networks_are_timed_in_turn_where_a_claim_compares_their_times(work, tmp_path):
    (exercise,) = work.exercises
    line, drawn = exercise.experiments
    seconds = Metric("seconds_per_epoch", "measured", per_block=True)
    claim = replace(exercise.claims[1], test=Exceeds(line, drawn, seconds, margin=0.0))
    timed = replace(work, exercises=(replace(exercise, claims=(claim,)),))
    time_pairs(Asked(timed, select(timed, ["toy"], "code"), Store(tmp_path / "store"), None))
    ((key, timing),) = times(timed).items()
    assert key == ("toy.line", "toy.drawn", "code")
    assert len(timing.seconds_per_epoch) == shipping.PAIRS
    assert all(value > 0 for pair in timing.seconds_per_epoch for value in pair)
    assert timing.steps == (2, 2)  # of three
    time_pairs(Asked(timed, select(timed, ["toy"], "paper"), Store(tmp_path / "store"), None))
    assert {recipe for _, _, recipe in times(timed)} == {"code", "paper"}


def test_the_program_ends_as_the_commands_do(tmp_path):
    words = [sys.executable, "-m", "reensayo.shipping", "--store", str(tmp_path), "ex99"]
    done = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("no exercise or experiment 'ex99'; there are: ")


def test_the_makefile_names_what_there_is(original):
    makefile = (ROOT / "Makefile").read_text()
    assert select(original, re.search("^SHIPPED := (.+)$", makefile, re.MULTILINE)[1].split())

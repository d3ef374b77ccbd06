"""The command line: what it prints, in both languages, and how it ends."""

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from reensayo import datasets, hardware, registry
from reensayo.cli import output
from reensayo.cli.main import COMMANDS
from reensayo.cli.new import name_of
from reensayo.datasets import places as places_module
from reensayo.originals.introduccion_a_keras import ORIGINAL
from reensayo.pages.verdicts import VERDICTS
from reensayo.runner import plan
from reensayo.spec import Original
from reensayo.spec import trial as trials_module
from reensayo.store import Checkpoint
from repository import ROOT

TOY = ROOT / "tests" / "toy_original"
EXPERIMENTS, COUNTED = ORIGINAL.experiments, ORIGINAL.counted
PROGRAM = [sys.executable, "-c", "from reensayo.cli import main; main()"]
TRIAL_KEYS = {
    *("id", "experiment", "recipe", "seed", "status", "new", "resumed_epoch", "reduced", "directory", "wall_s"),
    *("final", "best", "measures"),
}
CLAIM_KEYS = {"id", "exercise", "statement", "where", "own_figure", "recipes", "sound", "rows"}
FOUND_KEYS = {"verdict", "direction", "evidence", "provisional", "estimate", "interval", "n"}
COLUMN_KEYS = FOUND_KEYS | {"reading", "same_as"}
ROW_KEYS = FOUND_KEYS | {
    *("recipe", "reading", "role", "published", "figure_value", "figure_agrees", "against_figure", "caveats"),
    *("trials", "why"),
}


def strict_json(words):
    """JSON as everyone reads it: NaN and Infinity are no JSON."""
    return json.loads(words, parse_constant=pytest.fail)


def fresh(*words, **options):
    """The program in a fresh Python."""
    where = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    env = {**os.environ, "PYTHONPATH": where, **options.pop("env", {})}
    return subprocess.run([*PROGRAM, *map(str, words)], capture_output=True, text=True, env=env, **options)


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """A machine without any data set."""
    monkeypatch.setattr(places_module, "checkout", lambda: None)
    monkeypatch.setattr(places_module, "cache", lambda: tmp_path / "cache")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.delenv("REENSAYO_DATA", raising=False)


@pytest.fixture
def wide(monkeypatch):
    """A terminal of 100 columns."""
    real = output.Console

    def console(**options):
        return real(**{**options, "force_terminal": True, "width": 100, "color_system": None})

    monkeypatch.setattr(output, "Console", console)


def top1(*last):
    return [{"val_categorical_accuracy": [0.5, value]} for value in last]


# ---------------------------------------------------------------- help


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ["--help"],
            [
                "Usage: reensayo",
                "--original NAME|DIR",
                "whose code is",
                "Options:",
                "Commands:",
                *COMMANDS,
                "this help",
            ],
        ),
        (["run", "-h"], ["Usage: reensayo run [OPTIONS] [ID]...", "--recipe R", "--seeds N", "--set KEY=VALUE"]),
        (
            ["run", "--help", "--lang", "es"],
            ["Uso: reensayo run [OPCIONES] [ID]...", "Opciones:", "esta ayuda", "sin ID"],
        ),
        (["data", "--help"], ["fetch", "verify", "Download what is missing."]),
        (["--version"], ["reensayo 0.1.0"]),
    ],
    ids=" ".join,
)
def test_help(words, told):
    done = fresh(*words)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(word.lower() in done.stdout.lower() for word in told)


def test_help_is_in_one_language():
    done = fresh("--help", env={"LC_ALL": "es_ES.UTF-8"})
    assert done.returncode == 0
    assert "Órdenes:" in done.stdout
    for english in ("Usage", "Options", "Commands", "Show", "default", "this"):
        assert english not in done.stdout


def test_no_command_is_help_and_2(command):
    code, out, err = command()
    assert (code, out) == (2, "")
    assert "Commands:" in err


# ---------------------------------------------------------------- what is wrong with the command line


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["lis"], "no command 'lis'; there are: new, list, show, run, status"),
        (["--store", "x", "list"], "no option --store"),
        (["run", "--sed", "3"], "no option --sed; perhaps --seeds"),
        (["run", "--seeds", "x"], "invalid value for --seeds: expected a whole number; received 'x'"),
        (["run", "--seeds"], "--seeds expects a value"),
        (["run", "--seeds", "0"], "seeds expects a whole number from 1 to 10000; received 0"),
        (
            ["run", "--seeds", "100000000", "--dry-run"],
            "seeds expects a whole number from 1 to 10000; received 100000000",
        ),
        (["run", "--profile", "slow"], "invalid value for --profile: expected quick | full; received 'slow'"),
        (["list", "--lang", "fr"], "invalid value for --lang: expected es | en; received 'fr'"),
        (["list", "--store", __file__], "invalid value for --store: expected a folder"),
        (["list", "ex01"], "ex01 is one argument too many"),
        (["show"], "ID is missing"),
        (["show", "ex99"], "no exercise or experiment 'ex99'; there are: ex01, ex02, "),
        (["run", "ex99"], "no exercise or experiment 'ex99'"),
        (["run", "ex08@mine"], "no recipe 'mine'; there are:\n  ex08.dense: text, script"),
        (["run", "ex08@script", "--recipe", "text"], "ex08@script and --recipe text contradict each other"),
        (["run", "ex01", "--set", "epochs"], "--set expects key=value, every key once; received 'epochs'"),
        (
            ["run", "ex01", "--set", "momentum=1"],
            "ex01.linear has no setting 'momentum'; what can be set:\n  split: first | random",
        ),
        (["run", "ex01", "--set", "epochs=many"], "invalid value for epochs: expected int 1 … 100000; received 'many'"),
        (["run", "ex01", "--set", "epochs=0"], "invalid value for epochs: expected int 1 … 100000; received 0"),
        (["run", "ex01", "--set", "optimizer=Sgd"], "expected SGD | Adam | Adagrad | "),
        (["run", "ex01", "--data", "nowhere/at/all", "--seeds", "1"], "--data: expected a folder of data"),
        (["verdicts", "ex99"], "no exercise or experiment 'ex99'"),
        (["verdicts", "ex05@sound"], "no claim is judged by ex05@sound; claims are judged by the recipes text, script"),
        (["verdicts", "ex08", "--why", "5"], "--why takes no IDs; received: ex08"),
        (["verdicts", "--why", "zz"], "no claim 'zz'; there are: 1, 2a, "),
        (["compare", "ex01.linear@script"], "B is missing"),
        (["export", "ex05"], "ex05 is not one recipe; choose one of:\n  ex05.map@text"),
        (["list", "--original", "nowhere"], "no such original: expected a name (introduccion-a-keras) or a folder"),
        (["--original", "nowhere", "status"], "no such original: expected a name"),
        (["list", "--original", __file__], "no such original: expected a name"),
        (["new"], "DIR is missing"),
        (["new", str(ROOT / "tests")], "new expects a new or empty folder; received "),
        (["data", "fetch", "mnits"], "unknown data set"),
        (["data", "verify", "--data", "nowhere/at/all"], "--data: expected a folder of data"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_wrong_input_is_2_and_says_what_is_possible(words, told, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = command(*words)
    assert (code, out) == (2, "")
    assert err.startswith("reensayo: ")
    assert told in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["lis", "--lang", "es"], "no hay orden 'lis'; las hay: new, list"),
        (["run", "--lang=es", "--sed", "3"], "no hay opción --sed; ¿quizá --seeds"),
        (
            ["run", "--lang", "es", "--seeds", "x"],
            "valor no válido para --seeds: se esperaba un número entero; se recibió 'x'",
        ),
        (["list", "--lang", "es", "x"], "sobra x"),
        (["show", "--lang", "es"], "falta ID\nVea: reensayo show --help"),
        (["run", "--lang", "es", "--seeds"], "--seeds espera un valor"),
        (["show", "ex99", "--lang", "es"], "no hay ejercicio ni experimento 'ex99'"),
    ],
    ids=" ".join,
)
def test_wrong_input_in_spanish(words, told, command):
    code, out, err = command(*words)
    assert (code, out) == (2, "")
    assert told in err


# ---------------------------------------------------------------- list and show


def test_list(command):
    code, out, err = command("list")
    assert (code, err) == (0, "")
    rows = re.split(r"\n(?=ex)", out)  # many recipes go on in further lines
    assert len(rows) == 1 + len(EXPERIMENTS) + len(COUNTED)
    assert all("counted only" in row for row in rows if row.split()[0] in COUNTED)
    for id_, e in EXPERIMENTS.items():
        (row,) = [row for row in rows if row.startswith(f"{id_} ")]
        assert all(recipe.name in row for recipe in e.runnable)
    assert "79 510" in out
    assert "94 650" in out
    assert "Mapa logístico" in command("list", "--lang", "es").out


def test_list_json_is_the_contract(command):
    code, out, err = command("list", "--json")
    assert (code, err) == (0, "")
    found = strict_json(out)
    assert found.keys() == {"experiments", "counted"}
    assert [network["id"] for network in found["counted"]] == list(COUNTED)
    assert found["counted"][0] == {
        "id": "ex10.alexnet",
        "exercise": "ex10",
        "title": "Full-size AlexNet",
        "about": "227 × 227 pixels, 1000 classes",
        "parameters": 62_378_344,
        "multiply_adds": 1_135_256_096,
    }
    assert [e["id"] for e in found["experiments"]] == list(EXPERIMENTS)
    for e in found["experiments"]:
        assert e.keys() == {"id", "exercise", "title", "recipes", "figures"}
        for recipe in e["recipes"].values():
            assert recipe.keys() == {"parameters", "epochs", "batch_size", "loss", "optimizer"}
    (conv,) = (e for e in found["experiments"] if e["id"] == "ex08.conv")
    assert conv["recipes"]["script"] == {
        "parameters": 94_650,
        "epochs": 20,
        "batch_size": 64,
        "loss": "CategoricalCrossentropy",
        "optimizer": "Adagrad",
    }
    figures = [figure for e in found["experiments"] for figure in e["figures"]]
    assert {f"fig-{number:02d}" for number in range(1, 28)} <= set(figures)


def test_show_tells_network_settings_differences_and_claims(command):
    code, out, err = command("show", "ex08.conv")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert any("Conv2D" in line and "26 × 26 × 16" in line and "160" in line for line in lines)
    assert "94650 trainable parameters" in out
    for setting in EXPERIMENTS["ex08.conv"].settings:
        assert any(line.startswith(setting.name) for line in lines)
    marked = [line.split()[0] for line in lines if " * " in line]
    assert {"filters", "pooling", "scaling", "dropout", "from_logits", "learning_rate"} <= set(marked)
    assert "loss" not in marked
    assert any("false (ours)" in line and line.split("false (ours)")[1].split()[0].startswith("text") for line in lines)
    assert [line.split()[0] for line in lines[-4:]] == ["8b", "8c", "8d", "8e"]


def test_show_of_an_exercise_shows_its_experiments_and_of_a_recipe_only_that(command):
    out = command("show", "ex08").out
    assert out.index("ex08.dense") < out.index("ex08.conv")
    out = command("show", "ex08.conv@script").out
    assert "differs between recipes" not in out
    assert "standardised (text)" not in out
    assert "difiere entre recetas" in command("show", "ex08.conv", "--lang", "es").out


def test_a_network_that_is_only_counted_is_shown_and_not_run(command):
    out = command("show", "ex10.vgg16").out
    assert "Full-size VGG16 (224 × 224 pixels, 1000 classes), built and counted only" in out
    assert "138357544 trainable parameters, 15470264320 multiply-adds an example" in out
    assert out.strip() in command("show", "ex10").out
    for words in (["run"], ["run", "--dry-run"], ["export"], ["verdicts"]):
        code, out, err = command(*words, "ex10.vgg16")
        assert (code, out) == (2, "")
        assert "ex10.vgg16 is only built and counted, never trained: see it with `reensayo show ex10.vgg16`" in err


def test_show_tells_what_a_recipe_was_chosen_from(command, tmp_path):
    command("new", tmp_path / "work")
    module = tmp_path / "work" / "__init__.py"
    grid = "SCRIPT.but('script', {}, tried={'learning_rate': (0.01, 0.03)})"
    module.write_text(module.read_text("utf-8").replace("recipes=(TEXT, SCRIPT)", f"recipes=(TEXT, {grid})"), "utf-8")
    words = "--original", tmp_path / "work", "show", "sine.dense"
    assert "0.03 (script; tried: 0.01, 0.03)" in command(*words).out
    assert "0.03 (script; se probaron 0.01, 0.03)" in command(*words, "--lang", "es").out


def test_show_fits_a_terminal(command, wide):
    for id_ in ORIGINAL.networks:
        out = command("show", id_).out
        assert max(map(len, out.splitlines())) <= 100
        assert "Categorical\n" not in out


# ---------------------------------------------------------------- run


def test_dry_run_says_what_would_be_done_and_does_nothing(command, store, put):
    put("ex05.map@script", measures=[{}] * 2)
    code, out, _ = command("run", "ex05@script", "ex01@text", "--seeds", 3, "--dry-run", "--store", store.root)
    assert code == 0
    lines = out.splitlines()
    assert [line.split() for line in lines[1:3]] == [["ex01.linear@text", "0-2", "0"], ["ex05.map@script", "0-2", "2"]]
    assert re.search(r"training what is missing: about \d+ s \(measured on .*, \d+ cores\)", " ".join(lines[3:]))
    code, out, _ = command("run", "--dry-run", "--json", "ex05@script", "--seeds", 3, "--store", store.root)
    assert code == 0
    assert [trial["stored"] for trial in strict_json(out)["trials"]] == [True, True, False]
    assert 0 < strict_json(out)["estimated_seconds"] < 600


RUN = ["run", "ex01@script", "--set", "epochs=2"]


def test_run_json_is_the_contract(command, store):
    words = ["run", "--json", "--seeds", "2", "ex01", "--recipe", "script", "--set", "epochs=2", "--store", store.root]
    code, out, err = command(*words)
    assert code == 0
    found = strict_json(out)
    assert found.keys() == {"store", "seconds", "trials"}
    assert found["store"] == str(store.root)
    assert found["seconds"].keys() == {"start", "compile", "train", "total"}
    parts = (found["seconds"][name] for name in ("start", "compile", "train"))
    assert sum(parts) == pytest.approx(found["seconds"]["total"])
    assert "ex01.linear@script+epochs=2 seeds 0-1" in err
    for seed, trial in enumerate(found["trials"]):
        assert trial.keys() == TRIAL_KEYS
        assert (trial["experiment"], trial["recipe"], trial["seed"]) == ("ex01.linear", "script+epochs=2", seed)
        assert (trial["status"], trial["new"], trial["resumed_epoch"], trial["reduced"]) == (
            "finished",
            True,
            None,
            False,
        )
        assert Path(trial["directory"]).is_absolute()
        assert Path(trial["directory"]).name == trial["id"]
        assert trial["final"].keys() == {"loss", "mean_squared_error", "val_loss", "val_mean_squared_error"}
        assert all(trial["best"][name] <= trial["final"][name] for name in trial["final"])
        assert "test_r2_score" in trial["measures"]

    code, again, _ = command(*words)
    assert code == 0
    old = strict_json(again)["trials"]
    assert [trial["new"] for trial in old] == [False, False]
    assert [{**trial, "new": True} for trial in old] == found["trials"]


def test_run_prints_a_table_and_where_the_trials_are(command, store):
    code, out, err = command(*RUN, "--seeds", 2, "--store", store.root)
    assert (code, err) == (0, "")
    assert out.startswith("ex01.linear@script+epochs=2 seeds 0-1\n")
    (row,) = [line for line in out.splitlines() if line.startswith("ex01.linear@script+epochs=2  ")]
    assert row.split()[1:3] == ["2", "val_mean_squared_error"]
    assert f"2 new trials, 0 already stored, in {store.root}." in out
    assert "0 ensayos nuevos, 2 de antes" in command(*RUN, "--seeds", 2, "--store", store.root, "--lang", "es").out


def test_the_interval_of_a_run_stays_within_what_its_metric_can_be(command, store, put):
    put("ex08.dense@script", history=[{"val_categorical_accuracy": [0.1]}, {"val_categorical_accuracy": [0.9]}])
    _, out, _ = command("run", "ex08.dense@script", "--seeds", 2, "--store", store.root)
    assert "val_categorical_accuracy 0.5  0 … 1 " in out


def test_a_diverged_trial_is_null_in_json_and_ends_with_0(command, store):
    words = ["run", "ex05@script", "--seeds", 1, "--store", store.root]
    words += ["--set", "learning_rate=99", "--set", "optimizer=SGD", "--set", "epochs=20"]
    code, out, err = command(*words, "--json")
    assert code == 0
    (trial,) = strict_json(out)["trials"]
    assert trial["status"] == "diverged"
    assert None in trial["final"].values()
    assert "diverged at epoch" in err
    code, out, _ = command(*words)
    assert code == 0
    assert "+optimizer=SGD  0" in out


def test_the_best_epoch_is_each_metrics_own():
    from reensayo.cli.running import _best

    curve = np.array([0.2, np.nan, 0.9, 0.5])
    assert _best("val_categorical_accuracy", curve) == 0.9
    assert _best("val_loss", curve) == 0.2
    assert np.isnan(_best("loss", np.array([np.nan])))


def test_quick_prints_the_budget_beside_what_it_took(command, store, monkeypatch):
    _, out, _ = command(*RUN, "--seeds", 1, "--profile", "quick", "--store", store.root)
    (line,) = [line for line in out.splitlines() if "of a budget" in line]
    assert line.split()[0] == "ex01:"
    assert line.endswith("s of a budget of 10 s")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["ex10.alexnet-cifar10"], "The quick profile does not train, unless named: ex10.alexnet-cifar10@text\n"),
        (["ex08.conv", "ex08.conv@text"], "unless named: ex08.conv@sound, ex08.conv@sound-changed\n"),
        (["ex05"], None),
    ],
)
def test_quick_says_which_recipes_it_leaves_out(command, store, asked, said):
    _, out, _ = command("run", *asked, "--profile", "quick", "--dry-run", "--store", store.root)
    assert out.endswith(said) if said else "does not train" not in out


def test_a_dry_run_says_what_quick_reduces(command, store):
    _, out, _ = command("run", "ex08.conv@script", "ex01", "--profile", "quick", "--dry-run", "--store", store.root)
    (reduced,) = [line for line in out.splitlines() if line.startswith("ex08.conv@script")]
    assert reduced.endswith("  epochs 1/20")
    assert all("/" not in line for line in out.splitlines() if line.startswith("ex01"))


# ---------------------------------------------------------------- status


def test_status_of_nothing(command, store):
    assert command("status", "--store", store.root) == (
        0,
        f"No trials in {store.root}. To begin: reensayo run ex01 --store {store.root}\n",
        "",
    )


def test_status_tells_what_is_stored_and_what_is_under_way(command, store, put):
    put("ex05.map@script", measures=[{}] * 3, diverged=[1])
    put("ex08.conv@script", measures=[{}], reduced=True)
    trials = plan(ORIGINAL, ["ex05.map@sound"], seeds=3, changes={"epochs": "7"})
    block = store.begin_block(trials)
    store.save_checkpoint(block, Checkpoint(4, 2, np.zeros((3, 4, 4)), [np.zeros(3)], 1.0))
    code, out, _ = command("status", "--store", store.root)
    assert code == 0
    lines = [line.split() for line in out.splitlines()]
    assert ["ex05.map@script", "3", "1", "1.5"] in lines
    assert ["ex08.conv@script", "(reduced)", "1", "1.5"] in lines
    assert "under way: ex05.map@sound+epochs=7, seeds 0-2, first 4 of 7 epochs; the next run of them resumes" in out
    assert "a medias: ex05.map@sound+epochs=7" in command("status", "--store", store.root, "--lang", "es").out


def test_status_names_what_is_damaged_and_shows_the_rest(command, store, put):
    trial, _ = put("ex05.map@script", measures=[{}] * 2)
    (trial.directory / "trial.json").write_text("{")
    code, out, err = command("status", "--store", store.root)
    assert code == 1
    assert re.search(r"ex05\.map@script +1 ", out)
    assert "trial.json is damaged" in err


def test_status_check_reads_every_file(command, store, put):
    (trial,) = put("ex05.map@script", measures=[{}])
    assert command("status", "--check", "--store", store.root).out.endswith("everything stored is whole\n")
    (trial.directory / "arrays.npz").write_bytes(b"")
    assert command("status", "--store", store.root).code == 0
    code, out, err = command("status", "--check", "--store", store.root)
    assert (code, "whole" in out) == (1, False)
    assert "arrays.npz is damaged (its checksum differs)" in err


def test_status_tells_trials_of_an_earlier_version_apart(command, store, put, monkeypatch):
    put("ex05.map@script", measures=[{}] * 2)
    put("ex05.map@script", measures=[{}], changes={"epochs": 3})
    with monkeypatch.context() as earlier:
        earlier.setattr(trials_module, "RESULTS_VERSION", 0)
        put("ex05.map@script", measures=[{}])
        (trial,) = plan(ORIGINAL, ["ex05.map@script"], seeds=1)
        store.begin_block([trial])
    out = command("status", "--store", store.root).out
    lines = [" ".join(line.split()[:-1]) for line in out.splitlines()]
    assert "ex05.map@script 2" in lines
    assert "ex05.map@script (of an earlier version) 1" in lines
    assert "ex05.map@script+epochs=3 1" in lines
    assert "under way, of an earlier version: ex05.map@script, seeds 0" in out
    assert "resumes there" not in out
    told = "reensayo: no longer counted: 1 trial of an earlier version\n"
    assert command("verdicts", "--store", store.root).err == told


def test_stored_names_are_no_markup(command, store, put):
    for recipe in ("script", "text"):
        put(f"ex05.map@{recipe}", measures=[{"[/]": 1.0}] * 2)
    code, out, err = command("compare", "ex05.map@script", "ex05.map@text", "--store", store.root)
    assert (code, err) == (0, "")
    assert "[/]" in out


def test_compare_refuses_what_lacks_an_unreadable_trial_and_names_others(command, store, put):
    trials = put("ex05.map@script", measures=[{}] * 3)
    put("ex05.map@text", measures=[{}] * 3)
    (other,) = put("ex05.map@sound", measures=[{}])
    (other.directory / "trial.json").write_text("")
    words = ["compare", "ex05.map@script", "ex05.map@text", "--store", store.root]
    code, out, err = command(*words)
    assert (code, "3 pairs of the same seed" in out) == (1, True)
    assert err.count("trial.json is damaged") == 1
    (trials[0].directory / "trial.json").write_text("")
    code, out, err = command(*words)
    assert (code, out) == (2, "")
    assert str(trials[0].directory) in err


# ---------------------------------------------------------------- verdicts


@pytest.fixture
def judged(put):
    """As many seeds as decide, so that nothing rests on what comes with the work."""
    put("ex08.dense@script", measures=[{}] * 10, history=top1(*[0.899, 0.9, 0.901, 0.9, 0.9] * 2))
    put("ex08.conv@script", measures=[{}] * 10, history=top1(*[0.92, 0.9201, 0.9199, 0.92, 0.92] * 2))
    put("ex05.map@text", measures=[{"test_mean_squared_error": 0.12}])


def line_of(claim, out):
    (line,) = [line for line in out.splitlines() if line.startswith(f"{claim} ")]
    return line.split()


def test_verdicts_are_a_line_a_claim(command, store, judged, wide):
    code, out, err = command("verdicts", "--store", store.root)
    assert (code, err) == (0, "")
    header, *lines = out.splitlines()
    assert lines.pop() == f"Each command above needs: --store {store.root}"
    assert header.split()[:3] == ["figure", "text", "script"]
    claims = [claim.id for exercise in ORIGINAL.exercises for claim in exercise.claims]
    assert [line.split()[0] for line in lines[: len(claims)]] == claims
    assert line_of("8a", out)[1] == "✓"
    assert line_of("8a", out)[3] == "✓"
    assert line_of("8b", out)[1] == "✗"  # its own figure shows 92 %, not 93
    assert line_of("8b", out)[3] == "✗↓"
    assert "script: what the figures' scripts ran" in out
    assert "`reensayo verdicts --why 1` says everything about one." in out
    assert len({line.index("  The ") for line in lines if line.startswith("8") and "  The " in line}) == 1


def test_a_broad_screen_has_room_for_words_and_a_narrow_one_for_a_line_a_claim(command, store, judged, monkeypatch):
    out = command("verdicts", "ex08", "--store", store.root).out
    assert "✓ reproduced" in " ".join(line_of("8a", out))
    assert "✗↓ no: lower" in " ".join(line_of("8b", out))
    real = output.Console
    monkeypatch.setattr(output, "Console", lambda **options: real(**{**options, "width": 80}))
    out = command("verdicts", "ex08", "--store", store.root).out
    assert "The dense network reaches 90" in out
    assert "no: lower" not in out.split("figure:")[0]
    assert max(len(line) for line in out.splitlines() if line.startswith("8")) <= 80


def test_verdicts_of_an_exercise_or_a_recipe_are_those_of_claims_about_it(command, store, judged):
    def claims(*ids: str):
        out = command("verdicts", *ids, "--json", "--store", store.root).out
        return [each["id"] for each in strict_json(out)["claims"]]

    assert claims("ex08") == ["8a", "8b", "8c", "8d", "8e"]
    assert claims("ex05@script") == ["5"]
    of_the_dense_net = claims("ex08.dense@script")
    assert {"8a", "8c"} <= set(of_the_dense_net)
    assert "8b" not in of_the_dense_net  # which is about the convolutional one alone


def test_verdicts_in_spanish(command, store, judged):
    out = command("verdicts", "--store", store.root, "--lang", "es").out
    assert "✓ se reproduce" in out
    for english in ("reproduced", "inconclusive", "claim", "recipe", "squared"):
        assert english not in out
    assert "0,8972" in command("verdicts", "--why", "8a", "--store", store.root, "--lang", "es").out


def test_verdicts_json_is_the_contract(command, store, judged):
    code, out, err = command("verdicts", "--json", "--store", store.root)
    assert (code, err) == (0, "")
    found = strict_json(out)
    assert found.keys() == {"claims", "agreement", "unreadable"}
    assert found["unreadable"] == []
    for claim in found["claims"]:
        assert claim.keys() == CLAIM_KEYS
        assert claim["own_figure"] in ("agrees", "disagrees", "none")
        assert list(claim["recipes"]) == ["text", "script"]
        for column in claim["recipes"].values():
            assert column.keys() == COLUMN_KEYS
            assert column["verdict"] in VERDICTS
            assert column["direction"] in (None, "higher", "lower")
            assert column["evidence"] in ("own", "shipped", "reduced", "none", "count")
        assert claim["sound"] is None or claim["sound"].keys() >= {"value", "interval", "n"}
        assert all(row.keys() == ROW_KEYS for row in claim["rows"])
    by = {claim["id"]: claim for claim in found["claims"]}
    column = by["8a"]["recipes"]["script"]
    assert (column["verdict"], column["evidence"], column["provisional"], column["n"]) == (
        "reproduced",
        "own",
        False,
        10,
    )
    assert by["2d"]["recipes"]["script"]["same_as"] == "text"
    (row,) = [row for row in by["8c"]["rows"] if row["recipe"] == "script"]
    assert (len(row["trials"]), len(row["caveats"]), row["role"]) == (10, 2, "part")
    spanish = strict_json(command("verdicts", "--json", "--store", store.root, "--lang", "es").out)["claims"]
    for ours, theirs in zip(found["claims"], spanish, strict=True):
        assert ours["statement"] != theirs["statement"]
        assert ours["recipes"] == theirs["recipes"]


def test_an_infinite_interval_is_null_in_json(command, put, store):
    put("toy.line@code", history=[{"val_mean_squared_error": [1.0, 0.5]}], original=registry.find(TOY))
    out = command("--original", TOY, "verdicts", "--json", "--why", "a", "--store", store.root).out
    (claim,) = strict_json(out)["claims"]
    assert claim["recipes"]["code"]["interval"] == [None, None]


def test_why_tells_everything_about_one_claim(command, store, judged, wide):
    code, out, _ = command("verdicts", "--why", "8c", "--store", store.root)
    assert code == 0
    assert "8c  The convolutional network is slightly more accurate than the dense one.  §8, Figs. 20-21" in out
    assert "✓ reproduced  script" in out
    assert "Its own figure shows 0.0235" in " ".join(out.split())
    assert "! dropout differs too: 0.5 in ex08.conv, 0.15 in ex08.dense" in out
    assert "evidence own: 10 trials" in out
    assert out.count("ex08.conv@script-s") == 5
    assert max(map(len, out.splitlines()[:-1])) <= 100  # the last names the folder


def test_why_names_both_readings(command, store, judged):
    out = command("verdicts", "--why", "5", "--store", store.root).out
    assert "the network learns the map" in out
    assert "goes beyond the sentence and does not count" in out
    assert "arcsine" in out


def test_what_was_counted_needs_no_trial(command, store):
    out = command("verdicts", "--why", "8d", "--store", store.root).out
    assert out.count("✓ reproduced") == 2
    assert "exact count (published): ex08.dense: 79510 (79510); ex08.conv: 94650 (94650)." in " ".join(out.split())
    assert "evidence count" in out


def test_whether_this_machine_agrees_is_told(command, put, store, monkeypatch):
    theirs = put("ex08.dense@text", history=top1(0.9, 0.91, 0.92))
    monkeypatch.setattr("reensayo.evidence.agreement.shipped", lambda original: tuple(theirs))
    out = command("verdicts", "--store", store.root).out
    assert "Recipes trained on this machine: 1 as the shipped ones, but for rounding." in " ".join(out.split())
    monkeypatch.setattr("reensayo.evidence.agreement.shipped", lambda original: tuple(theirs[1:]))
    (found,) = strict_json(command("verdicts", "--json", "--store", store.root).out)["agreement"]
    assert (found["experiment"], found["recipe"], found["agrees"]) == ("ex08.dense", "text", "rounding")


# ---------------------------------------------------------------- compare


def test_compare(command, store, judged, wide):
    code, out, _ = command("compare", "ex08.conv@script", "ex08.dense@script", "--store", store.root)
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "A = ex08.conv@script, B = ex08.dense@script; 10 pairs of the same seed"
    differ = ("filters", "16", "–"), ("pooling", "false", "–"), ("dropout", "0.5", "0.15"), ("batch_size", "64", "128")
    assert lines[1:6] == [f"  {name} differs: A {a}, B {b}" for name, a, b in (*differ, ("hidden", "–", "100"))]
    (row,) = [line.split() for line in lines if line.startswith("val_categorical_accuracy")]
    assert row[1:4] == ["0.92", "0.9", "0.02"]
    assert max(map(len, lines)) <= 100
    assert (
        "pares de la misma semilla"
        in command("compare", "ex08.conv@script", "ex08.dense@script", "--store", store.root, "--lang", "es").out
    )


def test_one_pair_gives_no_interval(command, store, put):
    put("ex08.conv@script", measures=[{}])
    put("ex08.dense@script", measures=[{}])
    out = command("compare", "ex08.conv@script", "ex08.dense@script", "--store", store.root).out
    assert "1 pair of the same seed" in out
    assert {tuple(line.split()[-2:]) for line in out.splitlines() if line.startswith("val_")} == {("–", "–")}


def test_a_changed_recipe_is_asked_for_with_set(command, store):
    code, _, err = command("run", "ex01.linear@script+learning_rate=0.05", "--store", store.root)
    assert code == 2
    assert err.endswith("With run, what is changed stands apart: --set learning_rate=0.05\n")


def test_compare_of_what_is_not_there_is_2(command, store, judged):
    code, out, err = command("compare", "ex08.conv@script", "mine", "--store", store.root)
    assert (code, out) == (2, "")
    assert "no exercise or experiment 'mine'" in err
    code, out, err = command("compare", "ex08.conv@script", "ex08.conv@text", "--store", store.root)
    assert (code, out) == (2, "")
    assert (
        "There are trials of:\n  ex08.conv@script\nTo compare them:\n  reensayo run ex08.conv@text --seeds 10 --store "
        in err
    )


# ---------------------------------------------------------------- data and doctor


def test_data_verify_names_absent_sets_and_ends_with_0(command, nowhere, tmp_path):
    shutil.copytree(ROOT / "data" / "boston", tmp_path / "kit" / "boston")
    shutil.copy(ROOT / "data" / "SHA256SUMS", tmp_path / "kit")
    code, out, _ = command("data", "verify", "--data", tmp_path / "kit")
    assert code == 0
    states = {line.split()[0]: line.split()[1] for line in out.splitlines()[1:-1] if line}
    assert states["boston"] == "whole"
    assert states["ex02.xor"] == states["ex05.map"] == "generated"
    assert [name for name, state in states.items() if state == "absent"] == [
        "cifar10",
        "imdb",
        "pima",
        "mnist",
        "cifar100",
    ]
    assert "absent: cifar10, imdb, pima, mnist, cifar100; `reensayo data fetch` downloads them" in out


def test_data_verify_names_every_damaged_file_and_ends_with_2(command, nowhere, tmp_path):
    for name in ("boston", "pima"):
        shutil.copytree(ROOT / "data" / name, tmp_path / "kit" / name)
        for path in (tmp_path / "kit" / name).iterdir():
            path.write_bytes(path.read_bytes()[:-1])
    shutil.copy(ROOT / "data" / "SHA256SUMS", tmp_path / "kit")
    code, out, _ = command("data", "verify", "--data", tmp_path / "kit", "--lang", "es")
    assert code == 2
    assert out.count(" dañado ") == 2
    for name, file in (("boston", datasets.BOSTON.bundled[0]), ("pima", datasets.PIMA.bundled[0])):
        assert f"{tmp_path / 'kit' / name / file}: se esperaba: SHA-256" in out
    assert out.count("lleve a otro sitio la copia dañada") == 1
    code, out, _ = command("doctor", "--data", tmp_path / "kit")
    assert code == 1
    assert "boston ✗, pima ✗" in out
    assert "✗ damaged or unreadable: boston pima; `reensayo data verify` says which file" in out


def test_doctor_finds_a_machine_that_works(command, store):
    code, out, err = command("doctor", "--store", store.root)
    assert (code, err) == (0, "")
    for name in ("Python", "keras", "jax", "backend and devices", "data", "free disk", "memory"):
        assert any(line.startswith("✓") and name in line for line in out.splitlines())
    assert hardware.processor() in out
    assert "memoria" in command("doctor", "--store", store.root, "--lang", "es").out


def test_doctor_says_what_to_do_about_missing_data_and_ends_with_1(command, store, nowhere):
    code, out, _ = command("doctor", "--store", store.root)
    assert code == 1
    assert (
        "✗ boston cifar10 imdb pima mnist cifar100 missing: reensayo data fetch boston cifar10 imdb pima mnist cifar100"
        in out
    )


# ---------------------------------------------------------------- two works in one store


@pytest.fixture
def shared(put, store, monkeypatch):
    """A store with two trials of this work, three of another, and one from before trials named their original."""
    toy = registry.find(TOY)
    put("ex05.map@script", measures=[{}] * 2)
    put("toy.line@code", measures=[{}] * 3, original=toy)
    with monkeypatch.context() as earlier:
        earlier.setattr(Original, "identity", lambda *_: {})
        put("ex05.map@text", measures=[{}])
    store.begin_block(plan(toy, ["toy.line@paper"], seeds=1))


def test_trials_of_another_folder_of_that_name_are_told_apart(command, store, put, monkeypatch):
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(Original, "identity", lambda self, *_: {"original": self.name, "code": "another"})
        put("toy.line@code", measures=[{}], original=registry.find(TOY))
    out = " ".join(command("--original", TOY, "status", "--store", store.root).out.split())
    assert "toy.line@code (of an earlier version or of another folder of that name) 1" in out


TOLD = """\
reensayo: 1 trial of an earlier version, which did not note the work they are of: they no longer count. \
Run again; {trials} may be deleted or kept
reensayo: 3 trials of other works (toy)
"""


def test_trials_of_another_work_are_counted_and_left_alone(command, store, shared):
    for words in (["status"], ["verdicts"], ["verdicts", "--json"]):
        code, out, err = command(*words, "--store", store.root)
        assert (code, err) == (0, TOLD.format(trials=store.root / "trials"))
        assert "toy." not in out
        assert "earlier version" not in out
    lines = [line.split()[:2] for line in command("status", "--store", store.root).out.splitlines()]
    assert lines[1:] == [["ex05.map@script", "2"]]
    _, out, err = command("status", "--store", store.root, "--original", TOY)
    assert "toy.line@code" in out
    assert "under way: toy.line@paper, seeds 0" in out
    assert "ex05" not in out
    assert err.endswith("2 trials of other works (introduccion-a-keras)\n")


def test_what_to_do_with_them_is_said_in_spanish(command, store, shared):
    err = command("status", "--store", store.root, "--lang", "es").err
    assert "1 ensayo de una versión anterior, que no anotaba de qué trabajo son: ya no cuentan. Ejecute de nuevo" in err
    assert "3 ensayos de otros trabajos (toy)" in err


# ---------------------------------------------------------------- new


def test_new_writes_what_runs_under_the_folders_name(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = command("new", "my work")
    assert (code, err) == (0, "")
    assert "    reensayo --original './my work' run\n" in out
    assert sorted(path.name for path in (tmp_path / "my work").iterdir()) == [
        "__init__.py",
        "curves.json",
        "points.csv",
    ]
    original = registry.find(tmp_path / "my work")
    assert original.name == "my-work"
    written = (tmp_path / "my work" / "__init__.py").read_text()
    assert "template" not in written
    assert "    reensayo --original './my work' run " in written
    assert "ya funciona" in command("new", "otra", "--lang", "es").out
    (tmp_path / "empty").mkdir()
    assert command("new", "empty").code == 0
    assert command("new", "empty").code == 2


@pytest.mark.parametrize(
    ("folder", "given"),
    [
        (ORIGINAL.name, f"./{ORIGINAL.name}"),  # else it would be the installed work
        ("works/a template", "works/a template"),
        ('odd """ \'one\' \\N ñ', './odd """ \'one\' \\N ñ'),
    ],
)
def test_new_names_the_folder_by_a_path_that_works(folder, given, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (line,) = (line for line in command("new", folder).out.splitlines() if line.endswith(" run"))
    assert shlex.split(line)[2] == given
    assert registry.find(given).folder == tmp_path / folder
    assert line in ast.get_docstring(ast.parse((tmp_path / folder / "__init__.py").read_text("utf-8")))


@pytest.mark.parametrize(
    ("folder", "name"),
    [("a.b-c_d", "a.b-c_d"), ("Niño", "Nino"), ("-x y-", "x-y"), ("论文", "original"), ("2020", "2020"), ("__a", "a")],
)
def test_a_folders_name_becomes_that_of_an_original(folder, name):
    assert name_of(Path(folder)) == name


# ---------------------------------------------------------------- the rest


def test_report_says_where_it_is(command, store, tmp_path, monkeypatch):
    import reensayo.pages

    def write(original, trials, directory, lang, under_way, unreadable, processes, replace):
        assert (original.name, len(trials), directory, lang) == (ORIGINAL.name, 0, tmp_path / "page", "es")
        assert (under_way, unreadable, replace) == ([], [], True)
        assert processes >= 1
        return directory / "index.html"

    monkeypatch.setattr(reensayo.pages, "write", write)
    code, out, _ = command("report", "-o", tmp_path / "page", "--store", store.root, "--lang", "es", "--replace")
    assert (code, out) == (0, f"Informe: {tmp_path / 'page' / 'index.html'}\n")


def test_export_prints_a_script(command):
    code, out, err = command("export", "ex01", "--recipe", "script")
    assert (code, err) == (0, "")
    compile(out, "script", "exec")
    assert "model.fit(" in out
    assert command("export", "ex01.linear@script").out == out


def test_a_script_names_its_work_also_where_a_variable_did(command, monkeypatch):
    named = command("--original", TOY, "export", "toy.line@paper").out
    assert f"written by `reensayo --original {TOY} export toy.line@paper`" in named
    monkeypatch.setenv(registry.VARIABLE, str(TOY))
    assert command("export", "toy.line@paper").out == named


def test_a_reader_that_goes_away_is_no_error():
    for words in (["list"], ["list", "--json"], ["show", "ex05"]):
        read, write = os.pipe()
        os.close(read)
        with os.fdopen(write, "w") as gone:
            where = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
            done = subprocess.run(
                [*PROGRAM, *words],
                stdout=gone,
                stderr=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONPATH": where},
            )
        assert (done.returncode, done.stderr) == (0, "")


def test_a_folder_with_brackets_in_its_name_is_printed_as_it_is(command, tmp_path):
    out = command("status", "--store", tmp_path / "[bold]runs").out
    assert f"{tmp_path / '[bold]runs'}" in out.replace("\n", "")

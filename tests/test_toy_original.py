"""A work that no line of the package knows goes through every command, and the same from Python."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import reensayo
from reensayo.store import Store
from repository import TOY


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """A folder with the original, and a store where its trials are trained."""
    folder = tmp_path_factory.mktemp("work")
    toy = shutil.copytree(TOY, folder / "toy")
    (toy / "outlines.json").unlink(missing_ok=True)
    trials = reensayo.run(original=toy, store=folder / "runs", seeds=3)
    assert len(trials.trials) == 18
    return folder


@pytest.fixture
def toy(work, monkeypatch, command):
    """The command line about it, in its folder: ``toy("list")``."""
    monkeypatch.chdir(work)

    def call(*words):
        code, out, err = command("--original", "toy", *words)
        assert code == 0, err
        return out

    return call


def test_list_and_show(toy, work):
    assert toy("list").splitlines()[1].split()[-5:] == ["2", "paper,", "code,", "faster,", "baseline-mean"]
    listed = json.loads(toy("list", "--json"))["experiments"]
    assert listed == reensayo.list(original="toy")
    assert [(e["id"], e["figures"]) for e in listed] == [("toy.line", ["fig-01", "toy-network"]), ("toy.drawn", [])]
    out = toy("show", "toy.line@code")
    assert "2 trainable parameters" in out
    assert "a  The validation error falls to 0.5. §1, Fig. 1" in out


def test_run_trains_once(toy):
    assert "0 new trials, 6 already stored" in toy("run", "toy.line@code", "toy.drawn@code", "--seeds", "3")
    plan = toy("run", "--profile", "quick", "--dry-run")
    assert "epochs 3/12" in plan
    assert plan.endswith("The quick profile does not train, unless named: toy.line@faster\n")


def test_a_trial_is_what_keras_gives(work):
    """The line that is learned is close to y = 2 x + 1."""
    trials = reensayo.run("toy.line@faster", original=work / "toy", store=work / "runs", seeds=3)
    assert trials.history["val_mean_squared_error"].shape == (3, 12)
    np.testing.assert_allclose(trials.measures["slope"], 2, atol=0.2)


def test_status_and_verdicts(toy):
    assert "toy.line@baseline-mean  3" in toy("status")
    assert toy("status", "--check").endswith("everything stored is whole\n")
    assert "✓ reproduced" in toy("verdicts")
    assert "Its own figure shows 0.3242, something other than its sentence says" in toy("verdicts", "--why", "a")
    claims = json.loads(toy("verdicts", "--json"))["claims"]
    assert [(claim["id"], claim["own_figure"], claim["recipes"]["code"]["verdict"]) for claim in claims] == [
        (headline.claim.id, headline.own_figure, headline.columns["code"].row.verdict)
        for headline in reensayo.verdicts(original="toy")
    ]


def test_compare(toy):
    out = toy("compare", "toy.line@paper", "toy.line@code")
    assert "learning_rate differs: A 0.05, B 0.1" in out
    found = reensayo.compare("toy.line@paper", "toy.line@code", original="toy")
    assert list(found.measures) == [line.split()[0] for line in out.splitlines()[3:]]


def test_report(toy, work):
    assert toy("report") == f"Report: {work / 'report' / 'index.html'}\n"
    page = (work / "report" / "index.html").read_text()
    assert "A line through some points" in page
    assert {path.name for path in (work / "report" / "figures").glob("*.svg")} >= {"fig-01.svg", "toy-network.svg"}
    assert reensayo.report(original="toy") == Path("report") / "index.html"


@pytest.mark.parametrize("id_", ["toy.line@paper", "toy.drawn@code"])
def test_export_prints_a_script_that_runs(id_, toy, tmp_path):
    (tmp_path / "script.py").write_text(toy("export", id_))
    given = ["toy"] if "line" in id_ else []
    done = subprocess.run([sys.executable, tmp_path / "script.py", *given], capture_output=True, text=True)
    assert (done.returncode, "val_mean_squared_error" in done.stdout) == (0, True), done.stderr


def test_data_and_doctor(toy):
    lines = [line.split()[:2] for line in toy("data", "verify").splitlines()]
    assert ["points", "whole"] in lines
    assert ["toy.drawn", "generated"] in lines
    assert "points" in toy("data", "fetch")
    assert any(line.split()[:3] == ["✓", "original", "toy"] for line in toy("doctor").splitlines())


def test_another_folder_of_results_is_another_store(work, tmp_path):
    headline, *_ = reensayo.verdicts(original=work / "toy", store=tmp_path)
    assert headline.rows[0].evidence == "none"
    assert Store(work / "runs").trials()[0].original == "toy"


@pytest.mark.parametrize(("function", "words"), [("falls", ["verdicts"]), ("plain_data", ["export", "toy.line@code"])])
def test_what_a_function_of_the_work_raises_is_told_with_its_line(function, words, work, tmp_path, command):
    toy = Path(shutil.copytree(work / "toy", tmp_path / "toy"))
    code = (toy / "points.py").read_text()
    start = next(line for line in code.splitlines() if line.startswith(f"def {function}("))
    (toy / "points.py").write_text(code.replace(start, f"{start}\n    1 / 0"))
    where = f"{toy / 'points.py'}:{code.splitlines().index(start) + 2}"
    result = command("--original", toy, *words, "--store", work / "runs")
    assert (result.code, result.err.splitlines()[-1]) == (2, f"reensayo: {where}: ZeroDivisionError: division by zero")

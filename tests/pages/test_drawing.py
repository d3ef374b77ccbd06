"""The figures of a report drawn by several processes."""

import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import psutil
import pytest

from fresh_python import environment
from invented import saved_at
from reensayo import registry
from reensayo.figures import View, save
from reensayo.pages import drawing
from reensayo.pages.drawing import every_figure
from reensayo.store import Kept

ORIGINAL = registry.find()


@pytest.fixture
def view(put):
    return View(ORIGINAL, tuple(put("ex08.dense@script", measures=[{}] * 2)), "en")


def test_which_classes_are_confused_is_shown_where_more_than_chance_decides(put):
    errors = every_figure(ORIGINAL)["ex08-dense-errors"]
    (trial,) = put("ex08.dense@text", measures=[{}])
    view = View(ORIGINAL, (trial,), "en", with_shipped=False)
    for counts, is_by_chance in ((np.ones((10, 10)), True), (np.eye(10), False), (None, True)):
        trial.__dict__["arrays"] = Kept() if counts is None else Kept(confusion=counts)
        assert drawing._is_by_chance(errors, view) is is_by_chance
    assert not drawing._is_by_chance(every_figure(ORIGINAL)["fig-20"], view)


def some(monkeypatch, *names):
    chosen = {name: every_figure(ORIGINAL)[name] for name in names}
    monkeypatch.setattr(drawing, "every_figure", lambda _: chosen)
    monkeypatch.setattr(drawing, "FEW", len(names))
    return chosen


def test_they_are_those_of_one_process(view, monkeypatch, tmp_path):
    figures = some(monkeypatch, "net-ex08.dense-text", "fig-20")
    drawing.draw_side_by_side(view, tmp_path / "several", processes=2)
    for figure in figures.values():
        one = saved_at(figure, view, tmp_path / "one")
        other = tmp_path / "several" / one.name
        assert other.read_bytes() == one.read_bytes()
        assert other.with_suffix(".png").read_bytes() == one.with_suffix(".png").read_bytes()


def test_where_there_is_little_to_draw_or_one_process_nothing_starts(view, monkeypatch, tmp_path):
    monkeypatch.setattr(drawing, "Popen", None)
    figures = some(monkeypatch, "net-ex08.dense-text", "fig-20")
    drawing.draw_side_by_side(view, tmp_path, processes=1)
    for figure in figures.values():
        save(figure, view, tmp_path)
    drawing.draw_side_by_side(view, tmp_path, processes=2)
    some(monkeypatch, "fig-20", "fig-24", "fig-25")  # of the latter two there are no trials
    drawing.draw_side_by_side(replace(view, with_shipped=False), tmp_path, processes=2)


def test_where_no_process_is_to_be_had_the_figures_wait_for_their_turn(view, monkeypatch, tmp_path):
    def refuse(*_, **__):
        raise OSError("no processes here")

    some(monkeypatch, "net-ex08.dense-text", "fig-20")
    monkeypatch.setattr(drawing, "Popen", refuse)
    drawing.draw_side_by_side(view, tmp_path, processes=2)
    assert list(tmp_path.iterdir()) == [tmp_path / "runs"]


# ---------------------------------------------------------------- processes that die, or are left

NETWORKS = """
import sys
from pathlib import Path
from reensayo import registry
from reensayo.figures import View
from reensayo.pages import drawing

if __name__ == "__main__":
    original = registry.find()
    few = dict(list(drawing.every_figure(original).items())[:4])
    drawing.every_figure, drawing.FEW = lambda _: few, len(few)
    drawing.WORKER = sys.argv[2] if len(sys.argv) > 2 else drawing.WORKER
    drawing.draw_side_by_side(View(original, (), "en"), Path(sys.argv[1]), processes=2)
"""

SLEEPS = "import time; from reensayo.pages import drawing; drawing.save = lambda *_: time.sleep(600); drawing.work()"


def drawing_networks(tmp_path, *words):
    """A process that has all networks drawn by two others, from a script elsewhere, as the command line is one."""
    script = tmp_path / "bin" / "draw.py"
    script.parent.mkdir()
    script.write_text(NETWORKS)
    here = tmp_path / "here"
    here.mkdir(exist_ok=True)
    command = [sys.executable, script, tmp_path / "figures", *words]
    return subprocess.Popen(command, cwd=here, env=environment(), stderr=subprocess.PIPE, text=True)


def until(condition):
    while not (found := condition()):
        time.sleep(0.01)
    return found


def test_where_processes_die_at_their_start_the_figures_wait_for_their_turn(view, monkeypatch, tmp_path):
    some(monkeypatch, "net-ex08.dense-text", "fig-20")
    monkeypatch.setattr(drawing, "WORKER", "import os; os._exit(9)")
    large = View(ORIGINAL, view.stored * 10_000, "en")  # more than a pipe holds
    drawing.draw_side_by_side(large, tmp_path / "figures", processes=2)
    assert not (tmp_path / "figures").exists()


def test_a_process_that_is_killed_keeps_nobody_waiting(tmp_path):
    with drawing_networks(tmp_path) as main:
        started = until(lambda: main.poll() is not None or psutil.Process(main.pid).children())
        for process in started:
            process.kill()
        assert (main.wait(), main.stderr.read()) == (0, "")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_no_process_outlives_the_one_that_started_it(number, tmp_path):
    def has_ended(process):
        try:
            return process.status() == psutil.STATUS_ZOMBIE  # which is all that is left where nobody asks after it
        except psutil.NoSuchProcess:
            return True

    with drawing_networks(tmp_path, SLEEPS) as main:
        started = until(lambda: len(found := psutil.Process(main.pid).children()) == 2 and found)
        main.send_signal(number)
        main.communicate()
    until(lambda: all(map(has_ended, started)))


def test_what_lies_in_the_current_folder_is_not_run(tmp_path):
    (tmp_path / "here").mkdir()
    for name in ("socket", "pickle", "signal", "threading", "sitecustomize", "reensayo", "numpy", "matplotlib"):
        (tmp_path / "here" / f"{name}.py").write_text(f"open({str(tmp_path / 'run')!r}, 'a').write('{name} ')")
    with drawing_networks(tmp_path) as main:
        assert main.communicate()[1] == ""
    assert len(list((tmp_path / "figures").glob("net-*.svg"))) == 4
    assert not (tmp_path / "run").exists()


def test_the_command_as_a_module_does_not_run_it_either(tmp_path):
    (tmp_path / "socket.py").write_text("open('run', 'w')")
    (tmp_path / "click.py").write_text("open('run', 'w')")
    command = [sys.executable, "-m", "reensayo", "list"]
    subprocess.run(command, cwd=tmp_path, env=environment(), check=True, stdout=subprocess.DEVNULL)
    assert not (tmp_path / "run").exists()

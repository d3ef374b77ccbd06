"""Ctrl-C, TERM and HUP: what is said at once, what is kept, and how the program ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import reensayo
from reensayo.cli import signals

pytestmark = pytest.mark.skipif(os.name == "nt", reason="sends signals as POSIX has them")

SOURCE = str(Path(reensayo.__file__).parents[1])
RUN = "run", "ex05.map@script", "--seeds", "2", "--store", "runs"

TRAINING = """
import hashlib, signal, sys
import numpy as np
from reensayo import runner
from reensayo.store import Checkpoint

def train(trials, store, data, watch, stop, own_process):
    store.prepare()
    watch.block(trials, None)
    block = store.begin_block(trials)
    print("begun", signal.getsignal(signal.SIGHUP) is signal.SIG_IGN, file=sys.stderr, flush=True)
    {body}
    raise KeyboardInterrupt

runner.run = train
from reensayo.__main__ import main
main()
"""
# In C for minutes, where Python's own handlers do not run, as in XLA.
COMPILES = TRAINING.format(body='hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)')
SAVES = TRAINING.format(
    body="stop.wait(); state = [np.zeros(2)], 1.0; history = np.zeros((2, {epoch}, 4)); "
    "store.save_checkpoint(block, Checkpoint({epoch}, 1, history, *state))"
)
CANNOT_SAVE = TRAINING.format(body="stop.wait()")
READS = """
import signal, sys, threading
from reensayo.store import Store

def trials(self, *_, **__):
    try:
        print("begun", file=sys.stderr, flush=True)
        threading.Event().wait()
    finally:
        print("cleaned up", file=sys.stderr)

Store.trials = trials
from reensayo.__main__ import main
main()
"""


def begun(statement, *words, cwd, before=()):
    """A program that has come to what it says is its beginning."""
    program = subprocess.Popen(
        [*before, sys.executable, "-c", statement, *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": SOURCE},
    )
    for line in program.stderr:
        if line.startswith("begun"):
            return program, line.split()[1:]
    raise AssertionError(program.wait())


def rest(program):
    """How it ended and what it said."""
    err = program.communicate()[1]
    return program.returncode, err


def test_the_answer_comes_while_xla_compiles_and_a_second_ctrl_c_ends_at_once(tmp_path):
    program, _ = begun(COMPILES, *RUN, cwd=tmp_path)
    program.send_signal(signal.SIGINT)
    assert program.stderr.readline() == (
        "reensayo: interrupted: waiting for XLA to compile ex05.map@script seeds 0-1 …; another Ctrl-C ends at once\n"
    )
    program.send_signal(signal.SIGINT)
    assert rest(program) == (130, "reensayo: interrupted; nothing of ex05.map@script seeds 0-1 was saved yet\n")


def test_a_terminal_that_closes_twice_is_not_impatient(tmp_path):
    program, _ = begun(COMPILES, *RUN, cwd=tmp_path)
    program.send_signal(signal.SIGHUP)
    assert "waiting for XLA" in program.stderr.readline()
    program.send_signal(signal.SIGHUP)
    program.send_signal(signal.SIGTERM)
    with pytest.raises(subprocess.TimeoutExpired):
        program.wait(0.5)
    program.send_signal(signal.SIGINT)
    assert rest(program)[0] == 130


@pytest.mark.parametrize(
    ("name", "epoch", "told"),
    [
        ("SIGINT", 12, "saved after 12 epochs"),
        ("SIGTERM", 1, "saved after 1 epoch"),
        ("SIGHUP", 0, "saved after a part of the first epoch"),
    ],
)
def test_what_was_saved_is_said(name, epoch, told, tmp_path):
    program, _ = begun(SAVES.replace("{epoch}", str(epoch)), *RUN, cwd=tmp_path)
    program.send_signal(getattr(signal, name))
    code, err = rest(program)
    assert code == 130
    assert err.splitlines()[-1] == (
        f"reensayo: interrupted; ex05.map@script seeds 0-1 is {told}: the same command goes on from here"
    )


def test_what_could_not_be_saved_is_not_said_to_be(tmp_path):
    program, _ = begun(CANNOT_SAVE, *RUN, "--lang", "es", cwd=tmp_path)
    program.send_signal(signal.SIGTERM)
    code, err = rest(program)
    assert code == 130
    assert err.splitlines()[-1] == (
        "reensayo: interrumpido; de ex05.map@script semillas 0-1 no se había guardado nada todavía"
    )


def test_a_signal_that_is_ignored_from_the_start_stays_ignored(tmp_path):
    program, (ignored,) = begun(COMPILES, *RUN, cwd=tmp_path, before=["sh", "-c", "trap '' HUP INT; exec \"$@\"", "sh"])
    assert ignored == "True"
    for number in (signal.SIGINT, signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        program.send_signal(number)
    assert "waiting for XLA" in program.stderr.readline()  # the first answered is the last
    program.kill()
    assert program.wait() == -signal.SIGKILL
    program.stderr.close()


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_other_commands_clean_up_and_end_alike(name, tmp_path):
    program, _ = begun(READS, "verdicts", cwd=tmp_path)
    program.send_signal(getattr(signal, name))
    code, err = rest(program)
    assert (code, err.split("\n")) == (130, ["cleaned up", "", "reensayo: interrupted", ""])


def test_libraries_warnings_are_not_for_our_readers(tmp_path):
    import_and_warn = TRAINING.format(body='import warnings; warnings.warn("deprecated"); stop.set()')
    program, _ = begun(import_and_warn, *RUN, cwd=tmp_path)
    assert "deprecated" not in rest(program)[1]


def test_a_live_bar_gives_the_cursor_back(tmp_path):
    pty = pytest.importorskip("pty")
    terminal, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", COMPILES, *RUN],
        stdout=theirs,
        stderr=theirs,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": SOURCE, "TERM": "xterm"},
    ) as program:
        os.close(theirs)

        def until(words):
            seen = b""
            while words not in seen:
                seen += os.read(terminal, 4096)
            return seen

        assert b"\x1b[?25l" in until(b"begun")
        program.send_signal(signal.SIGINT)
        until(b"at once")
        program.send_signal(signal.SIGINT)
        assert b"\x1b[?25h" in until(b"yet")
    assert program.returncode == 130
    os.close(terminal)


def test_where_there_is_no_shell_nobody_has_a_last_word(monkeypatch):
    def refuse(*_, **__):
        raise FileNotFoundError(2, "No such file or directory", "/bin/sh")

    monkeypatch.setattr(signals, "Popen", refuse)
    with signals.last_words("gone") as farewell:
        farewell()


def test_a_run_that_ends_without_a_word_has_one_said_for_it(tmp_path):
    program, _ = begun(COMPILES, *RUN, cwd=tmp_path)
    program.kill()
    code, err = rest(program)
    assert (code, err.startswith("reensayo: the run ended abruptly: memory ran out, or it was killed")) == (-9, True)
    assert err.endswith("The same command goes on from what was saved last\n")


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_while_modules_are_imported_ends_like_any_other(name, tmp_path):
    (tmp_path / "click.py").write_text("import sys, time; print('begun', file=sys.stderr, flush=True); time.sleep(60)")
    program, _ = begun("import reensayo.__main__ as program; program.main()", "list", cwd=tmp_path)
    program.send_signal(getattr(signal, name))
    assert rest(program) == (130, "")


def test_nothing_runs_after_the_last_word(tmp_path):
    statement = """
import atexit, reensayo.cli, reensayo.__main__
atexit.register(print, "a library says good-bye")
reensayo.cli.main = lambda: print("done") or exit(3)
reensayo.__main__.main()
"""
    program = subprocess.run(
        [sys.executable, "-c", statement], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": SOURCE}
    )
    assert (program.returncode, program.stdout, program.stderr) == (3, "done\n", "")

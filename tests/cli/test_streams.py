"""Standard output and error: any encoding, closed, full, a reader that leaves, a narrow screen, hostile words."""

import io
import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.markup import escape

from reensayo.cli import output, streams
from reensayo.export import as_script
from reensayo.originals.introduccion_a_keras import ORIGINAL
from reensayo.pages.verdicts import DIRECTIONS, VERDICTS
from reensayo.selection import select_one
from reensayo.store import Store

SOURCE = str(Path(output.__file__).parents[2])
PROGRAM = [sys.executable, "-c", "from reensayo.cli import main; main()"]
ENCODINGS = "cp1252", "cp850", "latin-1", "ascii"
FULL = Path("/dev/full")

needs_a_full_device = pytest.mark.skipif(not FULL.exists(), reason="a system without /dev/full")
needs_a_shell = pytest.mark.skipif(os.name == "nt", reason="closes streams as a POSIX shell does")


def program(*words, encoding=None, **options):
    """The program in a fresh Python whose streams have this encoding; what it prints are bytes."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([SOURCE, os.environ.get("PYTHONPATH", "")])}
    if encoding:
        env["PYTHONIOENCODING"] = encoding
    return subprocess.run(
        [*PROGRAM, *map(str, words)], env=env, **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    )


@pytest.fixture
def judged(put, store):
    put("ex08.dense@script", history=[{"val_categorical_accuracy": [0.5, value]} for value in (0.899, 0.9, 0.901)])
    return store


# ---------------------------------------------------------------- encodings


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_an_encoding_lacks_is_written_in_plainer_characters(encoding, judged):
    done = program("verdicts", "--lang", "es", "--store", judged.root, encoding=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    out = done.stdout.decode(encoding)
    assert "    + se reproduce" in out
    assert "\\" not in out
    assert any(letter in out for letter in "áéíóúñ") == (encoding != "ascii")


@pytest.mark.parametrize("words", [["lis", "--lang", "es"], ["run", b"\xff", "--lang", "es"], ["show", "€\x1b[1m"]])
def test_complaints_too(words):
    done = subprocess.run(
        [*PROGRAM, *words],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": SOURCE, "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "1"},
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"reensayo: no ")
    assert b"\x1b" not in done.stderr


@pytest.mark.parametrize("encoding", [*ENCODINGS, "utf-16"])
def test_json_loses_nothing_in_any_encoding(encoding):
    words = "list", "--json", "--lang", "es"
    there = json.loads(program(*words, encoding="utf-8").stdout)
    assert json.loads(program(*words, encoding=encoding).stdout.decode(encoding)) == there
    assert "á" in str(there)


def test_an_exported_script_is_python_in_any_encoding():
    done = program("export", "ex05.map@script", encoding="utf-16")
    assert done.stdout == as_script(*select_one(ORIGINAL, "ex05.map@script")).encode("utf-8")


@given(st.text(), st.sampled_from([*ENCODINGS, "utf-8"]))
@example("✓ ½ ŷ \udcff 漢 e\u0301", "ascii")
def test_every_text_can_be_written_in_every_encoding(text, encoding):
    streams.prepare()
    written = text.encode(encoding, "plainer").decode(encoding)
    if encoding == "utf-8" and not any(unicodedata.category(c) == "Cs" for c in text):
        assert written == text


def test_the_marks_of_doctor_and_verdicts_stay_apart_in_ascii():
    streams.prepare()
    told = *VERDICTS.values(), *DIRECTIONS.values()
    assert len({mark.encode("ascii", "plainer") for mark, _, _ in told}) == len(told)


# ---------------------------------------------------------------- closed, full, gone


@needs_a_shell
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_no_error(closed, tmp_path):
    env = {**os.environ, "PYTHONPATH": SOURCE}
    for words, expected in (("list", 0), ("list --json", 0), ("lis", 2)):
        line = f'"$0" -c "from reensayo.cli import main; main()" {words} {closed}'
        done = subprocess.run(["sh", "-c", line, sys.executable], capture_output=True, env=env, cwd=tmp_path)
        assert done.returncode == expected
        assert b"Traceback" not in done.stdout + done.stderr


@needs_a_shell
def test_no_file_is_opened_in_the_place_of_a_closed_stream(tmp_path):
    line = f"""
from reensayo.cli import streams
streams.prepare()
import os
os.write(2, b"a library's own words")
with open({str(tmp_path / "trial")!r}, "w") as file:
    os.write(1, b"and more of them")
    file.write("whole")
"""
    env = {**os.environ, "PYTHONPATH": SOURCE}
    subprocess.run(["sh", "-c", '"$0" -c "$1" >&- 2>&-', sys.executable, line], env=env, check=True)
    assert (tmp_path / "trial").read_text() == "whole"


def test_a_program_without_streams_prints_into_nothing(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)  # as pythonw has it
    monkeypatch.setattr(sys, "stderr", None)
    streams.prepare()
    with sys.stdout, sys.stderr:
        output.print_json({"é": 1})
        output.console().print("é")
        streams.complain("é")
        assert streams.failure() is None


@needs_a_full_device
@pytest.mark.parametrize("words", [["list"], ["list", "--json"], ["--help"]])
def test_what_only_prints_says_that_it_could_not_and_ends_with_1(words):
    with FULL.open("w") as full:
        done = program(*words, stdout=full)
    assert done.returncode == 1
    assert done.stderr == b"reensayo: cannot write the output (No space left on device)\n"


def test_a_reader_that_leaves_is_no_failure_of_what_only_prints():
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as gone:
        done = program("list", stdout=gone)
    assert (done.returncode, done.stderr) == (0, b"")


@needs_a_full_device
def test_training_goes_on_without_a_reader_and_says_so_at_the_end(tmp_path):
    words = "run", "ex01.linear@script", "--seeds", 1, "--set", "epochs=2", "--store", tmp_path / "runs"
    with FULL.open("w") as full:
        done = program(*words, stdout=full)
    assert done.returncode == 1
    assert done.stderr.decode() == (
        f"reensayo: cannot write the output (No space left on device); what was trained is in {tmp_path / 'runs'}\n"
    )
    assert len(Store(tmp_path / "runs").trials()) == 1
    assert not (tmp_path / "runs" / "errors").exists()


@pytest.mark.parametrize("unbuffered", [False, True])
def test_a_stream_that_failed_takes_in_the_rest_and_tells_the_first_reason(unbuffered, monkeypatch):
    read, write = os.pipe()
    os.close(read)
    with open(write, "wb", buffering=0) as raw:
        stream = io.TextIOWrapper(raw if unbuffered else io.BufferedWriter(raw), "ascii", write_through=unbuffered)
        monkeypatch.setattr(sys, "stdout", stream)
        streams.prepare()
        for _ in range(3):
            print("época" * 10_000, flush=True)
        assert isinstance(streams.failure(), BrokenPipeError)
        assert streams.is_reader_gone(streams.failure())
        monkeypatch.undo()


# ---------------------------------------------------------------- hostile words


@pytest.mark.parametrize("name", ["\x1b[31mred", "\x9b31m", "[bold]", "[/]", ":boom:", "\r\x08", "\x1b]0;title\x07"])
def test_words_from_outside_reach_the_terminal_as_they_are_written(name, command, tmp_path):
    out = command("status", "--store", tmp_path / name).out
    assert streams.visible(name) in out.replace("\n", "")
    assert not [c for c in out if unicodedata.category(c) == "Cc" and c != "\n"]


@given(st.text())
def test_no_control_character_is_left(text):
    left = {c for c in streams.visible(text) if unicodedata.category(c) == "Cc"}
    assert left <= {"\n", "\t"}


# ---------------------------------------------------------------- narrow screens


IDS = ["ex01.linear@script", "ex10.vgg16-cifar10@script", "ex05.map@text"]
ABOUT = "squared error over the variance, CategoricalCrossentropy", "0.00012 … 0.5", "1"


def printed(rows, width):
    out = output.Console(file=io.StringIO(), width=width, emoji=False)
    out.print(rows)
    return out.file.getvalue()


@pytest.mark.parametrize("width", [30, 40, 60, 80, 160])
@pytest.mark.parametrize("header", [True, False])
def test_a_table_breaks_no_word(width, header):
    rows = output.console("en").table("receta | qué es | | n", "recipe | meaning | | n", header=header)
    for name in IDS:
        rows.add_row(escape(name), *ABOUT)
    out = printed(rows, width)
    assert all(name in out for name in IDS)
    assert all(out.count(word) >= len(IDS) for about in ABOUT for word in about.split())
    assert max(map(len, out.splitlines())) <= width


def test_a_narrow_table_stands_cell_by_cell():
    rows = output.console("es").table("receta | semillas | n", "recipe | seeds | n")
    rows.add_row(IDS[0], "0-9, [bold]10[/]", "")
    assert printed(rows, 24).splitlines() == [IDS[0], "  semillas: 0-9, 10"]


@pytest.mark.parametrize("width", [30, 40, 60])
def test_ids_stay_whole_on_a_narrow_screen(width, command, store, put, monkeypatch):
    real = output.Console
    monkeypatch.setattr(output, "Console", lambda **options: real(**{**options, "width": width}))
    put("ex08.dense@script", measures=[{}])
    name = "ex08.dense@script"
    assert name in command("status", "--store", store.root).out
    assert name in command("run", name, "--seeds", 1, "--dry-run", "--store", store.root).out
    assert f"\n{name} " in f"\n{command('run', name, '--seeds', 1, '--store', store.root).out}".replace("\n", " \n")
    assert "\nex10.vgg16-cifar100" in command("list").out
    assert "CategoricalCrossentropy" in command("show", name).out


@pytest.mark.parametrize("columns", ["0", "", "-3", "many", "²", "99999999999", "1e3"])
def test_a_width_that_is_none_is_not_believed(columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    streams.prepare()
    assert "COLUMNS" not in os.environ


def test_a_width_is_believed(monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    streams.prepare()
    assert os.environ["COLUMNS"] == "100"


# ---------------------------------------------------------------- summaries


def test_a_run_of_what_is_there_says_so_and_no_more(command, store, put):
    put("ex01.linear@script", measures=[{}] * 2)
    words = "run", "ex01@script", "--profile", "quick", "--store", store.root
    out = command(*words, "--seeds", 2).out
    assert out.splitlines()[2:] == [f"0 new trials, 2 already stored, in {store.root}."]
    out = command(*words, "--seeds", 2, "--dry-run").out
    assert out.splitlines()[2:] == ["all is stored: nothing is left to train"]
    out = command(*words, "--seeds", 2, "--dry-run", "--lang", "es").out
    assert out.splitlines()[2:] == ["todo está guardado: no falta nada"]

"""Which work is meant: by name, by folder, by variable; and what is said of a folder that is broken."""

import os
import shutil
import sys
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from reensayo import registry
from reensayo.errors import InputError, MissingData
from repository import TOY


@pytest.fixture
def toy(tmp_path):
    """A copy of the small original, to be broken."""
    return Path(shutil.copytree(TOY, tmp_path / "toy", ignore=shutil.ignore_patterns("__pycache__", "outlines.json")))


def edit(path, before, after):
    content = path.read_text()
    assert before in content
    path.write_text(content.replace(before, after, 1))


def line_of(path, words):
    return next(n for n, line in enumerate(path.read_text().splitlines(), 1) if words in line)


def entry(name, value):
    return EntryPoint(name, value, registry.GROUP)


# ---------------------------------------------------------------- which one


def test_a_folder_is_an_original(toy, monkeypatch):
    found = registry.find(toy)
    assert (found.name, found.folder, found.from_folder) == ("toy", toy, True)
    assert registry.find(str(toy)).command == f"reensayo --original {toy}"
    assert registry.find(found) is found
    monkeypatch.setenv(registry.VARIABLE, str(toy))
    assert registry.find().folder == toy
    assert registry.find().command == "reensayo"  # the next command finds it likewise
    monkeypatch.setenv("HOME", str(toy.parent))
    assert registry.find("~/toy").folder == toy


@pytest.mark.parametrize("name", ["my work", "2020-work", "ñandú", "a.b"])
def test_a_folder_may_have_any_name(name, toy):
    assert registry.find(toy.rename(toy.parent / name)).name == "toy"


def test_installed_works_are_found_by_name_and_the_shipped_one_comes_first(monkeypatch, tmp_path):
    (tmp_path / "somebodys_work.py").write_text("ORIGINAL = None\n")
    monkeypatch.syspath_prepend(tmp_path)
    points = [entry("another", "somebodys_work:ORIGINAL"), entry("shipped", "reensayo.originals.shipped:ORIGINAL")]
    monkeypatch.setattr(registry, "entry_points", lambda group: points)
    assert list(registry._installed()) == ["shipped", "another"]
    with pytest.raises(InputError, match=r"somebodys_work:ORIGINAL: expected ORIGINAL = .*; received None"):
        registry.find("another")


def test_an_installed_work_that_cannot_be_imported_is_told_with_its_line(monkeypatch, tmp_path):
    (tmp_path / "brokenwork.py").write_text("x = 1\nraise RuntimeError('no luck')\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(registry, "entry_points", lambda group: [entry("broken", "brokenwork:ORIGINAL")])
    with pytest.raises(InputError) as caught:
        registry.find()
    assert str(caught.value) == f"{tmp_path / 'brokenwork.py'}:2: RuntimeError: no luck"


def test_the_version_of_an_installed_work_is_part_of_its_trials(monkeypatch, tmp_path):
    (tmp_path / "their_work.py").write_text(f"from reensayo import registry\nORIGINAL = registry.find({str(TOY)!r})\n")
    about = tmp_path / "their_work-1.2.dist-info"
    about.mkdir()
    (about / "entry_points.txt").write_text(f"[{registry.GROUP}]\ntheirs = their_work:ORIGINAL\n")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: their-work\nVersion: 1.2\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name, expected in (
        ("theirs", {"original": "toy", "version": "1.2"}),
        ("introduccion-a-keras", {"original": "introduccion-a-keras"}),
    ):
        found = replace(registry.find(name), from_folder=False)
        (experiment, *_) = found.experiments.values()
        assert found.identity(experiment, experiment.recipes[0]) == expected


def test_a_work_made_in_python_is_not_taken_for_another_one(toy):
    made = replace(registry.find(toy), option=None)
    assert made.command == "reensayo --original toy"


@pytest.mark.parametrize("wanted", ["nowhere", "", 3, b"toy", ["toy"], "~no such user/x", __file__, "\0"])
def test_what_is_no_name_and_no_folder_is_refused(wanted, monkeypatch):
    monkeypatch.setattr(registry, "entry_points", lambda group: [entry("shipped", "reensayo.x:ORIGINAL")])
    with pytest.raises(InputError, match=r"no such original: expected a name \(shipped\) or a folder; received "):
        registry.find(wanted)


def test_a_folder_without_a_package_is_told_how_to_get_one(tmp_path):
    with pytest.raises(InputError, match=r"is no original: it lacks __init__.py with ORIGINAL; `reensayo new DIR`"):
        registry.find(tmp_path)


# ---------------------------------------------------------------- what is broken


def broken(toy):
    with pytest.raises(InputError) as caught:
        registry.find(toy)
    return str(caught.value)


def test_no_original(toy):
    edit(toy / "__init__.py", "ORIGINAL = ", "WORK = ")
    expected = "expected ORIGINAL = Original(...); received None"
    assert broken(toy) == f"{toy / '__init__.py'}:1: {expected}"


def test_a_syntax_error(toy):
    (toy / "points.py").write_text("def load(raw, s):\n    return (\n")
    assert broken(toy).startswith(f"{toy / 'points.py'}:2: SyntaxError: '(' was never closed")


def test_a_curve_that_is_missing(toy):
    edit(toy / "points.py", 'validation="validation_loss"', 'validation="validation_los"')
    line = line_of(toy / "points.py", "    Figure(")
    assert broken(toy) == (
        f"{toy / 'points.py'}:{line}: figure fig-01: curves.json has no curve 'validation_los' of figure 1; "
        "it has training_loss, validation_loss"
    )


def test_a_claim_on_a_figure_that_is_missing(toy):
    edit(toy / "points.py", 'curve(1, "validation_loss", ERROR)', 'curve(2, "validation_loss", ERROR)')
    line = line_of(toy / "points.py", "    Claim(")
    assert broken(toy).startswith(f"{toy / 'points.py'}:{line}: claim a: its figure's value cannot be read from curves")


@pytest.mark.parametrize("content", ["{", "[]", '{"figures": 3}', '{"figures": {"one": {}}}', "\udcff"])
def test_curves_that_are_damaged(content, toy):
    (toy / "curves.json").write_bytes(content.encode(errors="surrogateescape"))
    told = broken(toy)
    assert told.startswith(f"{toy / 'curves.json'}:1: expected {{")
    assert "received" in told


@pytest.mark.parametrize(
    ("before", "after", "line", "told"),
    [
        ('recipes=("paper",)),', 'recipes=("papr",)),', 'Figure("toy-network"', "toy.line has no recipe 'papr'"),
        ('line.under("code"), line', 'line.under("cod"), line', 'line.under("cod")', "toy.line has no recipe 'cod'"),
        ('id="toy.drawn"', 'id="toy.line"', "drawn = Exp", "experiment toy.line: there are two of that name"),
        ('    Claim(\n        "b"', '    Claim(\n        "a"', "", "claim a: there are two of that name"),
        ('id="toy.drawn"', 'id="drawn"', "drawn = Exp", "experiment drawn: expected toy.NAME"),
        ('id="toy.drawn"', 'id="toy.a b"', "drawn = Exp", "expected a name of letters"),
        ("epochs=12", "epochs=0", "text(examples=30, loss", "epochs: expected int 1 … 100000; received 0"),
        ("script(learning_rate=0.1)", "script(momentum=0.1)", "CODE = ", "toy.line@code: momentum is not among "),
        ("learning_rate=0.05", "learnin_rate=0.05", "text(examples", "toy.line@paper: learnin_rate is not among "),
        ('Metric("val_mean_squared_error"', 'Metric("val_mse"', "", "toy.line has no curve 'val_mse'; it has loss"),
        ("import numpy as np", "import nunpy as np", "import nunpy", "ModuleNotFoundError: No module named 'nunpy'"),
        ("# ---", "1 / 0\n# ---", "1 / 0", "ZeroDivisionError: division by zero"),
        ("# ---", "raise SystemExit(3)\n# ---", "raise SystemExit", "SystemExit: 3"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(before, after, line, told, toy):
    edit(toy / "points.py", before, after)
    said = broken(toy)
    place, reason = said.split(": ", 1)
    file, number = place.rsplit(":", 1)
    assert file == str(toy / "points.py")
    assert told in reason
    if line:
        assert int(number) == line_of(toy / "points.py", line)


def test_an_error_that_is_meant_for_users_stays_what_it_is(toy):
    edit(toy / "points.py", "\nline = Exp", "\nPOINTS.checksum\nline = Exp")
    (toy / "points.csv").unlink()
    with pytest.raises(MissingData) as caught:
        registry.find(toy)
    assert caught.value.exit_code == 3
    place = f"{toy / 'points.py'}:{line_of(toy / 'points.py', 'POINTS.checksum')}: "
    assert caught.value.message.es.startswith(f"{place}faltan los datos")
    assert caught.value.message.en.startswith(f"{place}the data")


def test_a_recipe_without_a_meaning(toy):
    edit(toy / "__init__.py", 'judged=("paper", "code")', 'judged=("paper", "cod")')
    line = line_of(toy / "__init__.py", "ORIGINAL = ")
    assert broken(toy).startswith(
        f"{toy / '__init__.py'}:{line}: recipe 'cod' has no meaning in recipes=; it has paper"
    )


def test_a_module_imported_as_if_it_were_installed_is_told_how(toy):
    edit(toy / "__init__.py", "from . import points", "import points")
    assert broken(toy).endswith("No module named 'points'; within the folder: from . import points")


def test_the_command_line_says_it_without_a_traceback_and_ends_with_2(command, toy):
    (toy / "points.py").write_text("def\n")
    for words in (["--original", toy, "list"], ["verdicts", "--original", toy]):
        code, out, err = command(*words)
        assert (code, out) == (2, "")
        assert err == f"reensayo: {toy / 'points.py'}:1: SyntaxError: invalid syntax\n"


# ---------------------------------------------------------------- its code as it stands


def test_code_that_is_edited_twice_within_a_second_is_the_last(toy):
    stamp = os.stat(toy / "points.py")
    seen = []
    for seeds in (5, 6, 7):  # a file of the same length and time, as a compiled one is known by
        edit(toy / "points.py", "    seeds=", f"    seeds={seeds} + 0 * ")
        os.utime(toy / "points.py", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
        seen.append(registry.find(toy).experiments["toy.line"].seeds)
        edit(toy / "points.py", f"{seeds} + 0 * ", "")
    assert seen == [5, 6, 7]
    assert not list(toy.rglob("*.pyc"))


def test_two_folders_of_one_name_are_two_works(toy, tmp_path):
    other = Path(shutil.copytree(toy, tmp_path / "other" / "toy"))
    edit(other / "points.py", "MEAN = ", "from . import late\nMEAN = ")
    (other / "late.py").write_text("WORD = 'other'\n")
    found = registry.find(other)
    registry.find(toy)
    module = sys.modules[found.experiments["toy.line"].load.__module__]
    assert module.late.WORD == "other"

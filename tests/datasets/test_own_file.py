"""A file that an original brings: it is read, checked and told about as its own author needs it."""

import hashlib
import io
import os
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reensayo import datasets
from reensayo.datasets import DataSet, own_file
from reensayo.errors import DamagedData, InputError, MissingData
from reensayo.text import Text
from repository import TOY

POINTS = TOY / "points.csv"


def decode(content: bytes) -> dict[str, np.ndarray]:
    table = np.loadtxt(io.BytesIO(content), delimiter=",", skiprows=1)
    return {"x": table[:, 0], "y": table[:, 1]}


def points(path: Path, decode=decode, **about) -> DataSet:
    return own_file("points", Text(es="unos puntos", en="some points"), path, decode, **about)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy that may be edited, on a machine that must ask no server."""
    monkeypatch.setattr("requests.get", lambda *_, **__: pytest.fail("nothing is to be downloaded"))
    return Path(shutil.copy(POINTS, tmp_path))


def told(dataset: DataSet, folder: Path | None = None) -> InputError:
    """What load, fetch and verify all say of a file that cannot be used."""
    with pytest.raises(InputError) as caught:
        datasets.load(dataset, folder)
    with pytest.raises(InputError) as refused:
        datasets.fetch([dataset], (), folder)
    assert refused.value.message == caught.value.message
    (result,) = datasets.verify([dataset], folder)
    (problem,) = result.problems
    assert result.state == problem.kind
    for lang in ("es", "en"):
        message = caught.value.message(lang)
        assert message.endswith(f": {problem.line(lang)}. {problem.remedy(lang)}")
        assert str(dataset.own) in message
        assert "own_file(" in message
        for elsewhere in ("--data", "data/", "fetch"):  # nobody else has a good copy
            assert elsewhere not in message
    return caught.value


def test_its_arrays_are_what_decode_gives_and_read_only():
    dataset = points(POINTS)
    raw = datasets.load(dataset)
    for name, array in decode(POINTS.read_bytes()).items():
        np.testing.assert_array_equal(raw.arrays[name], array)
        assert not raw.arrays[name].flags.writeable
    assert raw.origin == f"original: {POINTS} (own)"
    (result,) = datasets.verify([dataset])
    assert (result.name, result.state, result.found.origin) == ("points", "whole", raw.origin)


def test_nothing_is_fetched_and_no_other_place_is_looked_into(file: Path, tmp_path: Path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / file.name).write_text("x,y\n1,2\n")
    found = datasets.fetch([points(file)], ["points"], tmp_path / "data")
    assert found["points"].path == file
    assert len(datasets.load(points(file), tmp_path / "data").x) == 40


def test_the_checksum_is_that_of_the_content(file: Path):
    before = points(file).checksum
    assert before == hashlib.sha256(POINTS.read_bytes()).hexdigest()[:16]
    assert points(file, largest=10**6).checksum == before
    file.write_bytes(file.read_bytes() + b"1,3\n")
    assert points(file).checksum == hashlib.sha256(file.read_bytes()).hexdigest()[:16] != before


def test_a_set_of_which_nothing_tells_the_content_is_refused():
    about = {"name": "points", "title": Text(es="a", en="b"), "decode": lambda dataset, read: {}}
    with pytest.raises(ValueError, match=r"points: expected own= \(see own_file\), or arrays= with their SHA-256"):
        DataSet(**about)
    one, other = (DataSet(**about, sha256=sha256) for sha256 in ("1" * 64, "2" * 64))
    assert one.checksum != other.checksum


def test_a_file_edited_after_it_became_part_of_a_trial_is_refused(file: Path):
    dataset = points(file)
    checksum = dataset.checksum
    file.write_bytes(file.read_bytes() + b"1,3\n")
    with pytest.raises(InputError, match=f"{file} was edited after the original was loaded: load the original again"):
        datasets.load(dataset)
    assert dataset.checksum == checksum
    assert len(datasets.load(replace(dataset)).x) == 41


def test_a_missing_file_is_named_with_what_to_do(file: Path):
    file.unlink()
    dataset = points(file)
    for ask in (lambda: dataset.checksum, lambda: datasets.load(dataset), lambda: datasets.fetch([dataset])):
        with pytest.raises(MissingData) as caught:
            ask()
        assert caught.value.exit_code == 3
        assert f"there is no {file}. The file is the original's: put it there" in caught.value.message.en
        assert f"no hay {file}. El archivo es del original: póngalo allí" in caught.value.message.es
    (result,) = datasets.verify([dataset])
    assert (result.state, result.found) == ("absent", None)


@pytest.mark.parametrize("words", [["status"], ["verdicts"], ["verdicts", "--json"], ["report"]])
def test_what_was_found_with_a_file_that_is_missing_is_not_judged(words, command, tmp_path, monkeypatch):
    work = shutil.copytree(POINTS.parent, tmp_path / "toy")
    monkeypatch.chdir(tmp_path)
    assert command("--original", work, "run", "toy.line@baseline-mean", "--seeds", "1").code == 0
    (work / "points.csv").unlink()
    code, out, err = command("--original", work, *words)
    assert (code, out) == (3, "")
    last = err.splitlines()[-1]
    assert last.startswith(f"reensayo: the data “some points” are missing: there is no {work / 'points.csv'}. ")
    assert "Traceback" not in err


def test_an_edit_that_decode_does_not_understand_is_told_with_what_decode_says(file: Path):
    file.write_text(file.read_text().replace("0.8438", "0,8438"))
    error = told(points(file))
    assert not isinstance(error, DamagedData)  # nothing was declared of it
    assert error.exit_code == 2
    assert f"{file}: expected: what decode of 'points' reads; received: ValueError: " in error.message.en
    assert "row 3" in error.message.en
    assert f"{file}: se esperaba: lo que lee decode de 'points'; se recibió: ValueError: " in error.message.es


@pytest.mark.parametrize(
    ("given_back", "received"),
    [((1, 2), r"\(1, 2\)"), ({"x": [1, 2]}, r"\{'x': \[1, 2\]\}"), (None, "None")],
)
def test_a_decode_that_gives_no_arrays_is_told(file: Path, given_back, received):
    told(points(file, lambda content: given_back))
    with pytest.raises(InputError, match=f"TypeError: decode gives a dict of NumPy arrays; received {received}"):
        datasets.load(points(file, lambda content: given_back))


def test_a_file_larger_than_any_should_be_is_not_read(file: Path):
    error = told(points(file, lambda content: pytest.fail("decoded"), largest=100))
    assert f"{file}: expected: at most 100 bytes; received: {file.stat().st_size} bytes" in error.message.en


def test_what_cannot_be_read_is_not_called_damaged(file: Path):
    file.unlink()
    os.mkfifo(file)
    assert f"{file}: cannot be read (not a regular file)" in told(points(file)).message.en
    file.unlink()
    file.mkdir()
    assert f"{file}: cannot be read (Is a directory)" in told(points(file)).message.en
    file.rmdir()
    file.symlink_to(file)
    assert f"{file}: cannot be read (Too many levels of symbolic links)" in told(points(file)).message.en
    file.unlink()
    file.symlink_to(file.with_name("gone"))
    assert f"{file}: expected: a readable file; received: the file is absent" in told(points(file)).message.en


def test_a_folder_that_cannot_be_looked_into_is_told(file: Path, monkeypatch: pytest.MonkeyPatch):
    def refusing(path, **_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "lstat", refusing)
    dataset = points(file)
    with pytest.raises(InputError, match=rf"{file.parent}: cannot be read \(Permission denied\)"):
        datasets.load(dataset)
    (result,) = datasets.verify([dataset])
    assert (result.state, result.found) == ("unreadable", None)


def test_a_path_that_depends_on_where_the_program_is_started_is_refused():
    with pytest.raises(
        ValueError, match=r"expected the full path, Path\(__file__\)\.with_name\('points.csv'\); received"
    ):
        points(Path("data", "points.csv"))


@pytest.mark.filterwarnings("ignore:loadtxt")
@given(st.binary(max_size=200))
@example(b"x,y\n1,2\n3,4\n")
@example(b"x,y\n1,2\n3\n")
def test_any_content_is_decoded_or_told(tmp_path_factory: pytest.TempPathFactory, content: bytes):
    file = tmp_path_factory.getbasetemp() / "any.csv"
    file.write_bytes(content)
    expected = None
    with suppress(Exception):
        expected = decode(content)
    if expected is None:
        told(points(file))
    else:
        raw = datasets.load(points(file))
        for name, array in expected.items():
            np.testing.assert_array_equal(raw.arrays[name], array)

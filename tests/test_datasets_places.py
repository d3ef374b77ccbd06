"""Where data sets are looked for, and what happens when they have to be downloaded."""

import hashlib
import shutil
import socket
import sys
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pooch
import pytest

from reensayo import datasets
from reensayo.datasets import ALL, CIFAR10, MNIST, PIMA
from reensayo.datasets import places as places_module
from reensayo.datasets.download import download
from reensayo.datasets.places import checkout
from reensayo.errors import DamagedData, InputError, MissingData

DATA = Path(__file__).parents[1] / "data"
CSV = (DATA / "pima" / PIMA.kit[0]).read_bytes()


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    """A machine that has no data set anywhere, and no proxy."""
    monkeypatch.delenv("REENSAYO_DATA", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(pooch, "os_cache", lambda project: tmp_path / "cache" / project)
    monkeypatch.setattr(places_module, "checkout", lambda: None)
    monkeypatch.setenv("NO_PROXY", "*")


def put(folder: Path, name: str = "pima-indians-diabetes.csv") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(CSV)
    return folder / name


# ---------------------------------------------------------------- the order


def test_search_order(tmp_path, monkeypatch):
    named, variable, root = tmp_path / "named", tmp_path / "variable", tmp_path / "clone"
    monkeypatch.setenv("REENSAYO_DATA", str(variable))
    monkeypatch.setattr(places_module, "checkout", lambda: root)
    there = [
        ("--data", put(named)),
        ("REENSAYO_DATA", put(variable)),
        ("checkout", put(root / "data")),
        ("cache", put(tmp_path / "cache" / "reensayo")),
        ("keras", put(tmp_path / "keras" / "datasets")),
    ]
    for name, file in there:
        found = datasets.find(PIMA, named)
        assert (found.place.name, found.path, found.format) == (name, file, "official")
        file.unlink()
    assert datasets.find(PIMA, named) is None


def test_the_kit_comes_before_the_official_file_of_the_same_place(tmp_path):
    put(tmp_path)
    shutil.copytree(DATA / "pima", tmp_path / "pima")
    shutil.copy(DATA / "SHA256SUMS", tmp_path)
    assert datasets.load(PIMA, tmp_path).origin == f"--data: {tmp_path / 'pima'} (kit)"


def test_a_folder_that_only_has_the_name_of_a_set_is_no_kit(tmp_path):
    (tmp_path / "pima" / "notes").mkdir(parents=True)
    assert datasets.find(PIMA, tmp_path) is None


def test_damage_is_never_skipped_for_another_place(tmp_path, monkeypatch):
    put(tmp_path / "first").write_bytes(CSV[:-100])
    put(tmp_path / "second")
    monkeypatch.setenv("REENSAYO_DATA", str(tmp_path / "second"))
    with pytest.raises(DamagedData, match=str(tmp_path / "first")):
        datasets.load(PIMA, tmp_path / "first")


def test_a_named_folder_must_exist(tmp_path, monkeypatch):
    with pytest.raises(InputError, match=r"--data: expected a folder of data; received .*absent"):
        datasets.load(PIMA, tmp_path / "absent")
    monkeypatch.setenv("REENSAYO_DATA", str(tmp_path / "gone"))
    with pytest.raises(InputError, match=r"REENSAYO_DATA: expected .*gone"):
        datasets.verify()


def test_a_checkout_is_told_by_its_pyproject(tmp_path):
    module = tmp_path / "src" / "reensayo" / "datasets" / "places.py"
    assert checkout(module) is None
    (tmp_path / "pyproject.toml").touch()
    assert checkout(module) == tmp_path
    assert checkout(tmp_path / "site-packages" / "reensayo" / "datasets" / "places.py") is None


def test_verify_tells_what_is_absent():
    assert [result.state for result in datasets.verify()] == ["absent"] * len(ALL) + ["generated"] * 2


# ---------------------------------------------------------------- downloads


class Handler(BaseHTTPRequestHandler):
    """/whole gives the CSV, /other something else, /half promises the CSV and hangs up, the rest is 404."""

    def do_GET(self):
        bodies = {"/whole": CSV, "/other": CSV.rsplit(b"\n", 1)[0], "/half": CSV[: len(CSV) // 2]}
        body = bodies.get(self.path)
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Length", str(len(CSV if self.path == "/half" else body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
        thread.join()


SUMMED = replace(PIMA, sha256=hashlib.sha256(CSV).hexdigest())


@pytest.mark.parametrize("dataset", [PIMA, SUMMED], ids=["by content", "by sum"])
def test_a_download_goes_to_the_cache_and_is_found_there(server, tmp_path, dataset, capsys):
    raw = datasets.load(replace(dataset, source=f"{server}/whole"))
    file = tmp_path / "cache" / "reensayo" / PIMA.official[0]
    assert raw.origin == f"cache: {file} (official)"
    assert [*file.parent.iterdir()] == [file]
    assert datasets.load(replace(dataset, source=f"{server}/404")).y.sum() == 268
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("dataset", [PIMA, SUMMED], ids=["by content", "by sum"])
def test_something_else_is_refused_with_both_sums(server, tmp_path, dataset):
    with pytest.raises(DamagedData) as caught:
        download(dataset, tmp_path / "to", f"{server}/other")
    text = caught.value.message.es
    expected = dataset.sha256 or dict(dataset.arrays)["x"]
    assert f"{server}/other" in text
    assert expected in text
    assert not [*(tmp_path / "to").iterdir()]


@pytest.mark.parametrize("dataset", [PIMA, SUMMED], ids=["by content", "by sum"])
@pytest.mark.parametrize("page", ["half", "404"])
def test_a_failed_transfer_leaves_nothing_behind(server, tmp_path, dataset, page):
    with pytest.raises(MissingData) as caught:
        download(dataset, tmp_path / "to", f"{server}/{page}")
    assert caught.value.exit_code == 3
    assert not [*(tmp_path / "to").iterdir()]


def test_progress_is_shown_on_a_terminal_only(server, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    download(PIMA, tmp_path, f"{server}/whole")
    assert capsys.readouterr().err.endswith("\rpima-indians-diabetes.data.csv  0.0 / 0.0 MB\n")


@pytest.fixture
def offline():
    """An address where nobody answers."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    return f"http://127.0.0.1:{port}/file"


def test_offline_tells_the_three_ways(offline):
    with pytest.raises(MissingData) as caught:
        datasets.load(replace(CIFAR10, source=offline))
    assert caught.value.exit_code == 3
    for text in (caught.value.message.es, caught.value.message.en):
        for way in ("data/", "--data", "REENSAYO_DATA", "reensayo data fetch", offline, CIFAR10.official[0]):
            assert way in text


def test_fetch_gets_what_it_can(server, offline, tmp_path, monkeypatch):
    sets = (replace(MNIST, source=offline), replace(PIMA, source=f"{server}/whole"))
    monkeypatch.setattr("reensayo.datasets.loading.ALL", sets)
    with pytest.raises(MissingData, match="MNIST") as caught:
        datasets.fetch()
    assert "Pima" not in caught.value.message.en
    assert datasets.fetch(["pima"])["pima"].path == tmp_path / "cache" / "reensayo" / PIMA.official[0]


def test_fetch_knows_no_other_sets():
    with pytest.raises(InputError, match=r"expected any of boston, .*; received iris, pime"):
        datasets.fetch(["iris", "pima", "pime"])


def test_the_word_index_is_downloaded_too(server, offline, monkeypatch):
    words = b'{"the": 1}'
    monkeypatch.setattr("reensayo.datasets.words.SOURCE", f"{server}/whole")
    with pytest.raises(DamagedData, match="/whole: expected: SHA-256 0273"):
        datasets.word_index()
    monkeypatch.setattr("reensayo.datasets.words.SOURCE", offline)
    with pytest.raises(MissingData, match=r"imdb_word_index\.json"):
        datasets.word_index()
    monkeypatch.setattr("reensayo.datasets.words.SHA256", hashlib.sha256(words).hexdigest())
    (places_module.cache() / "imdb_word_index.json").write_bytes(words)
    assert datasets.word_index() == {"the": 1}

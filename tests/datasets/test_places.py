"""Where data sets are looked for, and what happens when they have to be downloaded."""

import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import platformdirs
import pytest

from reensayo import datasets, files
from reensayo.datasets import BOSTON, CIFAR10, IMDB, MNIST, PIMA
from reensayo.datasets import download as downloading
from reensayo.datasets import places as places_module
from reensayo.datasets.places import checkout
from reensayo.errors import DamagedData, InputError, MissingData
from repository import DATA

CSV = (DATA / "pima" / PIMA.bundled[0]).read_bytes()


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    """A machine that has no data set anywhere, and no proxy."""
    monkeypatch.delenv("REENSAYO_DATA", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda project: tmp_path / "cache" / project)
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
        assert (found.place, found.path, found.format) == (name, file, "upstream")
        file.unlink()
    assert datasets.find(PIMA, named) is None


def test_bundled_files_come_before_the_published_one_of_the_same_place(tmp_path):
    put(tmp_path)
    shutil.copytree(DATA / "pima", tmp_path / "pima")
    shutil.copy(DATA / "SHA256SUMS", tmp_path)
    assert datasets.load(PIMA, tmp_path).origin == f"--data: {tmp_path / 'pima'} (bundled)"


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
        datasets.verify([PIMA])


def test_a_checkout_is_told_by_its_pyproject(tmp_path):
    module = tmp_path / "src" / "reensayo" / "datasets" / "places.py"
    assert checkout(module) is None
    (tmp_path / "pyproject.toml").touch()
    assert checkout(module) == tmp_path
    assert checkout(tmp_path / "site-packages" / "reensayo" / "datasets" / "places.py") is None


def test_verify_tells_what_is_absent():
    assert [result.state for result in datasets.verify([BOSTON, IMDB])] == ["absent"] * 2


# ---------------------------------------------------------------- no copy is skipped because it cannot be looked at


def test_a_link_that_leads_nowhere_is_not_skipped(tmp_path, monkeypatch):
    monkeypatch.setenv("REENSAYO_DATA", str(put(tmp_path / "second").parent))
    (tmp_path / "first").mkdir()
    link = tmp_path / "first" / PIMA.upstream[0]
    link.symlink_to(tmp_path / "gone")
    with pytest.raises(DamagedData, match=f"{link}: expected: a readable file; received: the file is absent"):
        datasets.load(PIMA, tmp_path / "first")
    link.unlink()
    link.symlink_to(link)
    with pytest.raises(InputError, match=rf"{link}: cannot be read \(Too many levels of symbolic links\)"):
        datasets.load(PIMA, tmp_path / "first")
    link.unlink()
    (tmp_path / "first" / "pima").symlink_to(tmp_path / "first" / "pima")
    with pytest.raises(InputError, match=r"first/pima: cannot be read \(Too many levels of symbolic links\)"):
        datasets.load(PIMA, tmp_path / "first")


def refuse(monkeypatch, folder: Path, error: OSError) -> None:
    """Have the system say this of everything below a folder."""
    for name in ("stat", "lstat"):
        real = getattr(os, name)

        def refusing(path, *, real=real, **options):
            if os.fspath(path).startswith(f"{folder}{os.sep}"):
                raise error
            return real(path, **options)

        monkeypatch.setattr(os, name, refusing)


@pytest.mark.parametrize("place", ["--data", "REENSAYO_DATA", "cache", "keras"])
@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(5, "Input/output error")])
def test_a_folder_that_cannot_be_looked_into_is_not_skipped(tmp_path, monkeypatch, place, error):
    folders = {
        "--data": tmp_path / "named",
        "REENSAYO_DATA": tmp_path / "variable",
        "cache": tmp_path / "cache" / "reensayo",
        "keras": tmp_path / "keras" / "datasets",
    }
    (tmp_path / "named").mkdir()
    (tmp_path / "variable").mkdir()
    monkeypatch.setenv("REENSAYO_DATA", str(tmp_path / "variable"))
    put(tmp_path / "keras" / "datasets")
    refuse(monkeypatch, folders[place], error)
    with pytest.raises(InputError, match=rf"{folders[place]}: cannot be read \({error.strerror}\)") as caught:
        datasets.load(PIMA, tmp_path / "named")
    assert not isinstance(caught.value, DamagedData)
    (result,) = datasets.verify([PIMA], tmp_path / "named")
    assert (result.state, result.found) == ("unreadable", None)


def test_a_named_folder_that_cannot_be_reached_is_not_called_absent(tmp_path, monkeypatch, command):
    (tmp_path / "outer" / "named").mkdir(parents=True)
    refuse(monkeypatch, tmp_path / "outer", PermissionError(13, "Permission denied"))
    with pytest.raises(InputError, match=r"outer/named: cannot be read \(Permission denied\)"):
        datasets.find(PIMA, tmp_path / "outer" / "named")
    one, other = datasets.verify([PIMA, MNIST], tmp_path / "outer" / "named")
    assert [problem.line for problem in one.problems] == [problem.line for problem in other.problems]
    assert command("data", "verify", "--data", tmp_path / "outer" / "named").out.count("cannot be read") == 1
    with pytest.raises(InputError) as caught:
        datasets.fetch([PIMA, MNIST], [], tmp_path / "outer" / "named")
    assert caught.value.message.en.count("cannot be read") == 1


def test_a_file_in_place_of_a_folder_is_no_copy_and_no_folder(tmp_path):
    (tmp_path / "pima").touch()
    assert datasets.find(PIMA, tmp_path) is None
    with pytest.raises(InputError, match=r"--data: expected a folder of data; received .*pima, which is not a folder"):
        datasets.find(PIMA, tmp_path / "pima")


def test_a_name_that_is_no_utf8_is_read_and_told(tmp_path):
    folder = tmp_path / os.fsdecode(b"\xff")
    put(folder).write_bytes(b"")
    with pytest.raises(DamagedData) as caught:
        datasets.load(PIMA, folder)
    assert str(folder) in caught.value.message.en


def test_a_machine_without_a_home_still_finds_what_is_named(tmp_path, monkeypatch):
    monkeypatch.undo()
    for variable in ("HOME", "XDG_CACHE_HOME", "KERAS_HOME", "USERPROFILE", "LOCALAPPDATA"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("pwd.getpwuid", {}.__getitem__)  # as for a container's user
    monkeypatch.setattr(places_module, "checkout", lambda: None)
    put(tmp_path)
    assert datasets.find(PIMA, tmp_path)
    with pytest.raises(InputError, match="no home folder of this user: set the variable HOME"):
        datasets.find(MNIST, tmp_path)


def test_fetch_tells_of_a_copy_that_cannot_be_used(tmp_path):
    file = put(tmp_path / "to")
    assert datasets.fetch([PIMA], ["pima"], tmp_path / "to")["pima"].path == file
    file.write_bytes(CSV[:-100])
    with pytest.raises(InputError, match=f"damaged data file: {file}: expected: "):
        datasets.fetch([PIMA], ["pima"], tmp_path / "to")


def test_the_commands_end_with_2_where_a_copy_cannot_be_used(tmp_path, command, monkeypatch):
    file = put(tmp_path / "to")
    assert command("data", "fetch", "pima", "--data", tmp_path / "to").code == 0
    file.write_bytes(CSV.replace(b"6,148", b"7,148"))
    code, out, err = command("data", "fetch", "pima", "--data", tmp_path / "to")
    assert (code, out) == (2, "")
    assert f"damaged data file: {file}: expected: SHA-256" in err
    file.unlink()
    os.mkfifo(file)
    code, out, err = command("data", "fetch", "pima", "--data", tmp_path / "to")
    assert (code, out) == (2, "")
    assert f"{file}: cannot be read (not a regular file)" in err
    code, out, _ = command("data", "verify", "--data", tmp_path / "to", "--lang", "es")
    assert code == 2
    assert re.search("pima +ilegible", out)
    assert f"{file}: no se puede leer (no es un archivo normal)\nSu contenido puede estar íntegro" in out
    monkeypatch.setattr(os, "access", lambda *_, **__: False)  # nor does the command line judge by itself
    assert command("data", "verify", "--data", tmp_path / "to").out.count("not a regular file") == 1


# ---------------------------------------------------------------- downloads


PAGE = b"<!DOCTYPE html><title>Log in</title>"


class Handler(BaseHTTPRequestHandler):
    """Gives the CSV in the way that the address asks for, or something else; ``asked`` are the requests' ranges."""

    def do_GET(self):
        way = self.path.strip("/")
        offset = int((self.headers["Range"] or "bytes=0-")[len("bytes=") : -1])
        self.server.asked.append(offset)
        getattr(self, way.replace("-", "_"), self.error)(offset)

    def answer(self, status, body, length=None, **headers):
        self.send_response(status)
        for name, value in {"Content-Length": len(body) if length is None else length, **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def rest(self, offset, part):
        """Up to ``part`` bytes of what is left of the CSV, which is promised whole."""
        left = CSV[offset:]
        range_ = f"bytes {offset}-{len(CSV) - 1}/{len(CSV)}"
        self.answer(206 if offset else 200, left[:part], len(left), **({"Content_Range": range_} if offset else {}))

    def whole(self, _):
        self.answer(200, CSV)

    def other(self, _):
        self.answer(200, CSV.rsplit(b"\n", 1)[0], Content_Type="text/csv")

    def page(self, _):
        self.answer(200, PAGE, Content_Type="text/html; charset=utf-8")

    def nameless_page(self, _):
        self.answer(200, PAGE)

    def cut(self, offset):
        self.rest(offset, 9000)

    def cut_without_ranges(self, _):
        self.answer(200, CSV[:9000], len(CSV))

    def cut_for_good(self, offset):
        self.rest(offset, 9000 if not offset else 0)

    def cut_then_page(self, offset):
        self.page(offset) if offset else self.rest(0, 9000)

    def other_ranges(self, offset):
        self.rest(offset and offset + 1, 9000 if not offset and len(self.server.asked) == 1 else len(CSV))

    def no_such_range(self, offset):
        self.answer(416, b"") if offset else self.rest(0, len(CSV))

    def too_short(self, _):
        self.answer(200, CSV, CSV.index(b"\n", 5000) + 1)

    def endless(self, _):
        self.send_response(200)
        self.end_headers()
        for _ in range(100):
            self.wfile.write(bytes(2**16))

    def hangs_up(self, _):
        self.close_connection = True

    def busy(self, offset):
        self.rest(offset, len(CSV)) if len(self.server.asked) > 2 else self.answer(503, b"")

    def broken(self, _):
        self.answer(500, b"")

    def nonsense(self, _):
        self.wfile.write(b"\x1b[31mnonsense\r\n\r\n")

    def error(self, _):
        self.answer(404, b"no such file")

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked = []

    def address(self, way: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{way}"

    def handle_error(self, *_):  # a client that has enough hangs up
        pass


@pytest.fixture
def server():
    with Server() as http:
        thread = Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        yield http
        http.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def waited(monkeypatch):
    """The pauses between tries, which are not made."""
    waits = []
    monkeypatch.setattr("reensayo.datasets.download.time.sleep", waits.append)
    return waits


def download(dataset, folder: Path, address: str) -> None:
    """From this address, into this folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("reensayo.datasets.download.cache", lambda: folder)
        downloading.download(replace(dataset, source=address))


SUMMED = replace(PIMA, sha256=hashlib.sha256(CSV).hexdigest())
BOTH = pytest.mark.parametrize("dataset", [PIMA, SUMMED], ids=["by content", "by sum"])
PART = f".{PIMA.upstream[0]}.part"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@BOTH
def test_a_download_goes_to_the_cache_and_is_found_there(server, tmp_path, dataset, capsys):
    raw = datasets.load(replace(dataset, source=server.address("whole")))
    file = tmp_path / "cache" / "reensayo" / PIMA.upstream[0]
    assert raw.origin == f"cache: {file} (upstream)"
    assert [*file.parent.iterdir()] == [file]
    assert datasets.load(replace(dataset, source=server.address("none"))).y.sum() == 268
    assert capsys.readouterr() == ("", "")


@BOTH
@pytest.mark.parametrize("way", ["other", "too-short"])
def test_something_else_is_refused_with_both_sums(server, tmp_path, dataset, way):
    with pytest.raises(MissingData) as caught:
        download(dataset, tmp_path, server.address(way))
    for text in (caught.value.message.es, caught.value.message.en):
        for word in (server.address(way), dataset.sha256 or dict(dataset.arrays)["x"], "'6,148,72,", "data/"):
            assert word in text
        assert "borre" not in text
        assert "damaged" not in text
    assert "text/csv" in caught.value.message.en or way != "other"
    assert contents(tmp_path) == {}


@BOTH
@pytest.mark.parametrize("way", ["page", "nameless-page"])
def test_a_page_in_place_of_the_data_is_told_as_that(server, tmp_path, dataset, way):
    with pytest.raises(MissingData, match="something else came from the address") as caught:
        download(dataset, tmp_path, server.address(way))
    assert "begins with '<!DOCTYPE html>" in caught.value.message.en
    assert "Perhaps a proxy or a login page answered" in caught.value.message.en
    assert "una página de inicio de sesión" in caught.value.message.es
    assert "text/html" in caught.value.message.en or way != "page"
    assert contents(tmp_path) == {}


@BOTH
def test_a_cut_download_goes_on_where_it_was_cut(server, tmp_path, dataset, waited):
    download(dataset, tmp_path, server.address("cut"))
    assert server.asked == [0, 9000, 18000]
    assert waited == [1, 2]
    assert contents(tmp_path) == {PIMA.upstream[0]: CSV}


def test_the_patience_is_counted_anew_where_there_is_headway(server, tmp_path, waited, monkeypatch):
    monkeypatch.setattr("reensayo.datasets.download.HEADWAY", 9000)
    download(PIMA, tmp_path, server.address("cut"))
    assert waited == [1, 1]


@pytest.mark.parametrize(
    ("way", "asked"), [("cut-without-ranges", [0, 9000, 9000, 9000]), ("cut-for-good", [0] + [9000] * 3)]
)
def test_what_came_waits_for_the_next_try_of_any_process(server, tmp_path, way, asked, waited):
    with pytest.raises(MissingData, match=r"the connection to 127\.0\.0\.1 was cut; what came is kept") as caught:
        download(PIMA, tmp_path, server.address(way))
    assert "se cortó; lo que llegó queda" in caught.value.message.es
    assert caught.value.exit_code == 3
    assert waited == [1, 2, 4]
    assert server.asked == asked
    assert contents(tmp_path) == {PART: CSV[:9000]}
    assert datasets.find(PIMA, tmp_path) is None
    download(PIMA, tmp_path, server.address("cut"))
    assert server.asked[4:] == [9000, 18000]
    assert contents(tmp_path) == {PIMA.upstream[0]: CSV}


def test_what_a_killed_process_left_is_gone_on_with(server, tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    (tmp_path / f".{PIMA.upstream[0]}.{files._host()}-{process.pid}-01234567").write_bytes(CSV[:100])
    (tmp_path / f".{PIMA.upstream[0]}.{files._host()}-{os.getpid()}-01234567").write_bytes(b"of a running one")
    download(PIMA, tmp_path, server.address("cut"))
    assert server.asked[0] == 100
    assert sorted(map(len, contents(tmp_path).values())) == [len(b"of a running one"), len(CSV)]


@BOTH
@pytest.mark.parametrize(
    ("way", "asked"),
    [
        ("whole", [100]),  # it sends all of it, whatever it is asked
        ("no-such-range", [100, 0]),
        ("other-ranges", [100, 0]),
        ("cut", [100, 9100, 18100, 0, 9000, 18000]),  # only at the end it shows that the beginning was of another file
    ],
)
def test_what_does_not_fit_is_got_from_the_start(server, tmp_path, dataset, way, asked):
    (tmp_path / PART).write_bytes(b"1" * 100)
    download(dataset, tmp_path, server.address(way))
    assert server.asked == asked
    assert contents(tmp_path) == {PIMA.upstream[0]: CSV}


def test_a_page_in_the_middle_costs_nothing_of_what_came(server, tmp_path):
    with pytest.raises(MissingData, match="something else came"):
        download(PIMA, tmp_path, server.address("cut-then-page"))
    assert contents(tmp_path) == {PART: CSV[:9000]}


def test_an_interrupted_download_keeps_what_came(server, tmp_path, monkeypatch):
    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("reensayo.datasets.download.time.sleep", interrupt)
    with pytest.raises(KeyboardInterrupt):
        download(PIMA, tmp_path, server.address("cut"))
    assert contents(tmp_path) == {PART: CSV[:9000]}


def test_more_than_the_set_can_have_is_not_written(server, tmp_path):
    with pytest.raises(MissingData, match=f"expected: at most {2**20} bytes; received: "):
        download(PIMA, tmp_path, server.address("endless"))
    assert contents(tmp_path) == {}


@pytest.mark.parametrize(
    ("way", "tries", "reason"),
    [
        ("404", 1, r"127\.0\.0\.1 answered with HTTP status 404\."),
        ("broken", 4, r"127\.0\.0\.1 answered with HTTP status 500\."),
        ("hangs-up", 4, r"the connection to 127\.0\.0\.1 was cut"),
        ("nonsense", 4, r"the connection to 127\.0\.0\.1 was cut"),
    ],
)
def test_only_what_may_pass_is_tried_again(server, tmp_path, way, tries, reason):
    with pytest.raises(MissingData, match=reason) as caught:
        download(PIMA, tmp_path, server.address(way))
    assert "\x1b" not in caught.value.message.en
    assert len(server.asked) == tries
    assert contents(tmp_path) == {}


def test_a_busy_server_is_asked_again(server, tmp_path, waited):
    download(PIMA, tmp_path, server.address("busy"))
    assert waited == [1, 2]


def test_a_server_that_says_nothing_is_given_up(server, tmp_path, monkeypatch):
    monkeypatch.setattr("reensayo.datasets.download.PATIENCE", 0.01)
    silent = socket.create_server(("127.0.0.1", 0))
    with silent, pytest.raises(MissingData, match=r"127\.0\.0\.1 does not answer"):
        download(PIMA, tmp_path, f"http://127.0.0.1:{silent.getsockname()[1]}/")


@pytest.mark.parametrize(
    ("proxy", "reason"),
    [
        ("http://127.0.0.1:9", "no connection to the proxy"),
        ("foo:bar", "failed: Please check proxy URL"),
        ("http://[::1", "failed: Failed to parse"),
    ],
)
def test_a_proxy_that_does_not_work_is_named(tmp_path, monkeypatch, proxy, reason):
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("http_proxy", proxy)
    with pytest.raises(MissingData, match=reason):
        download(PIMA, tmp_path, "http://example.invalid/x.csv")


def test_a_list_of_certificates_that_is_not_there_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "absent.pem"))
    with pytest.raises(MissingData, match=r"127\.0\.0\.1 failed: .*absent\.pem"):
        download(PIMA, tmp_path, "https://127.0.0.1:9/")


def test_what_another_process_completed_in_the_meantime_stays(server, tmp_path, monkeypatch):
    file = tmp_path / PIMA.upstream[0]
    monkeypatch.setattr("reensayo.datasets.download.time.sleep", lambda _: file.write_bytes(CSV))
    with pytest.raises(MissingData):
        download(PIMA, tmp_path, server.address("cut-for-good"))
    assert contents(tmp_path) == {file.name: CSV}


def test_a_folder_that_cannot_be_written_to_is_named(server, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    with pytest.raises(MissingData, match=r"cannot write to .*file \(File exists\)"):
        download(PIMA, tmp_path / "file", server.address("whole"))

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "flush", full)
    told = rf"cannot write to {tmp_path} \(No space left on device: free some\)"
    with pytest.raises(MissingData, match=told) as caught:
        download(PIMA, tmp_path, server.address("whole"))
    assert "no se puede escribir en" in caught.value.message.es


def test_progress_is_shown_on_a_terminal_only(server, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    download(PIMA, tmp_path, server.address("whole"))
    assert capsys.readouterr().err.endswith("\rwhole  0.0 / 0.0 MB\n")


def test_a_terminal_that_has_gone_ends_no_download(server, tmp_path, monkeypatch):
    def gone(*_, **__):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(sys.stderr, "write", gone)
    download(PIMA, tmp_path, server.address("whole"))
    assert contents(tmp_path) == {PIMA.upstream[0]: CSV}


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
        for way in ("data/", "--data", "REENSAYO_DATA", "reensayo data fetch", offline, CIFAR10.upstream[0]):
            assert way in text


def test_fetch_gets_what_it_can(server, offline, tmp_path):
    sets = (replace(MNIST, source=offline), replace(PIMA, source=server.address("whole")))
    with pytest.raises(MissingData, match="MNIST") as caught:
        datasets.fetch(sets)
    assert "Pima" not in caught.value.message.en
    assert datasets.fetch(sets, ["pima"])["pima"].path == tmp_path / "cache" / "reensayo" / PIMA.upstream[0]


def test_fetch_knows_no_other_sets():
    with pytest.raises(InputError, match=r"expected any of boston, pima; received iris, pime"):
        datasets.fetch([BOSTON, PIMA], ["iris", "pima", "pime"])

"""What is not what was stored: it is named, never believed, never called damaged if it only cannot be read."""

import errno
import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reensayo import files
from reensayo.errors import InputError
from reensayo.spec import digest, trial_id
from reensayo.store import FOR_FIGURES, Store, StoreFailed, UnreadableEntry, folder, read_checkpoint
from stored import TRIALS, checkpoint, write


@pytest.fixture(scope="module")
def whole():
    """A stored trial: name of each file -> its content."""
    with tempfile.TemporaryDirectory() as root:
        directory = write(Store(Path(root)), save_model=lambda path: path.write_bytes(b"model")).directory
        return {path.name: path.read_bytes() for path in directory.iterdir()}


def restored(root, contents, name=TRIALS[0].id):
    directory = Path(root) / "trials" / name
    directory.mkdir(parents=True)
    for file, content in contents.items():
        (directory / file).write_bytes(content)
    return Store(Path(root))


def edited(whole, believed=True, **entries):
    """The files with entries of trial.json replaced; ``believed`` writes a sum that fits."""
    about = {**json.loads(whole["trial.json"]), **entries}
    if believed:
        about["sum"] = digest({name: value for name, value in about.items() if name != "sum"})
    return {**whole, "trial.json": json.dumps(about).encode()}


# ---------------------------------------------------------------- trials


@given(data=st.data(), name=st.sampled_from(["trial.json", *FOR_FIGURES]))
def test_a_truncated_file_is_named(whole, data, name):
    cut = data.draw(st.integers(0, len(whole[name]) - 1))
    with tempfile.TemporaryDirectory() as root:
        store = restored(root, {**whole, name: whole[name][:cut]})
        with pytest.raises(UnreadableEntry, match=f"{name} is damaged .*; move its folder elsewhere and run again"):
            store.trials(check=FOR_FIGURES)


@given(data=st.data(), name=st.sampled_from(["trial.json", "model.keras", *FOR_FIGURES]))
def test_a_single_changed_byte_is_named(whole, data, name):
    place = data.draw(st.integers(0, len(whole[name]) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != whole[name][place]))
    garbled = whole[name][:place] + bytes([byte]) + whole[name][place + 1 :]
    unreadable = []
    with tempfile.TemporaryDirectory() as root:
        found = restored(root, {**whole, name: garbled}).trials(unreadable, check=None)
    if found:  # of trial.json white space between entries, or the sum's own name: what it says is the same
        assert name == "trial.json"
        assert found[0].about.items() >= {k: v for k, v in json.loads(whole[name]).items() if k != "sum"}.items()
    else:
        assert f"{name} is damaged" in str(unreadable[0])


@given(st.binary(max_size=60) | st.sampled_from([b"[]", b"3", b"null", b'{"id": 1}', b'{"id": 1, "identity": []}']))
def test_a_trial_json_of_anything_else_is_named(whole, content):
    with tempfile.TemporaryDirectory() as root:
        store = restored(root, {**whole, "trial.json": content})
        with pytest.raises(UnreadableEntry, match=r"trial\.json is damaged"):
            store.trials()


@pytest.mark.parametrize("entry", ["id", "identity", "status", "diverged_epoch", "wall_s", "measures", "sha256"])
def test_a_trial_json_that_lacks_an_entry_is_named(whole, entry, tmp_path):
    about = json.loads(whole["trial.json"])
    del about[entry], about["sum"]
    store = restored(tmp_path, {**whole, "trial.json": json.dumps(about).encode()})
    with pytest.raises(UnreadableEntry, match="is damaged"):
        store.trials()


HOSTILE = [
    {"id": 3},
    {"status": None},
    {"status": "fine"},
    {"wall_s": "2"},
    {"wall_s": 10**400},
    {"diverged_epoch": "2"},
    {"diverged_epoch": 0},
    {"measures": {"a": "x"}},
    {"measures": {"a": 10**400}},
    {"sha256": ["history.csv"]},
    {"sha256": {"history.csv": 3}},
    {"hardware": "AMD"},
    {"hardware": {"cores": {}}},
    {"versions": ["jax"]},
    {"layout": {"seeds": [0, "1"]}},
    {"layout": {"seeds": [10**10]}},
    {"layout": []},
    {"finished": 3},
    {"same_as": []},
    {"versions": {"jax": "\x1b[2J"}},
    {"versions": {"\n": "1"}},
]


@pytest.mark.parametrize("entries", HOSTILE, ids=str)
def test_an_entry_of_another_kind_is_named_even_with_a_sum_that_fits(whole, entries, tmp_path):
    store = restored(tmp_path, edited(whole, **entries))
    with pytest.raises(UnreadableEntry, match=r"trial\.json is damaged"):
        store.trials()


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ({"measures": 3}, r"Expected `object`, got `int` - at `\$\.measures`"),
        ({"measures": {"a": "x"}}, r"Expected `float \| null`, got `str` - at `\$\.measures\["),
        ({"diverged_epoch": "2"}, r"Expected `int \| null`, got `str` - at `\$\.diverged_epoch`"),
        ({"layout": []}, r"Expected `object`, got `array` - at `\$\.layout`"),
        ({"layout": {"seeds": 3}}, r"Expected `array`, got `int` - at `\$\.layout\.seeds`"),
        ({"identity": "x"}, r"Expected `object`, got `str` - at `\$\.identity`"),
        ({"identity": {}}, r"Object missing required field `experiment` - at `\$\.identity`"),
        ({"seed": "0"}, r"Expected `int`, got `str` - at `\$\.identity\.seed`"),
    ],
    ids=str,
)
def test_an_entry_of_another_kind_is_named_where_it_stands(whole, entries, expected, tmp_path):
    if "seed" in entries:
        entries = {"identity": {**json.loads(whole["trial.json"])["identity"], **entries}}
    store = restored(tmp_path, edited(whole, **entries))
    with pytest.raises(UnreadableEntry, match=rf"trial\.json is damaged \(unexpected content: {expected}"):
        store.trials()


@pytest.mark.parametrize(
    "change",
    [
        {"settings": 3},
        {"settings": {"epochs": None}},
        {"seed": 1},
        {"seed": -1},
        {"seed": 10**30},
        {"recipe": "text"},
        {"precision": "float64"},
        {"original": "other"},
        {"original": ["small"]},
    ],
    ids=str,
)
def test_an_identity_that_is_not_the_trials_own_is_named(whole, change, tmp_path):
    identity = {**json.loads(whole["trial.json"])["identity"], **change}
    store = restored(tmp_path, edited(whole, identity=identity))
    with pytest.raises(UnreadableEntry, match=r"trial\.json is damaged"):
        store.trials()


@pytest.mark.parametrize(
    "content",
    [
        b'{"id": "\\ud800"}',
        b'{"finished": NaN}',
        b'{"a":' * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"wall_s": 1' + b"0" * 5000 + b"}",
    ],
    ids=["lone surrogate", "NaN", "cut nesting", "deep nesting", "5000 digits"],
)
def test_json_that_upsets_readers_is_named(whole, content, tmp_path):
    store = restored(tmp_path, {**whole, "trial.json": content})
    with pytest.raises(UnreadableEntry, match=r"trial\.json is damaged"):
        store.trials()


@pytest.mark.parametrize("extra", [b"1" + b"0" * 5000, b"[" * 900 + b"]" * 900], ids=["5000 digits", "nesting"])
def test_an_entry_that_nobody_asked_for_upsets_nobody(whole, extra, tmp_path):
    content = whole["trial.json"].rstrip(b"}\n ") + b', "extra": ' + extra + b"}"
    store = restored(tmp_path, {**whole, "trial.json": content})
    with pytest.raises(UnreadableEntry, match=r"trial\.json is damaged"):
        store.trials()


def test_every_single_edit_of_what_is_stored_is_refused(whole, tmp_path):
    """Each number, word and truth value in turn: verdicts rest on any of them."""
    about = json.loads(whole["trial.json"])
    count = 0
    for number, other in enumerate(with_one_edit({k: v for k, v in about.items() if k != "sum"})):
        content = json.dumps({**other, "sum": about["sum"]}).encode()
        store = restored(tmp_path / str(number), {**whole, "trial.json": content})
        with pytest.raises(UnreadableEntry):
            store.trials()
        count += 1
    assert count > 20


def with_one_edit(value):
    """The same value with one of its leaves changed, for each of them."""
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            for other in with_one_edit(value[key]):
                changed = value.copy()
                changed[key] = other
                yield changed
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield value + 1
    else:
        yield "x"


@pytest.mark.parametrize("name", ["history.csv", "arrays.npz", "trial.json"])
def test_a_file_that_is_gone_is_named(whole, name, tmp_path):
    store = restored(tmp_path, {n: content for n, content in whole.items() if n != name})
    with pytest.raises(UnreadableEntry, match=f"{name} is missing"):
        store.trials(check=FOR_FIGURES)


def test_trials_from_before_there_was_a_sum_are_read(whole, tmp_path):
    about = json.loads(whole["trial.json"])
    total = about.pop("sum")
    store = restored(tmp_path, {**whole, "trial.json": json.dumps(about).encode()})
    assert [(trial.id, trial.sum) for trial in store.trials()] == [(TRIALS[0].id, total)]


def test_trials_from_before_they_named_their_original_are_read(whole, tmp_path):
    about = json.loads(whole["trial.json"])
    identity = {name: value for name, value in about["identity"].items() if name != "original"}
    name = trial_id(identity)
    store = restored(tmp_path, edited(whole, identity=identity, id=name), name)
    assert [(trial.id, trial.original) for trial in store.trials()] == [(name, "")]


def test_a_history_is_held_against_its_sum_wherever_trials_are_listed_and_the_rest_where_it_is_read(whole, tmp_path):
    store = restored(tmp_path, {**whole, "model.keras": b"another"})
    assert store.trials(check=FOR_FIGURES)
    with pytest.raises(UnreadableEntry, match=r"model\.keras is damaged \(its checksum differs\)"):
        store.trials(check=None)
    (tmp_path / "trials" / TRIALS[0].id / "arrays.npz").write_bytes(b"another")
    (found,) = store.trials()
    with pytest.raises(UnreadableEntry, match=r"arrays\.npz is damaged \(its checksum differs\)"):
        _ = found.arrays
    (tmp_path / "trials" / TRIALS[0].id / "history.csv").write_bytes(b"another")
    with pytest.raises(UnreadableEntry, match=r"history\.csv is damaged \(its checksum differs\)"):
        store.trials()


def test_an_archive_that_unpacks_to_far_too_much_is_named(whole, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "LARGEST", 10_000)
    monkeypatch.setattr(files.check_unpacked_size, "__defaults__", (10_000,))
    np.savez_compressed(tmp_path / "bomb.npz", a=np.zeros(100_000))
    bomb = (tmp_path / "bomb.npz").read_bytes()
    sums = {**json.loads(whole["trial.json"])["sha256"], "arrays.npz": hashlib.sha256(bomb).hexdigest()}
    store = restored(tmp_path, edited({**whole, "arrays.npz": bomb}, sha256=sums))
    (found,) = store.trials(check=FOR_FIGURES)
    with pytest.raises(UnreadableEntry, match=r"arrays\.npz is damaged \(unexpected content: unpacks to"):
        _ = found.arrays


# ---------------------------------------------------------------- copies, links, folders


def test_a_copy_of_a_trial_is_named_and_not_counted(store):
    for trial in TRIALS[:2]:
        write(store, trial)
    shutil.copytree(store.root / "trials" / TRIALS[0].id, store.root / "trials" / f"{TRIALS[0].id}.bak")
    unreadable = []
    assert [trial.id for trial in store.trials(unreadable)] == [TRIALS[0].id, TRIALS[1].id]
    (error,) = unreadable
    assert error.ids == {TRIALS[0].id, f"{TRIALS[0].id}.bak"}
    assert "if it is a copy, move it elsewhere" in str(error)


@pytest.mark.parametrize("kind", ["empty", "another file", "broken link", "loop", "no permission"])
def test_every_visible_folder_without_a_readable_trial_is_named(kind, store, monkeypatch):
    write(store)
    place = store.root / "trials" / TRIALS[1].id
    if kind in ("broken link", "loop"):
        place.symlink_to(place if kind == "loop" else "nowhere")
    else:
        place.mkdir()
    if kind == "another file":
        (place / "notes.txt").touch()
    if kind == "no permission":
        refuse_to_open(monkeypatch, place)
    (store.root / "trials" / "notes.txt").touch()
    unreadable = []
    assert [trial.id for trial in store.trials(unreadable)] == [TRIALS[0].id]
    assert [error.directory for error in unreadable] == [place]
    assert ("cannot be read (Permission denied)" in str(unreadable[0])) == (kind == "no permission")


def refuse_to_open(monkeypatch, place, error=errno.EACCES):
    """Files in this folder cannot be read, as root cannot show otherwise."""
    real = files.opened

    def refuse(path, *arguments):
        if path.is_relative_to(place):
            raise OSError(error, os.strerror(error), str(path))
        return real(path, *arguments)

    monkeypatch.setattr(files, "opened", refuse)


@pytest.mark.parametrize("error", [errno.EACCES, errno.EIO, errno.ESTALE, errno.ELOOP])
def test_what_cannot_be_read_is_not_called_damaged(error, store, monkeypatch):
    directory = write(store).directory
    refuse_to_open(monkeypatch, directory, error)
    reason = os.strerror(error)
    with pytest.raises(UnreadableEntry) as raised:
        store.trials()
    assert str(raised.value) == f"{directory / 'trial.json'} cannot be read ({reason})"
    assert raised.value.message("es") == f"{directory / 'trial.json'} no se puede leer ({reason})"


def test_a_folder_of_trials_that_cannot_be_listed_is_not_an_empty_one(store, monkeypatch):
    write(store)

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(folder.os, "scandir", refuse)
    for read in (store.trials, store.blocks, store.under_way):
        with pytest.raises(InputError, match=r"cannot be read \(Permission denied\)"):
            read([])


def test_a_file_where_the_trials_should_be_is_named(store):
    store.root.mkdir()
    (store.root / "trials").touch()
    with pytest.raises(InputError, match=r"trials cannot be read \(Not a directory\)"):
        store.trials()


# ---------------------------------------------------------------- targets


def test_an_empty_folder_in_a_trials_place_is_filled(store):
    (store.root / "trials" / TRIALS[0].id).mkdir(parents=True)
    assert store.trial(TRIALS[0].id) is None
    assert write(store).id == TRIALS[0].id


def test_something_else_in_a_trials_place_is_named_and_stays(store):
    place = store.root / "trials" / TRIALS[0].id
    place.mkdir(parents=True)
    (place / "notes.txt").write_text("mine")
    with pytest.raises(UnreadableEntry, match=r"trial\.json is missing"):
        store.trial(TRIALS[0].id)
    assert write(store) is None
    assert (place / "notes.txt").read_text() == "mine"
    assert os.listdir(place.parent) == [place.name]


# ---------------------------------------------------------------- blocks and checkpoints


@pytest.mark.parametrize("cut", [0, 1, 50, -1, -50])
def test_a_damaged_checkpoint_is_named(cut, store):
    block = store.begin_block(TRIALS[:2])
    store.save_checkpoint(block, checkpoint())
    block.checkpoint.write_bytes(block.checkpoint.read_bytes()[:cut])
    with pytest.raises(UnreadableEntry, match=r"checkpoint\.npz is damaged"):
        read_checkpoint(block)
    unreadable = []
    assert store.under_way(unreadable) == []
    assert [error.directory for error in unreadable] == [block.directory]


def rewritten(block, **arrays):
    """The block's checkpoint with some of its arrays replaced, whole but for its sum."""
    with np.load(block.checkpoint) as stored:
        kept = dict(stored)
    np.savez(block.checkpoint, **{**kept, **arrays})


@pytest.mark.parametrize(
    "arrays",
    [
        {"state0000": np.full((2, 3), np.nan, np.float32)},
        {"state0000": np.ones((2, 3), np.float64)},
        {"state0000": np.ones((3, 2), np.float32)},
        {"position": np.array([1, 5])},
        {"position": np.array([np.inf, 0])},
        {"history": np.ones((2, 3, 4))},
        {"seconds": np.array("x")},
        {"more": np.zeros(1)},
    ],
    ids=str,
)
def test_a_checkpoint_that_was_changed_is_never_gone_on_from(arrays, store):
    block = store.begin_block(TRIALS[:2])
    store.save_checkpoint(block, checkpoint())
    rewritten(block, **arrays)
    with pytest.raises(UnreadableEntry, match=r"checkpoint\.npz is damaged"):
        read_checkpoint(block)


def test_the_checkpoint_of_another_block_is_not_believed(store):
    block, other = store.begin_block(TRIALS[:2]), store.begin_block(TRIALS[2:4])
    store.save_checkpoint(block, checkpoint())
    shutil.copy(block.checkpoint, other.checkpoint)
    with pytest.raises(UnreadableEntry, match=r"checkpoint\.npz is damaged \(its checksum differs\)"):
        read_checkpoint(other)


def test_a_checkpoint_from_before_there_was_a_sum_is_not_gone_on_from(store):
    block = store.begin_block(TRIALS[:2])
    store.save_checkpoint(block, checkpoint())
    with np.load(block.checkpoint) as stored:
        np.savez(block.checkpoint, **{name: stored[name] for name in stored if name != "sum"})
    assert read_checkpoint(block) is None


@pytest.mark.parametrize("history", [np.ones((2, 2, 3)), np.ones(3), np.ones((3, 2, 4)), np.array("x")])
def test_curves_of_another_shape_are_named(history, store):
    block = store.begin_block(TRIALS[:2])
    store.save_checkpoint(block, replace(checkpoint(), history=history))
    with pytest.raises(UnreadableEntry, match=r"checkpoint\.npz is damaged"):
        store.under_way()


@pytest.mark.parametrize("position", [[np.inf, 0], [-1, 0], [10**6, 0], [1], "xx"])
def test_a_place_outside_the_training_is_named(position, store):
    block = store.begin_block(TRIALS[:2])
    store.save_checkpoint(block, checkpoint())
    rewritten(block, position=np.array(position))
    with pytest.raises(UnreadableEntry, match=r"checkpoint\.npz is damaged"):
        read_checkpoint(block)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"name": "a", "trials": 3, "seeds": [0]}',
        '{"name": "a", "trials": [], "seeds": []}',
        '{"name": "a", "trials": ["x"], "seeds": ["0"]}',
        '{"name": "a", "trials": ["x"], "seeds": [0, 1]}',
        '{"name": "a", "trials": ["x", "y"], "seeds": [0, 10000000000]}',
        '{"name": "a", "trials": ["x"], "seeds": [-1]}',
        '{"name": "a\\u001b[2J", "trials": ["x"], "seeds": [0]}',
        '{"name": 1, "trials": ["x"], "seeds": [0]}',
        '{"name": "a", "trials": ["x"], "seeds": [0], "original": 1}',
    ],
)
def test_a_damaged_block_is_named(content, store):
    block = store.begin_block(TRIALS[:2])
    (block.directory / "block.json").write_text(content)
    with pytest.raises(UnreadableEntry, match=r"block\.json is damaged"):
        store.blocks()


# ---------------------------------------------------------------- disks


def test_a_disk_that_takes_no_more_is_said_with_its_folder(store, monkeypatch):
    block = store.begin_block(TRIALS[:2])
    store.save_checkpoint(block, checkpoint(1))

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    said = r"cannot write to .*runs \(No space left on device: free some\); what is stored is kept"
    with pytest.raises(StoreFailed, match=said):
        write(store)
    with pytest.raises(StoreFailed, match=said):
        store.begin_block(TRIALS[2:3])
    with pytest.raises(StoreFailed, match=said):
        store.save_checkpoint(block, checkpoint(2))
    monkeypatch.undo()
    assert store.trials() == []
    assert read_checkpoint(block).epoch == 1
    assert [path.name for path in block.directory.parent.iterdir()] == [block.directory.name]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="a system that does not tell a descriptor's file")
def test_what_is_stored_is_on_the_disk_before_it_has_its_name(store, monkeypatch):
    flushed, fsync = [], os.fsync

    def note(descriptor):
        flushed.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        fsync(descriptor)

    monkeypatch.setattr(files.os, "fsync", note)
    write(store, save_model=lambda path: path.write_bytes(b"model"))
    *inside, trials = [Path(path) for path in flushed]
    assert {path.name for path in inside[:-1]} == {"trial.json", "history.csv", "arrays.npz", "model.keras"}
    assert {path.parent for path in inside[:-1]} == {inside[-1]}
    assert inside[-1].name.startswith(f".{TRIALS[0].id}.")  # still a draft
    assert trials == store.root / "trials"


def test_whoever_may_read_the_store_may_read_a_checkpoint(store):
    before = os.umask(0o022)
    try:
        block = store.begin_block(TRIALS[:2])
        store.save_checkpoint(block, checkpoint())
        directory = write(store).directory
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in (block.checkpoint, *directory.iterdir())} == {0o644}
    assert {path.stat().st_mode & 0o777 for path in (block.directory, directory)} == {0o755}


def test_the_story_of_a_failure_goes_when_the_trial_is_stored(store):
    path = store.write_error(TRIALS[0], "Traceback")
    assert path.exists()
    write(store)
    assert not path.exists()


def test_too_little_memory_is_no_damage(store, monkeypatch):
    trial = write(store)

    def exhausted(*_):
        raise MemoryError

    monkeypatch.setattr(files, "opened", exhausted)
    with pytest.raises(UnreadableEntry, match=r"trial\.json cannot be read \(there is not enough memory\)"):
        store.trials()
    with pytest.raises(UnreadableEntry, match=r"arrays\.npz cannot be read \(there is not enough memory\)"):
        _ = trial.arrays


def test_every_single_edit_of_a_block_is_refused(store):
    path = store.begin_block(TRIALS[:2]).directory / "block.json"
    about = json.loads(path.read_text())
    total = about.pop("sum")
    for other in with_one_edit(about):
        path.write_text(json.dumps({**other, "sum": total}))
        with pytest.raises(UnreadableEntry, match=r"block\.json is damaged"):
            store.blocks()


def test_a_block_from_before_more_was_written_down_is_read(store):
    block = store.begin_block(TRIALS[:2])
    store.save_checkpoint(block, checkpoint(3))
    about = json.loads((block.directory / "block.json").read_text())
    del about["original"], about["epochs"], about["columns"], about["sum"]
    (block.directory / "block.json").write_text(json.dumps(about))
    (found,) = store.blocks()
    assert (found.original, found.epochs) == ("", 0)
    assert store.under_way() == []


def test_a_story_that_cannot_be_written_is_none(store):
    store.root.mkdir()
    (store.root / "errors").touch()
    assert store.write_error(TRIALS[0], "Traceback") is None

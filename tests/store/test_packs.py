"""Packs: what is read of them is what was stored, and nothing else is believed."""

import json
import zipfile

import numpy as np
import pytest

from reensayo import files
from reensayo.store import Lacking, Pack, UnreadableEntry, read_pack, write_pack
from reensayo.store.trial_files import as_json
from stored import ARRAYS, HISTORY, TRIALS, write


@pytest.fixture
def trials(store):
    """Three stored trials."""
    return tuple(write(store, trial) for trial in TRIALS[:3])


@pytest.fixture
def pack(trials, tmp_path):
    """The file of a pack: two of the trials, one of them with an array, and the third as if it were perturbed."""
    path = tmp_path / "shipped" / "two.map@script.zip"
    write_pack(path, Pack(trials[1::-1], trials[2:]), {trials[0].id: {"grid": ARRAYS["grid"]}})
    return path


def contents(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_packed_trial_is_the_stored_one_with_the_arrays_that_were_kept(pack, trials):
    read = read_pack(pack)
    assert [trial.id for trial in read.trials] == [trial.id for trial in trials[:2]]
    assert [trial.id for trial in read.perturbed] == [trials[2].id]
    for packed, stored in zip((*read.trials, *read.perturbed), trials, strict=True):
        assert (packed.settings, packed.measured, packed.wall_s) == (stored.settings, stored.measured, stored.wall_s)
        assert packed.about["identity"] == stored.about["identity"]
        for name, curve in HISTORY.items():
            np.testing.assert_array_equal(packed.history[name], curve)
    first, second = read.trials
    np.testing.assert_array_equal(first.arrays["grid"], ARRAYS["grid"])
    for trial, name in ((first, "map"), (second, "grid"), (read.perturbed[0], "grid")):
        with pytest.raises(Lacking, match=name):
            trial.arrays[name]


def test_the_same_trials_are_the_same_bytes(pack, trials, tmp_path):
    again = tmp_path / "again.zip"
    write_pack(again, read_pack(pack), {trials[0].id: {"grid": ARRAYS["grid"]}})
    assert again.read_bytes() == pack.read_bytes()


def test_a_pack_that_is_cut_anywhere_is_named(pack, tmp_path):
    whole = pack.read_bytes()
    for cut in range(0, len(whole), len(whole) // 40):
        pack.write_bytes(whole[:cut])
        with pytest.raises(UnreadableEntry, match=r"script\.zip is damaged \(.*\); install the work that it came with"):
            read_pack(pack)


def test_a_pack_with_any_other_byte_is_named_or_says_the_same(pack, trials):
    whole = pack.read_bytes()
    found = 0
    for place in range(0, len(whole), 7):
        pack.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        try:
            read = read_pack(pack)
            for trial in read.trials:
                assert trial.id in [t.id for t in trials]
                np.testing.assert_array_equal(trial.history["loss"], HISTORY["loss"])
                _ = dict(trial.arrays)
        except UnreadableEntry:
            found += 1
    assert found > len(whole) // 7 // 2


def rewritten(pack, change):
    """The pack with its files changed, else whole."""
    pack.write_bytes(files.packed(change(contents(pack))))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda f: {n: c for n, c in f.items() if not n.endswith("history.csv")},
            "is missing",
        ),
        (lambda f: {n: c + b"\n" if n.endswith("history.csv") else c for n, c in f.items()}, "its checksum differs"),
        (lambda f: {n: c[:-9] if n.endswith("trial.json") else c for n, c in f.items()}, "unexpected content"),
        (lambda f: {n.replace("-s0-", "-s7-"): c for n, c in f.items()}, "if it was renamed, give it its name back"),
    ],
    ids=["no history", "another history", "cut trial.json", "renamed"],
)
def test_what_is_not_what_was_packed_is_named(pack, change, reason):
    rewritten(pack, change)
    with pytest.raises(UnreadableEntry, match=reason) as raised:
        read_pack(pack)
    assert raised.value.directory == pack  # as a whole
    assert raised.value.ids == {pack.name}


def test_arrays_are_held_against_their_sum_where_they_are_read(pack):
    rewritten(pack, lambda f: {n: c + b"x" if n.endswith("arrays.npz") else c for n, c in f.items()})
    first, _ = read_pack(pack).trials
    with pytest.raises(UnreadableEntry, match=r"arrays\.npz is damaged \(its checksum differs\); install the work"):
        _ = first.arrays


def test_a_file_that_unpacks_to_far_too_much_is_named(pack):
    def change(found):
        name = next(name for name in found if name.endswith("trial.json"))
        return {**found, name: as_json(json.loads(found[name]) | {"more": "x" * 2**24})}

    rewritten(pack, change)
    with pytest.raises(UnreadableEntry, match="unpacks to 1677"):
        read_pack(pack)


def test_what_cannot_be_read_is_not_called_damaged(pack, monkeypatch):
    def refuse(path, *at_most):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(files, "opened", refuse)
    with pytest.raises(UnreadableEntry, match=r"script\.zip cannot be read \(Permission denied\)"):
        read_pack(pack)

"""The store: what is written comes back, what is damaged is named, and nothing is ever half there."""

import json
import math
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reensayo import files
from reensayo.errors import InputError
from reensayo.spec import Trial
from reensayo.store import Store, block_files, read_checkpoint
from reensayo.store.trial_files import read_history, write_history
from small_work import WORK, map_
from stored import ARRAYS, HISTORY, TRIALS, checkpoint, write


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# ---------------------------------------------------------------- histories

CURVES = st.integers(0, 6).flatmap(
    lambda epochs: st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=8).filter(lambda name: name != "epoch"),
        st.lists(st.floats(), min_size=epochs, max_size=epochs),
        min_size=1,
        max_size=4,
    )
)


@given(CURVES)
def test_any_history_comes_back_bit_for_bit(curves):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.csv"
        write_history(path, {name: np.array(values, float) for name, values in curves.items()})
        found = read_history(path, path.read_bytes())
    assert list(found) == sorted(curves)
    for name, values in curves.items():
        assert np.array_equal(found[name], np.array(values, float), equal_nan=True)


def test_a_history_is_written_as_keras_writes_it(tmp_path):
    import keras

    history = {"val_loss": [0.5, 0.25], "loss": [0.1, 1 / 3]}
    write_history(tmp_path / "ours.csv", {name: np.array(values) for name, values in history.items()})
    logger = keras.callbacks.CSVLogger(str(tmp_path / "keras.csv"))
    logger.set_model(type("Model", (), {"stop_training": False})())
    logger.on_train_begin()
    for epoch in (0, 1):
        logger.on_epoch_end(epoch, {name: values[epoch] for name, values in history.items()})
    logger.on_train_end()
    ours, keras_own = ((tmp_path / name).read_text().splitlines() for name in ("ours.csv", "keras.csv"))
    assert ours == ["epoch,loss,val_loss", "0,0.1,0.5", "1,0.3333333333333333,0.25"]
    assert ours == keras_own


def test_float32_values_keep_their_bits(tmp_path):
    values = np.array([0.1, 1 / 3, 1e-40], np.float32)
    path = tmp_path / "h.csv"
    write_history(path, {"loss": values})
    assert np.array_equal(read_history(path, path.read_bytes())["loss"].astype(np.float32), values)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"loss\n0.1\n",
        b"epoch,loss\n0,0.1\n2,0.2\n",
        b"epoch,loss\n1,0.1\n",
        b"epoch,loss\n0,0.1\n1\n",
        b"epoch,loss\n0,0.1,0.2\n",
        b"epoch,loss\n0,abc\n",
        b"epoch,loss\n0,\n",
        b"epoch,loss\n0,\xff\n",
        b'epoch,loss\n0,"0.1\n',
    ],
)
def test_what_is_no_history_is_refused(content, tmp_path):
    with pytest.raises(InputError, match=r"h\.csv is damaged .*; move its folder elsewhere and run again"):
        read_history(tmp_path / "h.csv", content)


# ---------------------------------------------------------------- trials


def test_a_trial_comes_back(store):
    assert store.trials() == []
    assert store.trial(TRIALS[0].id) is None
    write(store)
    found = store.trial(TRIALS[0].id)
    assert (found.id, found.experiment, found.recipe, found.seed) == (TRIALS[0].id, "two.map", "script", 0)
    assert found.original == "small"
    assert (found.status, found.diverged, found.reduced, found.wall_s) == ("finished", None, False, 0.5)
    assert found.measures["x"] == 0.1
    assert math.isnan(found.measures["y"])
    assert dict(found.settings) == dict(TRIALS[0].recipe.settings)
    assert found.directory == (store.root / "trials" / TRIALS[0].id).resolve()
    for name, values in HISTORY.items():
        assert np.array_equal(found.history[name], values, equal_nan=True)
    for name, values in ARRAYS.items():
        assert found.arrays[name].dtype == values.dtype
        assert np.array_equal(found.arrays[name], values)


def test_trial_json_is_json_for_everyone(store):
    directory = write(store).directory
    about = json.loads((directory / "trial.json").read_text(), parse_constant=pytest.fail)
    assert about["measures"] == {"x": 0.1, "y": None}
    assert about["identity"] == TRIALS[0].identity


def test_trials_are_ordered_and_their_label_says_what_was_changed(store):
    changed, sound = map_.recipe("script").set({"epochs": 3}), map_.recipe("sound")
    for trial in (TRIALS[2], Trial(WORK, map_, changed, 0), TRIALS[0], Trial(WORK, map_, sound, 0)):
        write(store, trial)
    assert [(t.recipe, t.seed) for t in store.trials()] == [
        ("script", 0),
        ("script", 2),
        ("script+epochs=3", 0),
        ("sound", 0),
    ]


def test_works_with_the_same_ids_keep_apart(store):
    other = replace(TRIALS[0], original=replace(WORK, name="other"))
    write(store)
    write(store, other)
    assert [(trial.original, trial.id) for trial in store.trials()] == [
        ("other", other.id),
        ("small", TRIALS[0].id),
    ]
    blocks = [store.begin_block([trial]) for trial in (other, TRIALS[0])]
    assert {block.original: block for block in store.blocks()} == dict(zip(("other", "small"), blocks, strict=True))


def test_a_trial_that_is_there_stays_as_it_is(store):
    directory = write(store).directory
    before = contents(directory)
    assert write(store, history={"loss": np.array([7.0])}) is None
    assert contents(directory) == before
    assert [path.name for path in (store.root / "trials").iterdir()] == [TRIALS[0].id]


def test_the_model_is_part_of_the_trial(store):
    directory = write(store, save_model=lambda path: path.write_bytes(b"model")).directory
    assert (directory / "model.keras").read_bytes() == b"model"
    assert "model.keras" in json.loads((directory / "trial.json").read_text())["sha256"]


def test_whatever_fails_while_writing_leaves_nothing(store):
    with pytest.raises(RuntimeError, match="no model"):
        write(store, save_model=lambda path: (_ for _ in ()).throw(RuntimeError("no model")))
    assert list((store.root / "trials").iterdir()) == []
    assert store.trials() == []


def test_what_is_half_written_is_ignored_and_cleared_by_the_next_run(store, monkeypatch):
    write(store)
    block = store.begin_block(TRIALS[:2])
    left = [store.root / "trials" / "a", store.root / "blocks" / "b", block.checkpoint, store.root / "errors" / "c"]
    (store.root / "errors").mkdir()
    for path in left:
        with monkeypatch.context() as killed, files.draft_of(path) as draft:
            killed.setattr(files, "_remove", lambda path: None)
            draft.mkdir()
    assert [trial.id for trial in store.trials()] == [TRIALS[0].id]
    assert store.blocks() == [block]
    store.prepare()
    assert all(path.parent.exists() for path in left)
    assert len(list(store.root.rglob(".*"))) == len(left)  # this process may still be writing them
    monkeypatch.setattr(files, "_is_running", lambda process: False)
    store.prepare()
    assert list(store.root.rglob(".*")) == []


def test_a_directory_with_the_trials_name_but_no_trial_is_no_trial(store):
    (store.root / "trials" / TRIALS[0].id).mkdir(parents=True)
    assert store.trial(TRIALS[0].id) is None


def test_writers_at_the_same_time_leave_one_whole_trial(store):
    histories = [{"loss": np.full(50, float(i))} for i in range(16)]
    with ThreadPoolExecutor(16) as threads:
        written = list(threads.map(lambda history: write(store, history=history), histories))
    (only,) = [trial for trial in written if trial]
    assert len(only.history["loss"]) == 50
    assert [path.name for path in (store.root / "trials").iterdir()] == [TRIALS[0].id]


# ---------------------------------------------------------------- blocks and checkpoints


def test_a_block_keeps_its_members_until_it_ends(store):
    block = store.begin_block(TRIALS[1:3])
    assert store.blocks() == [block]
    assert (block.original, block.name, block.seeds) == ("small", "two.map@script", (1, 2))
    assert block.trials == (TRIALS[1].id, TRIALS[2].id)
    assert store.begin_block(TRIALS[1:3]) == block
    store.end_block(block)
    assert store.blocks() == []
    store.end_block(block)  # another process did


def test_a_checkpoint_comes_back_and_replaces_the_one_before(store):
    block = store.begin_block(TRIALS[:2])
    assert read_checkpoint(block) is None
    store.save_checkpoint(block, checkpoint(1))
    store.save_checkpoint(block, checkpoint(2, value=7.0))
    found = read_checkpoint(block)
    assert (found.epoch, found.step, found.seconds) == (2, 5, 1.5)
    assert np.array_equal(found.history, checkpoint(2, 7.0).history)
    assert len(found.state) == len(checkpoint().state)
    for ours, theirs in zip(found.state, checkpoint(2, 7.0).state, strict=True):
        assert ours.dtype == theirs.dtype
        assert np.array_equal(ours, theirs)
    assert sorted(path.name for path in block.directory.iterdir()) == ["block.json", "checkpoint.npz"]


def test_trials_under_way_have_the_epochs_behind_them(store):
    block = store.begin_block(TRIALS[:2])
    assert store.under_way() == []
    store.save_checkpoint(block, checkpoint(0))
    assert store.under_way() == []
    curves = np.arange(2 * 3 * 4, dtype=float).reshape(2, 3, 4)  # of two trials three epochs
    store.save_checkpoint(block, replace(checkpoint(3), history=curves))
    first, second = store.under_way()
    assert (first.id, first.experiment, first.recipe, first.seed) == (TRIALS[0].id, "two.map", "script", 0)
    assert (first.original, second.original) == ("small", "small")
    assert (second.seed, second.epochs) == (1, TRIALS[1].recipe.settings.epochs)
    assert list(second.history) == list(TRIALS[1].experiment.columns)
    np.testing.assert_array_equal(second.history["loss"], curves[1, :, 0])


def test_of_folds_under_way_the_mean_is_told(store):
    block = store.begin_block(TRIALS[:1])
    curves = np.arange(5 * 2 * 4, dtype=float).reshape(5, 2, 4)
    store.save_checkpoint(block, replace(checkpoint(2), history=curves))
    (found,) = store.under_way()
    np.testing.assert_array_equal(found.history["loss"], curves[:, :, 0].mean(axis=0))


def test_a_block_that_ends_while_it_is_read_is_gone_and_not_damaged(store, monkeypatch):
    block = store.begin_block(TRIALS[:2])
    read_json = block_files.read_json
    monkeypatch.setattr(block_files, "read_json", lambda path: store.end_block(block) or read_json(path))
    assert store.blocks() == []
    assert read_checkpoint(block) is None
    assert list((store.root / "blocks").iterdir()) == []


def test_a_checkpoint_of_a_block_that_another_process_ended_is_dropped(store):
    block = store.begin_block(TRIALS[:2])
    store.end_block(block)
    store.save_checkpoint(block, checkpoint())
    assert store.blocks() == []
    assert not block.directory.exists()


# ---------------------------------------------------------------- the folder


def test_prepare_makes_the_folder_and_leaves_nothing_in_it(store):
    store.prepare()
    assert list(store.root.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(
        InputError, match=r"cannot write to .*file/runs \(Not a directory\); name another folder with --store"
    ):
        Store(tmp_path / "file" / "runs").prepare()


def test_the_story_of_a_failure_is_kept(store):
    path = store.write_error(TRIALS[0], "Traceback: ñ")
    assert path.read_text("utf-8") == "Traceback: ñ"
    assert path.stem == TRIALS[0].id
    assert store.trials() == []

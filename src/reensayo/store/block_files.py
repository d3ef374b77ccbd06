"""The files of a block under way: which trials it trains side by side, and where they stand.

A checkpoint carries the checksum of what is in it and of whose it is: training that resumes from anything else would
give other results under the same name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import msgspec

from reensayo import files
from reensayo.spec import canonical_json
from reensayo.store.trial_files import CHECKSUM, Seed, damaged, read_json, reading

if TYPE_CHECKING:
    import numpy as np

LARGEST_CHECKPOINT = 64 * 2**30


@dataclass(frozen=True)
class Checkpoint:
    """A block in the middle of its training: everything needed to resume with the same bits.

    ``epoch`` epochs are finished, and ``step`` full steps of the next one.
    """

    epoch: int
    step: int
    history: np.ndarray  # (seeds times folds, epochs finished, columns)
    state: Sequence[np.ndarray]  # the leaves of the training state, each with the seeds times folds first
    seconds: float  # of training so far


@dataclass(frozen=True)
class UnderWay:
    """A trial in the middle of its training: the first epochs of as many as ``epochs``."""

    id: str
    experiment: str
    recipe: str
    seed: int
    epochs: int
    history: Mapping[str, np.ndarray]
    original: str = ""


@dataclass(frozen=True)
class StoredBlock:
    """Trials of one recipe that were begun side by side and are not all stored yet, as block.json has them.

    ``name`` is ``exercise.network@recipe``, ``original`` the name of theirs, ``epochs`` how many they are to have,
    ``columns`` what each of them gives. A block may be from before the last three were written down.
    """

    name: str
    trials: tuple[str, ...]
    seeds: tuple[Seed, ...]
    directory: Path
    original: str = ""
    epochs: int = 0
    columns: tuple[str, ...] = ()

    @property
    def checkpoint(self) -> Path:
        """The file that says where it stands."""
        return self.directory / "checkpoint.npz"


def read_block(directory: Path) -> StoredBlock:
    """The block in a directory; raises UnreadableEntry where block.json cannot be read, or is damaged."""
    path = directory / "block.json"
    with reading(path):
        block = msgspec.convert({**read_json(path), "directory": directory}, StoredBlock)
        if not block.seeds or len(block.trials) != len(block.seeds):
            raise ValueError(f"{len(block.seeds)} seeds of {len(block.trials)} trials")
    return block


def write_checkpoint(file: IO[bytes], block: StoredBlock, checkpoint: Checkpoint) -> None:
    """Write a block's checkpoint into an open file."""
    import numpy as np

    state = {f"state{index:04d}": leaf for index, leaf in enumerate(checkpoint.state)}
    position, seconds = np.array([checkpoint.epoch, checkpoint.step]), np.array(checkpoint.seconds)
    arrays = {"position": position, "history": checkpoint.history, "seconds": seconds, **state}
    np.savez(file, sum=np.array(_sum(block, arrays)), **arrays)  # type: ignore[arg-type]


def read_checkpoint(block: StoredBlock) -> Checkpoint | None:
    """Where a block stands; None before its first checkpoint, and where that is from before checkpoints had sums.

    Raises UnreadableEntry where it cannot be read, or is not what was written for this block.
    """
    import numpy as np

    path = block.checkpoint
    with reading(path), suppress(FileNotFoundError), files.opened(path, LARGEST_CHECKPOINT) as file:
        files.check_unpacked_size(file, LARGEST_CHECKPOINT)
        with np.load(file) as stored:
            if "sum" not in stored:
                return None
            arrays = dict(stored)
        if str(arrays.pop("sum")) != _sum(block, arrays):
            raise damaged(path, CHECKSUM)
        epoch, step = map(int, arrays["position"])
        state = [arrays[name] for name in sorted(arrays) if name.startswith("state")]
        return Checkpoint(epoch, step, arrays["history"], state, float(arrays["seconds"]))
    return None


def under_way(block: StoredBlock) -> list[UnderWay]:
    """The block's trials, each with the mean of its folds so far; none before the first epoch is finished.

    Raises UnreadableEntry where the checkpoint cannot be read or believed, or has other curves than the block gives.
    """
    with reading(block.checkpoint):
        checkpoint = read_checkpoint(block)
        if checkpoint is None or not block.columns or not checkpoint.history.shape[1]:
            return []
        shape = len(block.seeds), -1, checkpoint.history.shape[1], len(block.columns)
        curves = checkpoint.history.reshape(shape).mean(axis=1)
    experiment, _, recipe = block.name.partition("@")
    histories = [dict(zip(block.columns, columns.T, strict=True)) for columns in curves]
    return [
        UnderWay(trial, experiment, recipe, seed, block.epochs, history, block.original)
        for trial, seed, history in zip(block.trials, block.seeds, histories, strict=True)
    ]


def _sum(block: StoredBlock, arrays: Mapping[str, np.ndarray]) -> str:
    """SHA-256 of the block's trials and of every array, its name, type and shape."""
    import numpy as np

    found = hashlib.sha256(canonical_json(block.trials).encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        found.update(canonical_json([name, array.dtype.str, arrays[name].shape]).encode())
        found.update(array.reshape(-1).view(np.uint8).data)
    return found.hexdigest()

"""Packs: the trials of one recipe in one small file, as they lie in a store but for what nobody reads of them.

    ex.network@recipe.zip/ex.network@recipe-s0-4f1c0a9b2d/              trial.json  history.csv  [arrays.npz]
    ex.network@recipe.zip/perturbed/ex.network@recipe-s0-4f1c0a9b2d/    trial.json  history.csv

There is no model, and of the arrays those that figures show. ``perturbed`` is seed 0 once more, from weights that
differ in their last bits: how far it comes from the first is what rounding explains. What is in a pack is checked like
what is in a store; a pack is believed as a whole or not at all.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from reensayo import files
from reensayo.store.trial_files import StoredTrial, UnreadableEntry, as_json, read_trial, reading

if TYPE_CHECKING:
    import numpy as np

PERTURBED = "perturbed"


class Pack(NamedTuple):
    """The trials of a recipe, by seed, and those whose weights were perturbed as they began."""

    trials: tuple[StoredTrial, ...]
    perturbed: tuple[StoredTrial, ...] = ()


def read_pack(path: Path) -> Pack:
    """What is in a pack, its histories held against their sums; raises UnreadableEntry."""
    try:
        with reading(path), files.opened(path) as file, zipfile.ZipFile(file) as archive:

            def read(member: Path, at_most: int) -> bytes:
                return files.unpacked(archive, member.relative_to(path).as_posix(), at_most)

            folders = [(path / name).parent for name in archive.namelist() if name.endswith("/trial.json")]
            trials = sorted((read_trial(f, ("history.csv",), read) for f in folders), key=lambda trial: trial.seed)
    except UnreadableEntry as error:
        raise UnreadableEntry(path, error.message) from None
    ordinary = (trial for trial in trials if trial.directory.parent == path)
    return Pack(tuple(ordinary), tuple(trial for trial in trials if trial.directory.parent.name == PERTURBED))


def write_pack(path: Path, pack: Pack, kept: Mapping[str, Mapping[str, np.ndarray]]) -> None:
    """Write a pack in one step, with the arrays that are ``kept`` of each trial, by its name."""
    contents: dict[str, bytes] = {}
    for trial in pack.trials:
        contents |= _files(trial.id, trial, kept.get(trial.id, {}))
    for trial in pack.perturbed:
        contents |= _files(f"{PERTURBED}/{trial.id}", trial, {})
    path.parent.mkdir(exist_ok=True)
    files.write_whole(path, files.packed(contents))


def _files(folder: str, trial: StoredTrial, arrays: Mapping[str, np.ndarray]) -> Iterable[tuple[str, bytes]]:
    import numpy as np

    found = {"history.csv": trial.content("history.csv")}
    if arrays:
        buffer = io.BytesIO()
        np.savez(buffer, **dict(sorted(arrays.items())))  # type: ignore[arg-type]  # the pack compresses them
        found["arrays.npz"] = buffer.getvalue()
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in found.items()}
    about = {name: value for name, value in trial.about.items() if name != "sum"}
    found["trial.json"] = as_json(about | {"sha256": sums})
    return [(f"{folder}/{name}", content) for name, content in found.items()]

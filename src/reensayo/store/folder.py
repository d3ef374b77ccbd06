"""The folder of a store: what is in it, and how trials, blocks and errors get into it and out again."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from reensayo import files
from reensayo.errors import InputError, RunFailed
from reensayo.spec import Trial, digest, finite
from reensayo.store.block_files import Checkpoint, StoredBlock, UnderWay, read_block, under_way, write_checkpoint
from reensayo.store.trial_files import StoredTrial, UnreadableEntry, as_json, cannot_read, read_trial, write_history
from reensayo.text import Text

if TYPE_CHECKING:
    import numpy as np

Entry = TypeVar("Entry")

USUAL = Path("runs")  # where results are unless another folder is named
HISTORY = ("history.csv",)
"""What of a trial is held against its sum wherever trials are listed, beside trial.json: every verdict rests on it."""
FOR_FIGURES = (*HISTORY, "arrays.npz")  # likewise where figures are to be drawn


@dataclass(frozen=True)
class Store:
    """One folder of results; whatever writes to it raises StoreFailed where the disk does not take it."""

    root: Path

    def prepare(self) -> None:
        """Make the folder and clear what killed processes left; raises InputError where it cannot be written to."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=self.root).close()
        except OSError as error:
            words = Text(es="{reason}; use --store para otra carpeta", en="{reason}; name another folder with --store")
            raise InputError(words.format(reason=files.cannot_write(self.root, error))) from None
        for folder in (*map(self.root.joinpath, ("trials", "blocks", "errors")), *_folders(self.root / "blocks")):
            files.clear_drafts(folder)

    # ------------------------------------------------------------ trials

    def trials(
        self, unreadable: list[UnreadableEntry] | None = None, check: Collection[str] | None = HISTORY
    ) -> list[StoredTrial]:
        """Every finished trial, ordered by original, experiment, recipe and seed.

        ``unreadable`` gets every folder that cannot be read or believed; without it the first one is raised, as always
        where the folder of trials itself cannot be read. The files named in ``check``, or with None all, are held
        against their sums already here.
        """
        found = _each(self.root / "trials", lambda directory: read_trial(directory, check), unreadable)
        return sorted(found, key=lambda t: (t.original, t.experiment, t.recipe, t.reduced, t.seed))

    def trial(self, trial_id: str) -> StoredTrial | None:
        """One finished trial, None without it or where its folder is empty; raises UnreadableEntry."""
        directory = self.root / "trials" / trial_id
        try:
            if not any(directory.iterdir()):
                return None
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR) and not os.path.lexists(directory):
                return None
            raise cannot_read(directory / "trial.json", error) from None
        return read_trial(directory, HISTORY)

    def write_trial(
        self,
        trial: Trial,
        about: Mapping[str, Any],
        history: Mapping[str, Sequence[float] | np.ndarray],
        arrays: Mapping[str, np.ndarray],
        save_model: Callable[[Path], None] | None = None,
    ) -> StoredTrial | None:
        """Store one trial, whole or not at all; None where something is in its place already, which stays as it is."""
        import numpy as np

        target = self.root / "trials" / trial.id
        with _disk(self.root), files.draft_of(target) as directory:
            directory.mkdir(parents=True)
            write_history(directory / "history.csv", history)
            np.savez_compressed(directory / "arrays.npz", **arrays)  # type: ignore[arg-type]
            if save_model:
                save_model(directory / "model.keras")
            sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(directory.iterdir())}
            content = finite({"id": trial.id, "identity": trial.identity, **about, "sha256": sums})
            is_ours = _placed(directory, target, "trial.json", content)
        with suppress(OSError):  # it is told of a failure that is no longer there
            self._error(trial).unlink(missing_ok=True)
        return read_trial(target) if is_ours else None

    # ------------------------------------------------------------ blocks

    def blocks(self, unreadable: list[UnreadableEntry] | None = None) -> list[StoredBlock]:
        """Every block that was begun and is not finished; ``unreadable`` as in ``trials``."""
        return _each(self.root / "blocks", read_block, unreadable)

    def begin_block(self, trials: Sequence[Trial]) -> StoredBlock:
        """Write down which trials run side by side, so that a resumed block has the same members."""
        first, members = trials[0], [trial.id for trial in trials]
        content = {
            "original": first.original.name,
            "name": f"{first.experiment.id}@{first.recipe.label}",
            "trials": members,
            "seeds": [trial.seed for trial in trials],
            "epochs": first.recipe.settings["epochs"],
            "columns": list(first.experiment.columns),
        }
        target = self.root / "blocks" / digest(members)[:10]
        with _disk(self.root), files.draft_of(target) as directory:
            directory.mkdir(parents=True)
            _placed(directory, target, "block.json", content)
        return read_block(target)

    def save_checkpoint(self, block: StoredBlock, checkpoint: Checkpoint) -> None:
        """Replace the block's checkpoint in one step; that of a block which another process has ended is dropped."""
        with _disk(self.root):
            try:
                with files.replaced(block.checkpoint) as file:
                    write_checkpoint(file, block, checkpoint)
            except FileNotFoundError:
                if block.directory.exists():
                    raise

    def under_way(self, unreadable: list[UnreadableEntry] | None = None) -> list[UnderWay]:
        """The trials of every block that has come through its first epoch; ``unreadable`` as in ``trials``."""
        found = _each(self.root / "blocks", lambda directory: under_way(read_block(directory)), unreadable)
        return [trial for of_block in found for trial in of_block]

    def end_block(self, block: StoredBlock) -> None:
        """Forget a block whose trials are all stored, at once for whoever reads; another process may do the same."""
        with files.draft_of(block.directory) as away, suppress(OSError):
            block.directory.rename(away)

    def write_error(self, trial: Trial, story: str) -> Path | None:
        """Keep the whole story of a block that could not be run, under its first trial's name; None if disks refuse."""
        path = self._error(trial)
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            files.write_whole(path, story.encode("utf-8", "backslashreplace"))
            return path
        return None

    def _error(self, trial: Trial) -> Path:
        return self.root / "errors" / f"{trial.id}.txt"


# ---------------------------------------------------------------- reading


def _each(folder: Path, read: Callable[[Path], Entry], unreadable: list[UnreadableEntry] | None) -> list[Entry]:
    """What ``read`` makes of every visible folder in a folder, by name."""
    found = []
    for directory in _folders(folder):
        try:
            found.append(read(directory))
        except UnreadableEntry as error:
            if not os.path.lexists(directory):  # another process has ended its block meanwhile
                continue
            if unreadable is None:
                raise
            unreadable.append(error)
    return found


def _folders(folder: Path) -> list[Path]:
    """Every visible folder in a folder, links that should lead to one included; none where it is absent."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(e.name for e in entries if e.name[0] != "." and (e.is_symlink() or e.is_dir()))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise cannot_read(folder, error) from None
    return [folder / name for name in names]


# ---------------------------------------------------------------- writing


class StoreFailed(RunFailed):
    """The store's disk takes no more, for the ``reason`` given; whatever is trained now could not be kept."""

    def __init__(self, reason: Text) -> None:
        words = Text(
            es="{reason}; lo guardado se conserva y la misma orden sigue desde ahí",
            en="{reason}; what is stored is kept, and the same command resumes from there",
        )
        super().__init__(words.format(reason=reason))
        self.reason = reason


@contextmanager
def _disk(root: Path) -> Iterator[None]:
    """Raise StoreFailed, which says what folder cannot be written to, in place of an OSError."""
    try:
        yield
    except OSError as error:
        raise StoreFailed(files.cannot_write(root.resolve(), error)) from error


def _placed(draft: Path, target: Path, file: str, content: Mapping[str, Any]) -> bool:
    """Give a directory its name once all of it, and what it is, is on the disk; False where that is taken already."""
    (draft / file).write_bytes(as_json(content))
    for path in (*draft.iterdir(), draft):
        files.flush(path)
    try:
        with suppress(OSError):
            target.rmdir()  # an empty folder is no obstacle; Windows would not rename onto it
        draft.rename(target)
    except OSError:
        if not os.path.lexists(target):
            raise
        return False
    files.flush(target.parent)
    return True

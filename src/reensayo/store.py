"""The store: a directory a trial, a directory an unfinished block. No database; the directories are the truth.

    runs/trials/ex08.conv@script-s0-4f1c0a9b2d/    trial.json  history.csv  arrays.npz  [model.keras]
    runs/blocks/1b2c3d4e5f/                        block.json  checkpoint.npz
    runs/errors/ex08.conv@script-s0-4f1c0a9b2d.txt why a block could not be run

Everything is written under a temporary name and renamed when whole, so a reader never sees half a trial and a kill
leaves nothing that must be repaired.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import os
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from reensayo.errors import InputError
from reensayo.spec import Trial, digest, finite
from reensayo.text import Text

if TYPE_CHECKING:
    import numpy as np

USUAL = Path("runs")
"""Where results are unless another folder is named."""


@dataclass(frozen=True)
class Checkpoint:
    """A block in the middle of its training: everything needed to go on with the same bits.

    ``epoch`` epochs are finished, and ``step`` full steps of the next one.
    """

    epoch: int
    step: int
    history: np.ndarray  # (seeds times folds, epochs finished, columns)
    state: Sequence[np.ndarray]  # the leaves of the training state, each with the seeds times folds first
    seconds: float  # of training so far


@dataclass(frozen=True)
class StoredTrial:
    """A finished trial as it lies in the store; history and arrays are read when asked for.

    ``recipe`` is the label, ``script`` or ``script+epochs=3``; ``diverged`` the epoch (from 1) whose loss was not
    finite; ``about`` everything in trial.json.
    """

    id: str
    experiment: str
    recipe: str
    seed: int
    reduced: bool
    status: str
    diverged: int | None
    wall_s: float
    measures: Mapping[str, float]
    directory: Path
    about: Mapping[str, Any]

    @property
    def settings(self) -> Mapping[str, Any]:
        settings: Mapping[str, Any] = self.about["identity"]["settings"]
        return settings

    @property
    def block(self) -> tuple[int, ...]:
        """The seeds that were trained side by side with this one, itself included."""
        return tuple(self.about.get("layout", {}).get("seeds", (self.seed,)))

    @cached_property
    def history(self) -> dict[str, np.ndarray]:
        """Metric -> array with one value an epoch.

        Raises:
            InputError: the file is not what was stored.
        """
        return read_history(self.directory / "history.csv", self._content("history.csv"))

    @cached_property
    def arrays(self) -> dict[str, np.ndarray]:
        """What ``evaluate`` kept for figures.

        Raises:
            InputError: the file is not what was stored.
        """
        import numpy as np

        content = io.BytesIO(self._content("arrays.npz"))
        with _whole(self.directory / "arrays.npz"), np.load(content) as stored:
            return dict(stored)

    def _content(self, name: str) -> bytes:
        """The bytes of one of the trial's files, as they were stored."""
        path = self.directory / name
        with _whole(path):
            content = path.read_bytes()
        if self.about.get("sha256", {}).get(name) != hashlib.sha256(content).hexdigest():
            raise _damaged(path, "SHA-256")
        return content


@dataclass(frozen=True)
class StoredBlock:
    """Trials of one recipe that were begun side by side and are not all stored yet; ``name`` is ``ex05.map@script``.

    ``epochs`` is how many they are to have, ``columns`` what each of them gives.
    """

    name: str
    trials: tuple[str, ...]
    seeds: tuple[int, ...]
    epochs: int
    columns: tuple[str, ...]
    directory: Path


@dataclass(frozen=True)
class UnderWay:
    """A trial in the middle of its training: the first epochs of as many as ``epochs``."""

    id: str
    experiment: str
    recipe: str
    seed: int
    epochs: int
    history: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Store:
    """One folder of results."""

    root: Path

    def prepare(self) -> None:
        """Make the folder and see that it can be written to.

        Raises:
            InputError: it cannot.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=self.root).close()
        except OSError as error:
            raise InputError(
                Text(
                    es="no se puede escribir en {path} ({reason}); use --store para otra carpeta",
                    en="cannot write to {path} ({reason}); name another folder with --store",
                ).format(path=self.root, reason=error.strerror)
            ) from None

    # ------------------------------------------------------------ trials

    def trials(self) -> list[StoredTrial]:
        """Every finished trial, ordered by experiment, recipe and seed."""
        found = (read_trial(path.parent) for path in (self.root / "trials").glob("[!.]*/trial.json"))
        return sorted(found, key=lambda t: (t.experiment, t.recipe, t.reduced, t.seed))

    def trial(self, trial_id: str) -> StoredTrial | None:
        """One finished trial, if it is there."""
        directory = self.root / "trials" / trial_id
        return read_trial(directory) if (directory / "trial.json").exists() else None

    def write_trial(
        self,
        trial: Trial,
        about: Mapping[str, Any],
        history: Mapping[str, Sequence[float] | np.ndarray],
        arrays: Mapping[str, np.ndarray],
        save_model: Callable[[Path], None] | None,
    ) -> StoredTrial:
        """Store one trial, whole or not at all; a trial that is already there stays as it is."""
        import numpy as np

        target = self.root / "trials" / trial.id
        with _written_whole(target) as directory:
            write_history(directory / "history.csv", history)
            np.savez_compressed(directory / "arrays.npz", **arrays)  # type: ignore[arg-type]
            if save_model:
                save_model(directory / "model.keras")
            sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(directory.iterdir())}
            content = {"id": trial.id, "identity": trial.identity, **about, "sha256": sums}
            (directory / "trial.json").write_text(json.dumps(finite(content), indent=1, ensure_ascii=False), "utf-8")
        return read_trial(target)

    # ------------------------------------------------------------ blocks

    def blocks(self) -> list[StoredBlock]:
        """Every block that was begun and is not finished."""
        found = []
        for path in sorted((self.root / "blocks").glob("[!.]*/block.json")):
            with _unless_gone(path):
                found.append(_read_block(path.parent))
        return found

    def begin_block(self, trials: Sequence[Trial]) -> StoredBlock:
        """Write down which trials run side by side, so that a resumed block has the same members."""
        members = [trial.id for trial in trials]
        first = trials[0]
        content = {
            "name": f"{first.experiment.id}@{first.recipe.label}",
            "trials": members,
            "seeds": [trial.seed for trial in trials],
            "epochs": first.recipe.settings["epochs"],
            "columns": list(first.experiment.columns),
        }
        target = self.root / "blocks" / digest(members)[:10]
        with _written_whole(target) as directory:
            (directory / "block.json").write_text(json.dumps(content, indent=1), "utf-8")
        return _read_block(target)

    def save_checkpoint(self, block: StoredBlock, checkpoint: Checkpoint) -> None:
        """Replace the block's checkpoint in one step."""
        import numpy as np

        leaves = {f"state{index:04d}": leaf for index, leaf in enumerate(checkpoint.state)}
        written = None
        try:
            with tempfile.NamedTemporaryFile(dir=block.directory, prefix=".", suffix=".npz", delete=False) as file:
                written = Path(file.name)
                np.savez(
                    file,
                    position=np.array([checkpoint.epoch, checkpoint.step]),
                    history=checkpoint.history,
                    seconds=np.array(checkpoint.seconds),
                    **leaves,  # type: ignore[arg-type]
                )
            written.replace(block.directory / "checkpoint.npz")
        except FileNotFoundError:
            if block.directory.exists():  # else another process has run the same block to its end
                raise
        finally:
            if written:  # by a full disk, in part
                written.unlink(missing_ok=True)

    def checkpoint(self, block: StoredBlock) -> Checkpoint | None:
        """Where the block stands; None before its first checkpoint.

        Raises:
            InputError: the checkpoint cannot be read.
        """
        with _opened_checkpoint(block) as stored:
            if stored is None:
                return None
            epoch, step = map(int, stored["position"])
            state = [stored[name] for name in sorted(stored) if name.startswith("state")]
            return Checkpoint(epoch, step, stored["history"], state, float(stored["seconds"]))

    def epochs_done(self, block: StoredBlock) -> int:
        """How many epochs the block's checkpoint has behind it, without reading the rest of it.

        Raises:
            InputError: the checkpoint cannot be read.
        """
        with _opened_checkpoint(block) as stored:
            return int(stored["position"][0]) if stored else 0

    def under_way(self) -> list[UnderWay]:
        """The trials of every block that has come through its first epoch, each with the mean of its folds.

        Raises:
            InputError: a checkpoint cannot be read.
        """
        found = []
        for block in self.blocks():
            with _opened_checkpoint(block) as stored:
                history = stored["history"] if stored else None
            if history is None or not history.shape[1] or len(block.columns) != history.shape[2]:
                continue
            experiment, _, recipe = block.name.partition("@")
            rows = history.reshape(len(block.seeds), -1, *history.shape[1:]).mean(axis=1)
            for trial, seed, curves in zip(block.trials, block.seeds, rows, strict=True):
                columns = dict(zip(block.columns, curves.T, strict=True))
                found.append(UnderWay(trial, experiment, recipe, seed, block.epochs, columns))
        return found

    def end_block(self, block: StoredBlock) -> None:
        """Forget a block whose trials are all stored, at once for whoever reads; another process may do the same."""
        away = block.directory.with_name(f".{block.directory.name}-{os.getpid()}")
        with suppress(FileNotFoundError):
            block.directory.rename(away)
        shutil.rmtree(away, ignore_errors=True)

    # ------------------------------------------------------------ errors

    def write_error(self, trial: Trial, story: str) -> Path:
        """Keep the whole story of a block that could not be run, under its first trial's name, if the disk lets us."""
        path = self.root / "errors" / f"{trial.id}.txt"
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(story, "utf-8")
        return path


# ---------------------------------------------------------------- files


NUMBER = (float, int, type(None))
"""What a number is in a stored file: NaN is null."""


def read_trial(directory: Path) -> StoredTrial:
    """The trial in a directory.

    Raises:
        InputError: trial.json is damaged or lacks an entry.
    """
    about = _read_json(directory / "trial.json")
    try:
        identity, measures = about["identity"], about["measures"]
        return StoredTrial(
            id=_entry(about, "id", str),
            experiment=_entry(identity, "experiment", str),
            recipe=_entry(identity, "recipe", str),
            seed=_entry(identity, "seed", int),
            reduced=_entry(identity, "reduced", bool),
            status=_entry(about, "status", str),
            diverged=_entry(about, "diverged_epoch", int, type(None)),
            wall_s=_entry(about, "wall_s", float, int),
            measures={n: math.nan if _entry(measures, n, *NUMBER) is None else measures[n] for n in measures},
            directory=directory.resolve(),
            about=about,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise _damaged(directory / "trial.json", str(error)) from None


def _read_block(directory: Path) -> StoredBlock:
    about = _read_json(directory / "block.json")
    try:
        about = {"epochs": 0, "columns": [], **about}  # a block may be from before these were written down
        trials, seeds = (_entry(about, name, list) for name in ("trials", "seeds"))
        if not seeds or len(trials) != len(seeds) or not all(isinstance(seed, int) for seed in seeds):
            raise TypeError(f"seeds: {seeds!r} of {len(trials)} trials")
        return StoredBlock(
            _entry(about, "name", str),
            tuple(trials),
            tuple(seeds),
            _entry(about, "epochs", int),
            tuple(_entry(about, "columns", list)),
            directory,
        )
    except (KeyError, TypeError) as error:
        raise _damaged(directory / "block.json", str(error)) from None


def _entry(about: Mapping[str, Any], name: str, *kinds: type) -> Any:
    """An entry of a stored file that is what it should be.

    Raises:
        KeyError, TypeError: it is missing, or something else.
    """
    if not isinstance(about[name], kinds):
        raise TypeError(f"{name}: {about[name]!r}")
    return about[name]


def write_history(path: Path, history: Mapping[str, Sequence[float] | np.ndarray]) -> None:
    """As Keras's CSVLogger writes it: epoch from 0, columns in alphabetical order, full float representation."""
    names = sorted(history)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["epoch", *names])
        for epoch, values in enumerate(zip(*(history[name] for name in names), strict=True)):
            writer.writerow([epoch, *(repr(float(value)) for value in values)])


def read_history(path: Path, content: bytes | None = None) -> dict[str, np.ndarray]:
    """Metric -> float64 array, one value an epoch; ``content`` is that of the file, if it was read already.

    Raises:
        InputError: the file is not a history.
    """
    import numpy as np

    with _whole(path):
        text = (path.read_bytes() if content is None else content).decode("utf-8")
        header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        values = np.array(rows, float).reshape(len(rows), len(header))
        if header[0] != "epoch" or not np.array_equal(values[:, 0], np.arange(len(rows))):
            raise ValueError("no column 'epoch' counting from 0")
    return dict(zip(header[1:], values.T[1:], strict=True))


@contextmanager
def _written_whole(target: Path) -> Iterator[Path]:
    """A temporary directory that becomes ``target`` when everything in it is written; if that exists, it stays."""
    target.parent.mkdir(parents=True, exist_ok=True)
    directory = Path(tempfile.mkdtemp(dir=target.parent, prefix="."))
    directory.chmod(0o755)
    try:
        yield directory
        try:
            if not target.exists():
                directory.rename(target)
        except OSError:  # another process was faster
            if not target.exists():
                raise
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _read_json(path: Path) -> Any:
    with _whole(path):
        return json.loads(path.read_bytes())


@contextmanager
def _whole(path: Path) -> Iterator[None]:
    """Whatever reading a stored file raises means that it is damaged.

    Raises:
        InputError: in its place.
    """
    try:
        yield
    except (OSError, ValueError, KeyError, IndexError, EOFError, csv.Error, BadZipFile, zlib.error) as error:
        raise _damaged(path, f"{type(error).__name__}: {error}") from None


@contextmanager
def _unless_gone(path: Path) -> Iterator[None]:
    """What cannot be read because another process has ended its block meanwhile is passed over."""
    try:
        yield
    except InputError:
        if path.exists():
            raise


@contextmanager
def _opened_checkpoint(block: StoredBlock) -> Iterator[Mapping[str, np.ndarray] | None]:
    """The arrays of a block's checkpoint, each read when it is asked for; None where there is none.

    Raises:
        InputError: the checkpoint cannot be read.
    """
    path = block.directory / "checkpoint.npz"
    try:
        file = path.open("rb")
    except FileNotFoundError:
        yield None
        return
    import numpy as np

    with file, _whole(path), np.load(file) as stored:
        yield stored


def _damaged(path: Path, reason: str) -> InputError:
    return InputError(
        Text(
            es="{path} está dañado ({reason}); borre esa carpeta y vuelva a ejecutar",
            en="{path} is damaged ({reason}); remove that folder and run again",
        ).format(path=path, reason=reason)
    )

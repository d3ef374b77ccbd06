"""A stored trial's files: what they must look like, and why one is not believed.

trial.json has one form, which is checked as it is read, and everything in it is tied together: the folder is called
like the trial, the trial's name follows from what determines its result, the other files have their SHA-256 in it,
and all of it has a sum. Trials from before there was a sum are read without.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import msgspec

from reensayo import files
from reensayo.errors import InputError
from reensayo.spec import digest, trial_id
from reensayo.text import Text

if TYPE_CHECKING:
    import numpy as np

LARGEST_JSON = 16 * 2**20

Seed = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
Epoch = Annotated[int, msgspec.Meta(ge=1, lt=2**31)]


class Lacking(KeyError):
    """A trial is from before its experiment measured, or kept, what is asked for."""


class Kept(dict[str, Any]):
    """What a trial measured, or kept for figures, by name."""

    def __missing__(self, name: str) -> NoReturn:
        raise Lacking(name)


@dataclass(frozen=True)
class StoredTrial:
    """A finished trial as it lies in a store or in a pack; files other than trial.json are read when asked for.

    ``recipe`` is the label, ``script`` or ``script+epochs=3``; ``block`` the seeds trained side by side, its own
    included; ``diverged`` the epoch (from 1) whose loss was not finite; ``about`` everything in trial.json, ``sum`` the
    SHA-256 of that, and so, through the sums in it, of all; ``original`` is empty where the trial is older than that.
    """

    id: str
    experiment: str
    recipe: str
    seed: int
    reduced: bool
    settings: Mapping[str, bool | int | float | str]
    block: tuple[int, ...]
    status: Literal["finished", "diverged"]
    diverged: int | None
    wall_s: float
    measured: Mapping[str, float | None]  # None is NaN
    sha256: Mapping[str, str]
    directory: Path
    about: Mapping[str, Any]
    sum: str
    original: str
    hardware: Mapping[str, str | int]
    versions: Mapping[str, str]
    finished: str
    same_as: str | None
    commit: str | None
    at_hand: dict[str, bytes] = field(default_factory=dict, repr=False, compare=False)  # files that were read already

    @cached_property
    def measures(self) -> Mapping[str, float]:
        """What was measured after training, else Lacking."""
        return Kept((name, math.nan if value is None else value) for name, value in self.measured.items())

    @cached_property
    def history(self) -> dict[str, np.ndarray]:
        """Metric -> array with one value an epoch, else Lacking; UnreadableEntry where it is not what was stored."""
        return read_history(self.directory / "history.csv", self.content("history.csv"))

    @cached_property
    def arrays(self) -> Mapping[str, np.ndarray]:
        """What ``evaluate`` kept for figures, else Lacking; UnreadableEntry where the file is not what was stored."""
        import numpy as np

        if "arrays.npz" not in self.sha256:  # packed, and no figure needs any
            return Kept()
        content = io.BytesIO(self.content("arrays.npz"))
        with reading(self.directory / "arrays.npz"):
            files.check_unpacked_size(content)
            with np.load(content) as stored:
                return Kept(stored)

    def content(self, name: str, read: Callable[[Path, int], bytes] = files.read_bytes) -> bytes:
        """The bytes of one of the trial's files, as they were stored."""
        if name in self.at_hand:
            return self.at_hand[name]
        path = self.directory / name
        with reading(path):
            content = read(path, files.LARGEST)
        if self.sha256.get(name) != hashlib.sha256(content).hexdigest():
            raise damaged(path, CHECKSUM)
        return content


class _Identity(msgspec.Struct):
    """Of what determines a trial's result, what is asked for."""

    experiment: str
    recipe: str
    seed: Seed
    reduced: bool
    settings: dict[str, bool | int | float | str]
    original: str = ""


class _Layout(msgspec.Struct, frozen=True):
    seeds: tuple[Seed, ...] = ()


class _Form(msgspec.Struct):
    """What trial.json must say."""

    id: str
    identity: _Identity
    status: Literal["finished", "diverged"]
    diverged: Epoch | None = msgspec.field(name="diverged_epoch")
    wall_s: float
    measured: dict[str, float | None] = msgspec.field(name="measures")
    sha256: dict[str, str]
    layout: _Layout = _Layout()
    hardware: dict[str, str | int] = {}
    versions: dict[str, str] = {}
    finished: str = ""
    same_as: str | None = None
    commit: str | None = None


def read_trial(
    directory: Path, check: Collection[str] | None = (), read: Callable[[Path, int], bytes] = files.read_bytes
) -> StoredTrial:
    """The trial in a directory, its files named in ``check`` held against their sums; raises UnreadableEntry.

    ``read`` is how the bytes of its files are read, at most so many.
    """
    path = directory / "trial.json"
    with reading(path):
        about = read_json(path, read)
        said = msgspec.structs.asdict(msgspec.convert(about, _Form))
    identity, layout = msgspec.structs.asdict(said.pop("identity")), said.pop("layout")
    trial = StoredTrial(
        **identity,
        **said,
        block=layout.seeds or (identity["seed"],),
        directory=directory,
        about=about,
        sum=about.get("sum") or checksum(about),
    )
    if trial.id != trial_id(about["identity"]):
        words = Text(es="{id} no es el nombre de su contenido", en="{id} is not the name of what is in it")
        raise damaged(path, words.format(id=trial.id))
    if directory.name != trial.id:
        words = Text(
            es="{directory} guarda {id}: si es una copia, muévala a otro lugar; si cambió de nombre, devuélvaselo",
            en="{directory} holds {id}: if it is a copy, move it elsewhere; if it was renamed, give it its name back",
        )
        raise UnreadableEntry(directory, words.format(directory=directory, id=trial.id), [trial.id])
    for name in trial.sha256:
        if check is None or name in check:
            content = trial.content(name, read)
            if name == "history.csv":  # small, and asked for again
                trial.at_hand[name] = content
    return trial


def checksum(about: Mapping[str, Any]) -> str:
    """SHA-256 of what a stored JSON file says, but for the entry ``sum``, which holds it."""
    return digest({name: value for name, value in about.items() if name != "sum"})


def as_json(about: Mapping[str, Any]) -> bytes:
    """A JSON file of the store, with its sum."""
    return json.dumps({**about, "sum": checksum(about)}, indent=1, ensure_ascii=False).encode()


def read_json(path: Path, read: Callable[[Path, int], bytes] = files.read_bytes) -> dict[str, Any]:
    """What a JSON file of the store says, held against its sum where it has one; not what could rewrite a terminal."""
    about = msgspec.json.decode(read(path, LARGEST_JSON), type=dict[str, Any])
    if not _is_printable(about):
        raise ValueError("control characters")
    if about.get("sum") not in (None, checksum(about)):
        raise damaged(path, CHECKSUM)
    return about


def _is_printable(value: Any) -> bool:
    if isinstance(value, str):
        return value.isprintable()
    if isinstance(value, dict):
        return all(map(_is_printable, value)) and all(map(_is_printable, value.values()))
    return all(map(_is_printable, value)) if isinstance(value, list) else True


# ---------------------------------------------------------------- histories


def write_history(path: Path, history: Mapping[str, Sequence[float] | np.ndarray]) -> None:
    """As Keras's CSVLogger writes it: epoch from 0, columns in alphabetical order, full float representation."""
    names = sorted(history)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["epoch", *names])
        for epoch, values in enumerate(zip(*(history[name] for name in names), strict=True)):
            writer.writerow([epoch, *(repr(float(value)) for value in values)])


def read_history(path: Path, content: bytes) -> dict[str, np.ndarray]:
    """Metric -> float64 array, one value an epoch, from what is in the file; raises UnreadableEntry."""
    import numpy as np

    with reading(path):
        header, *rows = csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
        values = np.array(rows, float).reshape(len(rows), len(header))
        if header[0] != "epoch" or not np.array_equal(values[:, 0], np.arange(len(rows))):
            raise ValueError("no column 'epoch' counting from 0")
    return Kept(zip(header[1:], values.T[1:], strict=True))


# ---------------------------------------------------------------- what is not believed


CHECKSUM = Text(es="su suma de verificación no coincide", en="its checksum differs")


class UnreadableEntry(InputError):
    """A trial or a block that cannot be read, or not be believed; ``ids`` are the trials that it may stand for."""

    def __init__(self, directory: Path, message: Text, ids: Collection[str] = ()) -> None:
        super().__init__(message)
        self.directory = directory
        self.ids = frozenset({directory.name, *ids})


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Raise UnreadableEntry in place of whatever a stored file's reader raises: it cannot be read, or is damaged."""
    try:
        yield
    except UnreadableEntry:
        raise
    except (FileNotFoundError, NotADirectoryError):
        words = Text(es="falta {path}; {remedy}", en="{path} is missing; {remedy}")
        raise UnreadableEntry(path.parent, words.format(path=path, remedy=_remedy(path))) from None
    except (OSError, MemoryError) as error:
        raise cannot_read(path, error) from None
    # Broad on purpose: on arbitrary bytes zip, CSV and array readers raise nearly everything.
    except Exception as error:
        words = Text(es="contenido inesperado: {detail}", en="unexpected content: {detail}")
        if isinstance(error, KeyError):
            words = Text(es="falta {detail}", en="{detail} is missing")
        raise damaged(path, words.format(detail=str(error)[:200] or type(error).__name__)) from None


def cannot_read(path: Path, error: OSError | MemoryError) -> UnreadableEntry:
    """It may be whole, but this user, this disk or this machine cannot read it."""
    words = Text(es="{path} no se puede leer ({reason})", en="{path} cannot be read ({reason})")
    return UnreadableEntry(path.parent, words.format(path=path, reason=files.reason(error)))


def damaged(path: Path, reason: Text) -> UnreadableEntry:
    """It is not what was stored."""
    words = Text(es="{path} está dañado ({reason}); {remedy}", en="{path} is damaged ({reason}); {remedy}")
    return UnreadableEntry(path.parent, words.format(path=path, reason=reason, remedy=_remedy(path)))


def _remedy(path: Path) -> Text:
    if files.archive_of(path):
        return Text(es="vuelva a instalar el trabajo con el que vino", en="install the work that it came with again")
    return Text(es="mueva su carpeta a otro lugar y vuelva a ejecutar", en="move its folder elsewhere and run again")

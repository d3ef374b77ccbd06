"""What an experiment's ``load`` gave last, handed on to whoever would get the same from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from reensayo.spec import Experiment, Settings, Value

if TYPE_CHECKING:
    from reensayo.datasets import DataSet, Raw


class _Noting(Settings):
    """Settings that note which of them are read, and whether they are there at all."""

    def __init__(self, s: Settings) -> None:
        super().__init__(s)
        self._read: dict[str, Value | None] = {}

    def __getitem__(self, name: str) -> Value:
        self._read[name] = self._values.get(name)
        return super().__getitem__(name)

    def __iter__(self) -> Iterator[str]:
        self._read = dict(self._values)
        return super().__iter__()

    def differs(self, s: Settings) -> bool:
        """Whether something that was read is another in these."""
        return any(s.get(name) != value for name, value in self._read.items())


class Loader:
    """Calls ``load`` of experiments, again only for other data or where a setting that it read differs."""

    def __init__(self, raw: Callable[[DataSet], Raw]) -> None:
        self._raw = raw
        self._of: tuple[Any, ...] = ()
        self._settings, self._loaded = _Noting(Settings({})), None

    def __call__(self, experiment: Experiment, s: Settings) -> Any:
        """What every seed of this experiment under these settings starts from."""
        if self._of != (experiment.load, experiment.dataset) or self._settings.differs(s):
            self._of, self._loaded = (), None  # so that both need not fit into memory
            self._settings = _Noting(s)
            raw = self._raw(experiment.dataset) if experiment.dataset else None
            self._loaded = experiment.load(raw, self._settings)
            self._of = experiment.load, experiment.dataset
        return self._loaded

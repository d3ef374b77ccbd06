"""What holds for every test: Keras runs on JAX, compiled programs stay with the session, the language is English."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, settings
from packaging.version import Version

from repository import TOY

# No test may fail because the machine is busy.
settings.register_profile("reensayo", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("reensayo")

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ["LC_ALL"] = "C.UTF-8"
if Version(version("jaxlib")) < Version("0.12"):  # which ends at a flag that it does not know
    # What Keras compiles, like the engine's own small nets, is then there in two thirds of the time.
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_use_fusion_emitters=false")
CACHE = tempfile.TemporaryDirectory(prefix="reensayo-tests-")
os.environ["XDG_CACHE_HOME"] = CACHE.name  # the programs compiled here are neither read from nor left to the user's


pytest.register_assert_rewrite("engines")  # it says what differs


def pytest_configure(config: pytest.Config) -> None:
    # Keras's own: its variables do not take NumPy 2's copy argument, which saving a model runs into.
    config.addinivalue_line("filterwarnings", "ignore:__array__ implementation doesn't accept:DeprecationWarning")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest tests first, so that no worker is left with one at the end: those with a timeout of their own.

    Before them every figure is drawn, and the report comes last: it finds them drawn.
    """

    def turn(item: pytest.Item) -> tuple[bool, bool, bool]:
        name = item.path.name
        return name == "test_report.py", name != "test_figures.py", item.get_closest_marker("timeout") is None

    items.sort(key=turn)


def pytest_unconfigure() -> None:
    CACHE.cleanup()


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this session that all its workers see."""
    mine = tmp_path_factory.getbasetemp()
    return mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine


@pytest.fixture(scope="session")
def shared_figures(shared_folder: Path) -> Path:
    """Where figures of invented trials are drawn, in a folder a language: what is there is not drawn again."""
    return shared_folder / "figures"


class Output(NamedTuple):
    """How a command of the command line ended and what it printed."""

    code: int
    out: str
    err: str


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Output]:
    """Call the command line in this process: ``command("list", "--json")``."""
    from reensayo import environment
    from reensayo.cli import main
    from reensayo.training import allocator

    monkeypatch.setattr(allocator, "keep_freed_memory", lambda: True)  # these would hold for the whole process
    monkeypatch.setattr(environment, "settle", lambda: None)

    def run(*words: str | Path) -> Output:
        monkeypatch.setattr(sys, "argv", ["reensayo", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        return Output(int(ended.value.code or 0), *capsys.readouterr())

    return run


@pytest.fixture
def store(tmp_path: Path) -> Any:
    """An empty store."""
    from reensayo.store import Store

    return Store(tmp_path / "runs")


@pytest.fixture(scope="session")
def original() -> Any:
    """The work that comes with the program."""
    from reensayo.originals.introduccion_a_keras import ORIGINAL

    return ORIGINAL


@pytest.fixture(scope="module")
def nothing_shipped() -> Iterator[None]:
    """No trials come with any work: those of a test are all that there are."""
    from reensayo.evidence import current

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(current, "_packs", lambda original: current._Packs((), (), ()))
        yield


@pytest.fixture(scope="session")
def toy() -> Any:
    """A small work, given as a folder."""
    from reensayo import registry

    return registry.find(TOY)


@pytest.fixture
def put(store: Any, request: pytest.FixtureRequest) -> Callable[..., list[Any]]:
    """Store trials without training: ``put("ex08.dense@script", measures=[{...}, {...}])``, a seed an entry.

    They are the shipped work's, or those of another ``original``. What is not given of the history and measures is
    filled up, unless ``bare``: a stored trial has them all. Of a work without outlines the parameters are unknown.
    """
    import numpy as np

    from reensayo import outline
    from reensayo.selection import select_one
    from reensayo.spec import Trial

    def write(
        condition: str,
        measures: Sequence[dict[str, float]] = (),
        history: Sequence[dict[str, Sequence[float]]] = (),
        reduced: bool = False,
        diverged: Sequence[int] = (),
        changes: dict[str, Any] | None = None,
        first_seed: int = 0,
        bare: bool = False,
        blocks: Sequence[tuple[int, ...]] = (),
        original: Any = None,
    ) -> list[Any]:
        work = original or request.getfixturevalue("original")
        experiment, recipe = select_one(work, condition)
        usual = dict.fromkeys(("test_r2_score", "test_squared_correlation", "test_mean_squared_error"), 0.1)
        usual |= {"multiply_adds": 1.0, "seconds_per_epoch": 1.0}
        if not bare and not outline.is_stale(work):
            usual["parameters"] = float(outline.parameters(work, experiment, recipe.name))
        if reduced:
            recipe = recipe.reduce(experiment.quick.changes)
        recipe = recipe.set(changes or {})
        count = max(len(measures), len(history))

        def curves(given: dict[str, Sequence[float]]) -> dict[str, np.ndarray]:
            epochs = max(map(len, given.values()), default=2)
            filled = {} if bare else {name: np.linspace(1, 0.5, epochs) for name in experiment.columns}
            return {**filled, **{name: np.array(values, float) for name, values in given.items()}}

        return [
            store.write_trial(
                Trial(work, experiment, recipe, first_seed + i),
                {
                    "status": "diverged" if i in diverged else "finished",
                    "diverged_epoch": 1 if i in diverged else None,
                    "measures": {**({} if bare else usual), **(measures[i] if measures else {})},
                    "wall_s": 1.5,
                    "layout": {
                        "seeds": next((block for block in blocks if first_seed + i in block), (first_seed + i,))
                    },
                },
                curves(history[i] if history else {}),
                {},
                None,
            )
            for i in range(count)
        ]

    return write

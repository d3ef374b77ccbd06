"""reensayo: run a published deep-learning work again, trial by trial, and say claim by claim what holds.

cli/  api.py      the commands, and the same from Python
shipping.py       trials that come with a work: trained and packed
choosing.py       what recipes were chosen from, on validation data
registry.py       which work is meant: a name or a folder
originals/        the works, a folder each
template/         the small one that ``reensayo new`` writes
pages/            the report: one HTML page, read from what is stored
export.py         an experiment as a plain Keras script
runner.py         what is asked for, less what is stored, in blocks
evidence/         from trials to verdicts; statistics
figures/          the few generic pictures
training/         the engine: epochs and seeds in one program
outline.py        networks layer by layer, without Keras
costs.py          how long a run will take
loaded.py         what seeds share of their data
selection.py      what an ID means
store/            a folder per trial
datasets/         how data is found, read and checked
spec/             what a work claims and how it is tried
settings.py  metrics.py  preprocess.py  folds.py  baselines.py  classification.py   what works have in common
hardware.py  environment.py  randomness.py  files.py                                the machine
text.py  errors.py                                                                  words in Spanish and English
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reensayo.api import Trials, compare, counted, list_, report, run, verdicts

    list = list_

__version__ = "0.1.0"
__all__ = ["Trials", "compare", "counted", "report", "run", "verdicts"]  # not list: * keeps Python's own


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: importing reensayo itself costs nothing."""
    if name in (*__all__, "list"):
        from reensayo import api

        return getattr(api, "list_" if name == "list" else name)
    raise AttributeError(f"module 'reensayo' has no attribute {name!r}")


def __dir__() -> Any:
    return sorted({*globals(), *__all__, "list"})

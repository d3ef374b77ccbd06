"""Golden short histories guard against a change of results that nobody meant.

Where one is meant: raise RESULTS_VERSION in src/reensayo/spec/identity.py, then

    PYTHONPATH=tests python tests/originals/introduccion_a_keras/test_golden_histories.py write
"""

from __future__ import annotations

import json
import re
import sys
from functools import cache
from pathlib import Path

import numpy as np

from engines import NETS, TRAINING, History, each_recipe, firsts, is_deep, name_of, script_of, short
from reensayo.selection import Chosen
from reensayo.spec import RESULTS_VERSION

GOLDEN = Path(__file__).with_name("golden_histories.json")


@cache
def alike() -> dict[str, Chosen]:
    """Each recipe -> the first that differs from it at most in data, by what its script builds and compiles."""

    def code(chosen: Chosen) -> str:
        script = script_of(name_of(chosen))
        return re.sub(r"CSVLogger\(.*\)|epochs=\d+", "", script[script.index("def network") :])

    return firsts(code)


@cache
def short_history(name: str) -> History:
    """Of seed 0."""
    history: History = short(name).train([0])[0].history
    return history


@each_recipe([net for net in NETS if not is_deep(net)])
def test_results_are_those_of_their_version(name: str):
    name = name_of(alike()[name])  # that the data are those of the script is tested for each
    golden = json.loads(GOLDEN.read_text())
    advice = "if this was meant, raise RESULTS_VERSION and write them anew, as the docstring of this module says"
    assert golden["results_version"] == RESULTS_VERSION, advice
    assert name in golden["histories"], "new? write it, as the docstring of this module says"
    expected, received = golden["histories"][name], short_history(name)
    assert received.keys() == expected.keys(), advice
    for metric, values in expected.items():
        # Rounding may turn one example over, and another processor rounds otherwise.
        tolerance = 3 / TRAINING if "accuracy" in metric else 0.0
        np.testing.assert_allclose(received[metric], values, rtol=1e-3, atol=tolerance, err_msg=f"{metric}: {advice}")


def write_golden() -> None:
    """All of them if the version was raised, else those that are missing."""
    golden = json.loads(GOLDEN.read_text())
    known = golden["histories"] if golden["results_version"] == RESULTS_VERSION else {}
    histories = {}
    for name in dict.fromkeys(name_of(chosen) for chosen in alike().values() if not is_deep(chosen)):
        histories[name] = known.get(name) or {
            m: [float(f"{v:.7g}") for v in values] for m, values in short_history(name).items()
        }
    text = json.dumps({"results_version": RESULTS_VERSION, "histories": histories}, indent=1)
    GOLDEN.write_text(re.sub(r"\[[^\]]*\]", lambda found: " ".join(found[0].split()), text) + "\n")


if __name__ == "__main__":
    if sys.argv[1:] == ["write"]:
        write_golden()
    else:
        sys.exit(__doc__)

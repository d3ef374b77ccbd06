"""How often the whole way from seeds to a verdict errs: simulated, as a table for docs/statistics.md.

    python benchmarks/procedure.py [SIMULATIONS]

What is claimed is true, or false, by construction: a published value is one more run of the recipe (never to be
"not reproduced"); two arms do not differ, so that one is not above the other (never "reproduced"); they differ by
exactly the margin, so that they are not alike (never "reproduced"); something happens in half of all runs (neither).
Values are normal. In percent: errors at the first look, at N seeds; at either look, the second one at 3N; and what
looking after every seed from 3 to 3N would do, at 95 % and without a zone around the border, until one look says
"reproduced" or "not reproduced". Three numbers for each N.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from unittest.mock import patch

import numpy as np

from reensayo import spec
from reensayo.evidence import findings
from reensayo.evidence.basis import LOOKS
from reensayo.originals.introduccion_a_keras.ex08_mnist import conv, dense
from reensayo.text import Text

SEEDS = 5, 10, 20
DECIDED = "reproduced", "not reproduced"
METRIC = spec.DerivedMetric("x", lambda history: 0.0, Text("x", "x"))
Draw = Callable[[np.random.Generator, int], tuple[spec.Test, list[findings.Values]]]


def published(rng: np.random.Generator, n: int) -> tuple[spec.Test, list[findings.Values]]:
    """The claimed number is one more run."""
    value, *values = rng.standard_normal(1 + n)
    return spec.Reaches(dense, METRIC, value, 0.0, margin=0.0), [(x,) for x in values]  # at best "consistent"


def no_difference(rng: np.random.Generator, n: int) -> tuple[spec.Test, list[findings.Values]]:
    """Neither arm gives more."""
    return spec.Exceeds(conv, dense, METRIC, margin=0.0), [(x, 0.0) for x in rng.standard_normal(n)]


def at_the_margin(rng: np.random.Generator, n: int) -> tuple[spec.Test, list[findings.Values]]:
    """The arms differ by exactly what matters."""
    return spec.Alike(conv, dense, METRIC, margin=1.0), [(1 + x, 0.0) for x in rng.standard_normal(n)]


def a_coin(rng: np.random.Generator, n: int) -> tuple[spec.Test, list[findings.Values]]:
    """It happens in half of all runs."""
    happens = spec.Happens(dense, lambda trial: True, Text("cara", "heads"))
    return happens, [(float(x),) for x in rng.integers(2, size=n)]


CASES: dict[str, tuple[Draw, tuple[str, ...]]] = {
    "a published number, one more run": (published, ("not reproduced",)),
    "more than another, in truth equal": (no_difference, ("reproduced",)),
    "alike, in truth a margin apart": (at_the_margin, ("reproduced",)),
    "happens in most, in truth in half": (a_coin, ("reproduced", "not reproduced")),
}


def verdicts(test: spec.Test, values: Sequence[findings.Values], looks: Iterable[int]) -> Iterator[findings.Verdict]:
    """What each look says."""
    assert not isinstance(test, spec.Equals)
    naming = spec.Named(Text("x", "x"))
    return (findings.find(test, values[:n], lambda name: naming).verdict for n in looks)


def shares(case: str, seeds: int, simulations: int) -> tuple[float, float, float]:
    """Percent of simulations that err at the first look, at one of both, and where one looks until there is a verdict.

    The three are of the same numbers.
    """
    draw, wrong = CASES[case]
    rng = np.random.default_rng([2024, seeds])
    drawn = [draw(rng, LOOKS[-1] * seeds) for _ in range(simulations)]
    ours = [[verdict in wrong for verdict in verdicts(*each, [look * seeds for look in LOOKS])] for each in drawn]
    with patch.multiple(findings, LEVEL=0.95, WITHIN=0.9, NEAR=0.0):
        looks = range(findings.FEWEST, LOOKS[-1] * seeds + 1)
        decided = [next((verdict for verdict in verdicts(*each, looks) if verdict in DECIDED), None) for each in drawn]
    errs = (each[0] for each in ours), (any(each) for each in ours), (verdict in wrong for verdict in decided)
    first, either, naive = (100 * sum(each) / simulations for each in errs)
    return first, either, naive


def main() -> None:
    """Print the table."""
    simulations = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    for case in CASES:
        cells = (f"{share:.1f}" for seeds in SEEDS for share in shares(case, seeds, simulations))
        print(f"| {case} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()

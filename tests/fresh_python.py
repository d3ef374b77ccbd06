"""What a Python that has just started does, prints and imports."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import reensayo

CALL = """
import sys
sys.argv = ["reensayo", *sys.argv[1:]]
code = 0
try:
    {statement}
except SystemExit as end:
    code = end.code or 0
heavy = [name for name in ("keras", "jax", "jaxlib", "tensorflow", "torch", "matplotlib.pyplot") if name in sys.modules]
print("heavy", *heavy, file=sys.stderr)
sys.exit(code)
"""


class Done(NamedTuple):
    """How a statement ended, which heavy packages it imported, and what it printed."""

    code: int
    heavy: list[str]
    out: str
    err: str


def environment() -> dict[str, str]:
    """In which a Python imports the package that is tested."""
    places = [str(Path(reensayo.__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(places)}


def in_a_fresh_python(statement: str, *words: str, cwd: Path) -> Done:
    """Run a statement with these words on the command line."""
    done = subprocess.run(
        [sys.executable, "-c", CALL.format(statement=statement), *words],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment(),
    )
    return Done(done.returncode, done.stderr.splitlines()[-1].split()[1:], done.stdout, done.stderr)

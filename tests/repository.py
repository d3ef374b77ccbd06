"""Where things lie in the repository."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data"
TOY = ROOT / "tests" / "toy_original"

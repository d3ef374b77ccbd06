"""The command line: parse, call, print. ``main`` is the program ``reensayo``."""

from reensayo.cli.main import main

__all__ = ["main"]

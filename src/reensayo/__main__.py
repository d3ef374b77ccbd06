"""``python -m reensayo``: the command line where its script is not installed."""

from reensayo.cli import main

main()

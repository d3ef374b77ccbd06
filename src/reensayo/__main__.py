"""``python -m reensayo``: the command line where its script is not installed."""

from reensayo.cli import main

if __name__ == "__main__":  # and not where a process that draws figures imports it again
    main()

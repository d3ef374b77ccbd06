"""``python -m reensayo``: the command line where its script is not installed."""

import sys

if __name__ == "__main__":
    if not sys.flags.safe_path:  # a socket.py in the current folder is not the module that is meant
        del sys.path[0]
    from reensayo.cli import main

    main()

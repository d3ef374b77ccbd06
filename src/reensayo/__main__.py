"""The program ``reensayo``, also as ``python -m reensayo``: what there is of it before and after the command line."""

import os
import signal
import sys
from contextlib import suppress


def main() -> None:
    """Run the command line in a process of its own, which ends with its last word.

    Ctrl-C, a polite kill and a terminal that is closed end it alike, also while modules are still imported or when all
    is said. One that is ignored as the program starts (by nohup, or in a shell's background) stays ignored. What
    libraries would do as a process ends is not waited for.
    """
    known = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    ending = [number for number in known if signal.getsignal(number) not in (signal.SIG_IGN, None)]
    code: object = 130
    try:
        for number in ending:
            signal.signal(number, signal.default_int_handler)
        from reensayo.cli import main as command_line

        command_line()
    except KeyboardInterrupt:
        pass
    except SystemExit as end:
        code = end.code
    for number in ending:
        signal.signal(number, signal.SIG_IGN)
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):  # closed, or none
            stream.flush()
    os._exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    if not sys.flags.safe_path:  # a socket.py in the current folder is not the module that is meant
        del sys.path[0]
    main()

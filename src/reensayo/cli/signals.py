"""What ends a run from outside: Ctrl-C, a polite kill, a terminal that is closed, memory that runs out."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from subprocess import DEVNULL, PIPE, Popen
from threading import Event, Thread, Timer
from types import FrameType

INTERRUPTED = 130
"""The exit code, whichever of the signals it was."""


@contextmanager
def asked_to_stop(
    under_way: Callable[[], bool], first: Callable[[], None], *again: Callable[[], None]
) -> Iterator[Event]:
    """An event that the first of the signals sets that end the program (``__main__``); a Ctrl-C then ends it at once.

    ``first`` and ``again`` say so at once. Python's own handlers cannot: they wait for the main thread, which may be
    inside XLA for a minute. But Python writes each signal's number to a socket as it comes, where a thread reads it.
    Only a person is impatient: a closed terminal often sends its signal twice, and asks for no more than the first.

    Raises:
        KeyboardInterrupt: there was nothing ``under_way`` yet that could be saved.
    """
    stop = Event()
    ending = [number for number in signal.valid_signals() if signal.getsignal(number) is signal.default_int_handler]

    def ask(number: int, frame: FrameType | None) -> None:
        if not under_way():
            raise KeyboardInterrupt
        stop.set()

    def answer() -> None:
        answered = False
        while number := inbox.recv(1):
            if number[0] not in ending or not under_way():
                continue
            if not answered:
                answered = True
                stop.set()
                first()
            elif number[0] == signal.SIGINT:
                Timer(1, os._exit, [INTERRUPTED]).start()  # whatever keeps us from saying so
                with suppress(Exception):
                    for tell in again:
                        tell()
                os._exit(INTERRUPTED)

    inbox, outbox = socket.socketpair()
    outbox.setblocking(False)
    listener = Thread(target=answer, daemon=True)
    with inbox:
        before = signal.set_wakeup_fd(outbox.fileno(), warn_on_full_buffer=False)
        try:
            for number in ending:
                signal.signal(number, ask)
            listener.start()
            yield stop
        finally:
            for number in ending:
                signal.signal(number, signal.default_int_handler)
            signal.set_wakeup_fd(before)
            outbox.close()
            if listener.ident:
                listener.join(1)


@contextmanager
def last_words(message: str) -> Iterator[Callable[[], None]]:
    """Have a sentence said on stderr if this process ends without its own: killed, or aborted where memory runs out.

    No handler could say it, for nothing of ours runs then; a shell that waits for us can, where there is one. Whoever
    leaves by ``os._exit`` calls what is given first.
    """
    command = ["/bin/sh", "-c", 'read -r farewell || echo "$0" >&2', f"reensayo: {message}"]
    try:
        shell = Popen(command, stdin=PIPE, stdout=DEVNULL, start_new_session=True)  # not reached by our Ctrl-C
    except (OSError, UnicodeError):
        yield lambda: None
        return

    def farewell() -> None:
        with suppress(OSError, ValueError):  # it is gone, or was told already
            os.write(shell.stdin.fileno(), b"\n")  # type: ignore[union-attr]

    with shell:
        try:
            yield farewell
        finally:
            farewell()

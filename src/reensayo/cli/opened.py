"""A store as commands that read it open it: what in it does not count, or cannot be read, is told on stderr."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from reensayo import api
from reensayo.cli.options import Context
from reensayo.evidence.current import standing
from reensayo.spec import Original
from reensayo.store import HISTORY
from reensayo.text import TRIAL, Text, counted


def opened(context: Context, check: Collection[str] | None = HISTORY) -> api.Results:
    """The original's results; what trials the store holds that are of none of it is told on stderr."""
    results = api.Results(context.original, context.store, check)
    others = Counter(trial.original for trial in results.trials if trial.original != context.original.name)
    if nameless := others.pop("", 0):
        words = Text(
            es="{trials} de una versión anterior, que no anotaba de qué trabajo son: ya no cuentan. Ejecute de "
            "nuevo; {store} se puede borrar o conservar",
            en="{trials} of an earlier version, which did not note the work they are of: they no longer count. Run "
            "again; {store} may be deleted or kept",
        )
        context.complain(words.format(trials=counted(nameless, *TRIAL), store=context.store.root / "trials"))
    if others:
        words = Text(es="{trials} de otros trabajos ({names})", en="{trials} of other works ({names})")
        context.complain(words.format(trials=counted(others.total(), *TRIAL), names=", ".join(sorted(others))))
    return results


def tell_outdated(context: Context, results: api.Results) -> None:
    """Say what trials of this original count no more: whoever has just edited it may look for them."""
    if outdated := len(standing(context.original, results.trials).outdated):
        words = Text(es="ya no se cuentan: {trials} {earlier}", en="no longer counted: {trials} {earlier}")
        context.complain(words.format(trials=counted(outdated, *TRIAL), earlier=earlier(context.original)))


def exit_code(context: Context, results: api.Results) -> int:
    """1 where something in the store cannot be read or believed, which is named on stderr."""
    for error in results.unreadable:
        context.complain(error.message)
    return 1 if results.unreadable else 0


def earlier(original: Original) -> Text:
    """What trials are of that bear the original's name and count no more."""
    other = Text(es=" o de otra carpeta de ese nombre", en=" or of another folder of that name")
    words = Text(es="de una versión anterior{other}", en="of an earlier version{other}")
    return words.format(other=other if original.from_folder else "")

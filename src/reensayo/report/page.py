"""The page put together: gather, then fill the one template."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reensayo.evidence.current import current
from reensayo.evidence.judge import verdicts
from reensayo.exercises import EXERCISES
from reensayo.figures import View
from reensayo.figures.view import Colours
from reensayo.report import words
from reensayo.report.claims import SYMBOLS, judged, tally
from reensayo.report.drawing import draw_side_by_side
from reensayo.report.ledger import machines, tables
from reensayo.report.sections import section
from reensayo.spec import called
from reensayo.store import StoredTrial, UnderWay, UnreadableEntry
from reensayo.text import Language, capitalised

if TYPE_CHECKING:
    import jinja2
    import markupsafe


def render(
    trials: Sequence[StoredTrial],
    figures: Path,
    lang: Language,
    under_way: Sequence[UnderWay] = (),
    unreadable: Sequence[UnreadableEntry] = (),
    processes: int = 1,
) -> str:
    """The whole page as HTML; figures are drawn into the directory ``figures`` on the way."""
    counting = current(trials)
    view = View(tuple(counting), lang, under_way=tuple(current(under_way)))
    draw_side_by_side(view, figures, processes)
    rows = verdicts(trials, unreadable)
    claims = judged(rows, trials, lang)
    style = resources.files("reensayo.report").joinpath("templates", "style.css").read_text("utf-8")
    return (
        _environment(lang)
        .get_template("page.html")
        .render(
            lang=lang,
            style=style,
            colours=Colours(),
            n=len(counting),
            reduced=sum(trial.reduced for trial in counting),
            unreadable=[error.message for error in unreadable],
            apart=len(trials) - len(counting),
            claims=claims,
            rows=len(rows),
            tally=tally(rows),
            sections=[section(exercise, view, figures) for exercise in EXERCISES],
            machines=machines(trials),
            tables=tables(trials, {trial.id for trial in counting}, lang),
        )
    )


def _environment(lang: Language) -> jinja2.Environment:
    """Everything is escaped but what the templates mark as safe: our own style sheet and the drawn figures."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("reensayo.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    spoken: dict[str, Any] = {"w": words.spoken(lang), "symbols": SYMBOLS}
    environment.globals.update(spoken)
    environment.filters.update(say=lambda text: text(lang), called=called, capitalised=capitalised, commands=_commands)
    return environment


def _commands(words: str) -> markupsafe.Markup:
    """A sentence, escaped, with the commands in it set as code."""
    import markupsafe

    command = r"reensayo run(?: (?:--[a-z]+ \d+|ex\d\d[\w.@-]*))+"
    return markupsafe.Markup(re.sub(command, r"<code>\g<0></code>", str(markupsafe.escape(words))))

"""The page put together: gather, then fill the one template."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reensayo.evidence.current import current, of_original
from reensayo.evidence.judge import verdicts
from reensayo.figures import View
from reensayo.figures.view import Colours
from reensayo.pages import words
from reensayo.pages.claims import SYMBOLS, judged, tally
from reensayo.pages.drawing import draw_side_by_side
from reensayo.pages.sections import section
from reensayo.pages.trial_table import machines, tables
from reensayo.spec import Original
from reensayo.store import StoredTrial, UnderWay, UnreadableEntry
from reensayo.text import Language, capitalised

if TYPE_CHECKING:
    import jinja2
    import markupsafe


def render(
    original: Original,
    trials: Sequence[StoredTrial],
    figures: Path,
    lang: Language,
    under_way: Sequence[UnderWay] = (),
    unreadable: Sequence[UnreadableEntry] = (),
    processes: int = 1,
) -> str:
    """The whole page as HTML; figures are drawn into the directory ``figures`` on the way."""
    ours = of_original(original, trials)
    counting = current(original, ours)
    view = View(original, tuple(counting), lang, tuple(current(original, under_way)))
    draw_side_by_side(view, figures, processes)
    rows = verdicts(original, ours, unreadable)
    style = resources.files("reensayo.pages").joinpath("templates", "style.css").read_text("utf-8")
    return (
        _environment(original, lang)
        .get_template("page.html")
        .render(
            lang=lang,
            original=original,
            style=style,
            colours=Colours(),
            n=len(counting),
            recipes="; ".join(f"{name}: {about(lang)}" for name, about in original.recipes.items()),
            reduced=sum(trial.reduced for trial in counting),
            unreadable=[error.message for error in unreadable],
            excluded=len(ours) - len(counting),
            others=len(trials) - len(ours),
            claims=judged(rows, ours, lang),
            rows=len(rows),
            tally=tally(rows),
            sections=[section(exercise, view, figures) for exercise in original.exercises],
            machines=machines(ours),
            tables=tables(original, ours, {trial.id for trial in counting}, lang),
        )
    )


def _environment(original: Original, lang: Language) -> jinja2.Environment:
    """Everything is escaped but what the templates mark as safe: our own style sheet and the drawn figures."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("reensayo.pages"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    spoken: dict[str, Any] = {"w": words.spoken(lang), "symbols": SYMBOLS}
    environment.globals.update(spoken)
    commands = partial(_commands, original)
    environment.filters.update(say=lambda text: text(lang), capitalised=capitalised, commands=commands)
    return environment


def _commands(original: Original, words: str) -> markupsafe.Markup:
    """A sentence, escaped, with the commands in it set as code."""
    import markupsafe

    start = re.escape(str(markupsafe.escape(f"{original.command} run")))
    ids = "|".join(re.escape(f" {experiment}@") for experiment in original.experiments)
    command = rf"{start}(?: --[a-z]+ \d+|(?:{ids})[\w.-]*[\w-])+"
    return markupsafe.Markup(re.sub(command, r"<code>\g<0></code>", str(markupsafe.escape(words))))

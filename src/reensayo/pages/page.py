"""The page put together: gather, then fill the one template."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from reensayo.evidence.current import standing
from reensayo.evidence.judge import verdicts
from reensayo.figures import View
from reensayo.figures.numerals import grouped, number
from reensayo.outline import multiply_adds, parameters
from reensayo.pages import answers
from reensayo.pages.claims import line, sparkline
from reensayo.pages.drawing import draw_side_by_side, inlined, networks
from reensayo.pages.trial_table import anchor, machines, tables, values
from reensayo.pages.verdicts import EVIDENCE, VERDICTS
from reensayo.spec import Original
from reensayo.store import StoredTrial, UnderWay, UnreadableEntry
from reensayo.text import Language, Text, capitalised


def render(
    original: Original,
    trials: Sequence[StoredTrial],
    figures: Path,
    lang: Language,
    under_way: Sequence[UnderWay],
    unreadable: Sequence[UnreadableEntry],
    processes: int,
) -> str:
    """The whole page as HTML; figures are drawn into the directory ``figures`` on the way.

    Everything is escaped but what the templates mark as safe: the drawn figures.
    """
    mine = standing(original, trials)
    ours, counting = [trial for trial in trials if trial.original == original.name], mine.counting
    view = View(original, tuple(counting), lang, tuple(standing(original, under_way).counting))
    draw_side_by_side(view, figures, processes)
    loader = jinja2.PackageLoader("reensayo.pages")
    environment = jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.globals.update(answers=answers, networks=networks, sparkline=sparkline, values=values)
    environment.globals.update(parameters=parameters, multiply_adds=multiply_adds, verdicts=VERDICTS, evidence=EVIDENCE)
    environment.globals.update(say=lambda es, en, **given: Text(es, en).format(**given)(lang))
    environment.filters.update(anchor=anchor, capitalised=capitalised, grouped=grouped)
    environment.filters.update(
        say=lambda text: text(lang),
        number=lambda value, digits=4: number(value, lang, digits),
        # the recipe that drew the original's figures, else the first
        example=lambda e: next((r for r in e.recipes if r.name == original.drew_figures), e.recipes[0]),
        commands=partial(_commands, original),
    )
    return environment.get_template("page.html").render(
        lang=lang,
        original=original,
        view=view,
        recipes="; ".join(f"{name}: {about(lang)}" for name, about in original.recipes.items()),
        counting={trial.id: trial for trial in counting},
        unreadable=[error.message for error in unreadable],
        excluded=len(mine.outdated),
        others=len(mine.others),
        lines=[line(original, row, lang) for headline in verdicts(original, ours, unreadable) for row in headline.rows],
        drawn=inlined(view, figures),
        machines=machines(ours),
        tables=tables(original, ours),
    )


def _commands(original: Original, words: str) -> Markup:
    """A sentence, escaped, with the commands in it set as code."""
    start = re.escape(str(escape(f"{original.command} run")))
    ids = "|".join(re.escape(f" {experiment}@") for experiment in original.experiments)
    command = rf"{start}(?: --[a-z]+ \d+|(?:{ids})[\w.-]*[\w-])+"
    return Markup(re.sub(command, r"<code>\g<0></code>", str(escape(words))))

"""The page put together: gather, then fill the one template."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from reensayo.evidence.current import is_shipped, shipped, standing
from reensayo.evidence.findings import LEVEL, Finding
from reensayo.evidence.judge import verdicts
from reensayo.figures import View
from reensayo.figures.draw import recipes_shown
from reensayo.figures.numerals import grouped, number
from reensayo.outline import multiply_adds, parameters
from reensayo.pages import answers
from reensayo.pages.claims import sparkline
from reensayo.pages.claims import told as headline
from reensayo.pages.drawing import draw_side_by_side, inlined, networks
from reensayo.pages.trial_table import anchor, machines, tables, values
from reensayo.pages.verdicts import EVIDENCE, MEANINGS, OWN_FIGURE, ROLES, VERDICTS, told
from reensayo.spec import Experiment, Origin, Original, Setting, Value
from reensayo.store import StoredTrial, UnderWay, UnreadableEntry
from reensayo.text import TRIAL, Language, Text, capitalised, counted


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
    included = shipped(original)
    view = View(original, tuple(counting), lang, tuple(standing(original, under_way).counting))
    draw_side_by_side(view, figures, processes)
    loader = jinja2.PackageLoader("reensayo.pages")
    environment = jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.globals.update(answers=answers, networks=networks, sparkline=sparkline, values=values)
    environment.globals.update(parameters=parameters, multiply_adds=multiply_adds, settings_of=_settings, told=told)
    environment.globals.update(verdicts=VERDICTS, meanings=MEANINGS, evidence=EVIDENCE, own_figure=OWN_FIGURE)
    environment.globals.update(roles=ROLES, level=LEVEL, finding=Finding, recipes_shown=recipes_shown)
    environment.globals.update(is_shipped=partial(is_shipped, original))
    environment.globals.update(say=lambda es, en, **given: Text(es, en).format(**given)(lang))
    environment.filters.update(anchor=anchor, capitalised=capitalised, grouped=grouped)
    environment.filters.update(
        say=lambda text: text(lang),
        number=lambda value, digits=4: number(value, lang, digits),
        # the recipe that drew the original's figures, else the first
        example=lambda e: next((r for r in e.recipes if r.name == original.drew_figures), e.recipes[0]),
        commands=partial(_commands, original),
        counted=lambda n: counted(n, *TRIAL)(lang),
        under=lambda recipe, experiment: experiment.under(recipe),
        parameters=lambda recipe, experiment: parameters(original, experiment, recipe),
    )
    return environment.get_template("page.html").render(
        lang=lang,
        original=original,
        view=view,
        recipes=_recipes(original, original.recipes, lang),
        judged=_recipes(original, original.judged, lang),
        counting={trial.id: trial for trial in counting},
        unreadable=[error.message for error in unreadable],
        excluded=len(mine.changed) + len(mine.outdated),
        others=len(mine.others),
        included=len(included),
        headlines=[headline(original, found, lang) for found in verdicts(original, ours, unreadable)],
        drawn=inlined(view, figures),
        machines=machines([*ours, *included]),
        tables=tables(original, [*ours, *included]),
    )


def _recipes(original: Original, names: Iterable[str], lang: Language) -> str:
    """What recipes are, as a part of a sentence."""
    return "; ".join(f"{name}: {original.recipes[name](lang)}" for name in names if name in original.recipes)


def _settings(experiment: Experiment) -> tuple[list[Setting], list[tuple[Setting, Value, Origin]]]:
    """The settings in which recipes differ, and those in which they are alike, with the value and every origin."""
    differing, alike = [], []
    for setting in experiment.settings:
        values = [recipe.sourced[setting.name] for recipe in experiment.recipes]
        if len({item.value for item in values}) > 1:
            differing.append(setting)
        else:
            origins = dict.fromkeys(origin for item in values for origin in item.origin.split(", "))
            alike.append((setting, values[0].value, ", ".join(origins)))
    return differing, alike


def _commands(original: Original, words: str) -> Markup:
    """A sentence, escaped, with the commands in it set as code."""
    start = re.escape(str(escape(f"{original.command} run")))
    ids = "|".join(re.escape(f" {experiment}@") for experiment in original.experiments)
    command = rf"{start}(?: --[a-z]+ \d+|(?:{ids})[\w.-]*[\w-])+"
    return Markup(re.sub(command, r"<code>\g<0></code>", str(escape(words))))

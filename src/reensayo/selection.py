"""Which experiments and recipes of an original a user means: ``exercise``, ``exercise.network@recipe``."""

from __future__ import annotations

import operator
import shlex
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from reensayo.errors import InputError
from reensayo.spec import Experiment, Original, Recipe, Trial, trial_id
from reensayo.text import Text, quoted

Chosen = tuple[Experiment, Recipe]

MOST_SEEDS = 10_000
"""More of them no run takes: planning alone would fill the memory."""


def select(original: Original, ids: Iterable[str] = (), recipe: str | None = None) -> list[Chosen]:
    """Every experiment with each recipe that fits, in the order of the original and each once; no ID means all.

    An ID or a recipe that does not exist or is no string, or ``@`` and ``recipe`` that disagree, is an InputError.
    """
    ids = list(ids)
    for text in ids if recipe is None else [*ids, recipe]:
        if not isinstance(text, str):
            words = Text(
                es="se esperaba cada ID o receta como una cadena, p. ej. '{example}'; se recibió {text}",
                en="expected every ID and recipe as a string of its own, e.g. '{example}'; received {text}",
            )
            raise InputError(words.format(example=original.example, text=quoted(text)))
    every = list(original.experiments.values())
    wanted = [_parse(original, text, recipe) for text in ids] or [(every, recipe)]
    chosen = {condition for experiments, name in wanted for condition in _named(experiments, name)}
    return [(e, r) for e in every for r in e.runnable if (e, r.name) in chosen]


def select_one(original: Original, text: str, recipe: str | None = None) -> Chosen:
    """Exactly one experiment and recipe; an InputError lists what fits where that is none or several."""
    fitting = select(original, [text], recipe)
    if len(fitting) == 1:
        return fitting[0]
    words = Text(
        es="{text} no es una sola receta; elija una de:{candidates}",
        en="{text} is not one recipe; choose one of:{candidates}",
    )
    raise InputError(words.format(text=text, candidates="".join(f"\n  {e.id}@{r.name}" for e, r in fitting)))


def check_seeds(seeds: object) -> int:
    """How many seeds are asked for, as a plain int; an InputError unless a whole number from 1 to ``MOST_SEEDS``."""
    if not isinstance(seeds, bool):
        with suppress(TypeError):
            if 1 <= (count := operator.index(seeds)) <= MOST_SEEDS:  # type: ignore[arg-type]
                return count
    words = Text(
        es="seeds espera un número entero de 1 a {most}; se recibió {seeds}",
        en="seeds expects a whole number from 1 to {most}; received {seeds}",
    )
    raise InputError(words.format(most=MOST_SEEDS, seeds=quoted(seeds)))


def parse_changes(pairs: Sequence[str]) -> dict[str, str]:
    """``["epochs=3"]`` -> ``{"epochs": "3"}``; an InputError where one is not ``key=value`` or a key stands twice."""
    changes: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = (part.strip() for part in pair.partition("="))
        if not (name and equals and value) or name in changes:
            words = Text(
                es="--set espera clave=valor, cada clave una vez; se recibió {pair}",
                en="--set expects key=value, every key once; received {pair}",
            )
            raise InputError(words.format(pair=quoted(pair)))
        changes[name] = value
    return changes


def as_run(chosen: Chosen, changes: Mapping[str, object], quick: bool = False) -> Chosen:
    """The recipe as it is run with a user's changes, which win over what the quick profile reduces.

    An unknown key, one that a baseline does not have, a wrong type or a value out of range is an InputError.
    """
    experiment, recipe = chosen
    if quick:
        recipe = recipe.reduce({k: v for k, v in experiment.quick.changes.items() if k not in changes})
    values = {name: experiment.setting(name).parse(value) for name, value in changes.items()}
    if missing := sorted(changes.keys() - recipe.sourced.keys()):
        words = Text(es="{id} no tiene {missing}; tiene {known}", en="{id} has no {missing}; it has {known}")
        known = ", ".join(recipe.sourced) or "–"
        raise InputError(words.format(id=experiment.under(recipe.name), missing=missing[0], known=known))
    return experiment, recipe.set(values)


def meant(original: Original, label: str, reduced: bool = False) -> Chosen:
    """What ``exercise.network@recipe+epochs=3`` names, whole or as quick reduces it; else an InputError."""
    name, *changes = label.split("+")
    return as_run(select_one(original, name), parse_changes(changes), quick=reduced)


def identities(original: Original, label: str) -> list[dict[str, Any]]:
    """What determines the results of seed 0 of a label, see ``meant``, whole and reduced; empty where it names none."""
    try:
        forms = [meant(original, label, reduced) for reduced in (False, True)]
    except InputError:
        return []
    return [Trial(original, experiment, recipe, 0).identity for experiment, recipe in forms]


def trial_ids(original: Original, label: str, seeds: Sequence[int]) -> list[tuple[str, ...]]:
    """The trials of these seeds as they are called today, whole and reduced; empty where there is no such recipe."""
    return [tuple(trial_id({**identity, "seed": seed}) for seed in seeds) for identity in identities(original, label)]


def _parse(original: Original, text: str, recipe: str | None) -> tuple[list[Experiment], str | None]:
    name, at, own = text.partition("@")
    if at and recipe not in (None, own):
        words = Text(es="{id} y --recipe {name} se contradicen", en="{id} and --recipe {name} contradict each other")
        raise InputError(words.format(id=text, name=recipe or "''"))
    if name in original.counted:
        words = Text(
            es="{id} solo se construye y se cuenta, no se entrena: véala con «{command} show {id}»",
            en="{id} is only built and counted, never trained: see it with `{command} show {id}`",
        )
        raise InputError(words.format(id=name, command=original.command))
    experiments = [e for e in original.experiments.values() if name in (e.id, e.exercise)]
    if not experiments:
        words = Text(
            es="no hay ejercicio ni experimento {name!r}; los hay: {known}",
            en="no exercise or experiment {name!r}; there are: {known}",
        )
        known = ", ".join([*(e.id for e in original.exercises), *original.experiments])
        raise InputError(words.format(name=name, known=known))
    return experiments, own if at else recipe


def _named(experiments: Sequence[Experiment], name: str | None) -> list[tuple[Experiment, str]]:
    """The experiments under those of their recipes that have the name, if there is one."""
    if found := [(e, r.name) for e in experiments for r in e.runnable if name in (None, r.name)]:
        return found
    known = "".join(f"\n  {e.id}: {', '.join(r.name for r in e.runnable)}" for e in experiments)
    _, *changes = (name or "").split("+")
    sets = shlex.join(word for change in changes for word in ("--set", change))
    hint = Text(es="\nCon run, lo que cambia va aparte: {sets}", en="\nWith run, what is changed stands apart: {sets}")
    words = Text(es="no hay receta {name!r}; las hay:{known}{hint}", en="no recipe {name!r}; there are:{known}{hint}")
    raise InputError(words.format(name=name or "", known=known, hint=hint.format(sets=sets) if changes else ""))

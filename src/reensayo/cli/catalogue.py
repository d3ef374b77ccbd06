"""What there is: ``list``, ``show`` and ``export``. None of them needs results or data; ``export`` needs Keras."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

import click
from rich.markup import escape

from reensayo import registry
from reensayo.cli.options import Context, as_json, with_context
from reensayo.cli.output import Console, print_json
from reensayo.cli.usage import command, option
from reensayo.outline import Layer, by_network, outline
from reensayo.selection import select, select_one
from reensayo.spec import Counted, Experiment, Original, Recipe, in_words
from reensayo.text import Text


@command("Ejercicios, experimentos y recetas.", "Exercises, experiments and recipes.", name="list")
@as_json
@with_context
def list_(context: Context, as_json: bool) -> None:
    from reensayo import api

    context.outline()
    found = api.list_(original=context.original, lang=context.lang)
    counted = api.counted(original=context.original, lang=context.lang)
    if as_json:
        print_json({"experiments": found, "counted": counted})
        return
    out = context.out
    rows = out.table("experimento | título | parámetros | recetas", "experiment | title | parameters | recipes")
    for listed in found:
        counts = sorted({recipe["parameters"] for recipe in listed["recipes"].values()})
        parameters = " / ".join(map(_grouped, counts))
        recipes = ", ".join(recipe.name for recipe in context.original.experiments[listed["id"]].runnable)
        rows.add_row(f"[bold]{listed['id']}[/]", escape(listed["title"]), parameters, recipes)
    only = Text(es="[dim]solo contada[/]", en="[dim]counted only[/]")(context.lang)
    for network in counted:
        rows.add_row(f"[bold]{network['id']}[/]", escape(network["title"]), _grouped(network["parameters"]), only)
    out.print(rows)


def _grouped(count: int) -> str:
    return f"{count:,}".replace(",", " ")


@command(
    "La red, cada ajuste con su origen, lo que difieren las recetas y las afirmaciones que dependen de ellas.",
    "The network, every setting with its source, how the recipes differ, and the claims that rest on them.",
)
@click.argument("id")
@with_context
def show(context: Context, id: str) -> None:
    original = context.original
    chosen = [] if id in original.counted else select(original, [id])
    context.outline()
    for experiment, same in groupby(chosen, key=lambda one: one[0]):
        _show(context.out, original, experiment, [recipe for _, recipe in same])
    for network in original.counted.values():
        if id in (network.id, network.exercise):
            _show_counted(context.out, original, network)


def _show(out: Console, original: Original, experiment: Experiment, recipes: list[Recipe]) -> None:
    lang = out.lang
    out.print(f"\n[bold]{experiment.id}[/]  {experiment.title(lang)}\n")
    if experiment.dataset and experiment.dataset.warning:
        out.print(f"{experiment.dataset.warning(lang)}\n")
    _show_network(out, original, experiment, [recipe for recipe in recipes if recipe.fit is None])
    rows = out.table("ajuste | valor (origen) | recetas | qué es", "setting | value (source) | recipes | meaning")
    for setting in experiment.settings:
        values: dict[str, list[str]] = {}
        having = [recipe for recipe in recipes if setting.name in recipe.sourced]
        for recipe in having:
            cell = recipe.sourced[setting.name]
            origin = cell.origin
            if tried := ", ".join(map(in_words, recipe.tried.get(setting.name, ()))):
                words = Text(es="{origin}; se probaron {tried}", en="{origin}; tried: {tried}")
                origin = words.format(origin=origin, tried=tried)(lang)
            values.setdefault(f"{in_words(cell.value)} [dim]({origin})[/]", []).append(recipe.name)
        differs = len({recipe.settings[setting.name] for recipe in having}) > 1
        for index, (value, names) in enumerate(values.items()):
            rows.add_row(
                "" if index else f"[bold yellow]{setting.name} *[/]" if differs else setting.name,
                value,
                Text(es="todas", en="all")(lang) if len(names) == len(recipes) else ", ".join(names),
                "" if index else f"{setting.about(lang)}: [dim]{setting.expected()}[/]",
            )
    out.print(rows)
    if len(recipes) > 1:
        out.print(Text(es="\n* difiere entre recetas", en="\n* differs between recipes")(lang), style="dim")
    for recipe in recipes:
        if recipe.about:
            out.print(f"  {recipe.name}: {recipe.about(lang)}", style="dim")
    out.print(Text(es="\n[bold]afirmaciones[/]", en="\n[bold]claims[/]")(lang))
    for exercise in original.exercises:
        for claim in exercise.claims:
            if experiment in claim.experiments:
                out.print(f"  [bold]{claim.id}[/]  {claim.statement(lang)} [dim]{claim.where}[/]")


def _show_counted(out: Console, original: Original, network: Counted) -> None:
    only = Text(es="solo se construye y se cuenta", en="built and counted only")
    out.print(f"\n[bold]{network.id}[/]  {network.title(out.lang)} ({network.about(out.lang)}), {only(out.lang)}\n")
    for recipe in network.recipes:
        _show_layers(out, outline(original, network, recipe.name))


def _show_network(out: Console, original: Original, experiment: Experiment, recipes: list[Recipe]) -> None:
    for layers, names in by_network((r.name, outline(original, experiment, r.name)) for r in recipes).items():
        title = Text(es="red ({names})", en="network ({names})").format(names=", ".join(names))(out.lang)
        _show_layers(out, layers, title)


def _show_layers(out: Console, layers: Sequence[Layer], title: str | None = None) -> None:
    rows = out.table(
        "capa | | salida | parámetros | multiplicaciones", "layer | | output | parameters | multiply-adds", title=title
    )
    for layer in layers:
        shape = " × ".join(map(str, layer.shape))
        rows.add_row(layer.kind, layer.detail, shape, str(layer.parameters or ""), str(layer.multiply_adds or ""))
    out.print(rows)
    total = Text(
        es="{parameters} parámetros entrenables, {multiply_adds} multiplicaciones por ejemplo\n",
        en="{parameters} trainable parameters, {multiply_adds} multiply-adds an example\n",
    )
    sums = {name: sum(getattr(layer, name) for layer in layers) for name in ("parameters", "multiply_adds")}
    out.tell(total.format(**sums), style="dim")


@command(
    "Un experimento como script de Keras que se ejecuta solo.", "One experiment as a Keras script that runs on its own."
)
@click.argument("id")
@option("--recipe", metavar="R", es="receta, si el ID no la nombra", en="recipe, where the ID does not name it")
@with_context
def export(context: Context, id: str, recipe: str | None) -> None:
    from reensayo.export import as_script

    # The script may be read where the variable that names its work is not set.
    named_by = context.original.option or os.environ.get(registry.VARIABLE, "")
    script = as_script(*select_one(context.original, id, recipe), replace(context.original, option=named_by).command)
    click.echo(script.encode(), nl=False)  # a Python file is UTF-8 wherever it is made

"""What there is: ``list``, ``show`` and ``export``. None of them needs results, data or Keras, but for ``export``."""

from __future__ import annotations

import click

from reensayo.cli.options import Context, as_json, say, with_context
from reensayo.cli.output import Console, console, print_json, table
from reensayo.cli.usage import command
from reensayo.exercises import EXERCISES
from reensayo.selection import select, select_one
from reensayo.spec import Experiment, Recipe, in_words
from reensayo.text import Language, Text


@command("Ejercicios, experimentos y recetas.", "Exercises, experiments and recipes.", name="list")
@as_json
@with_context
def list_(context: Context, as_json: bool) -> None:
    lang = context.lang
    if as_json:
        print_json({"experiments": [_as_json(e, lang) for x in EXERCISES for e in x.experiments]})
        return
    out = console()
    rows = table(
        lang,
        Text(es="experimento", en="experiment"),
        Text(es="título", en="title"),
        Text(es="parámetros", en="parameters"),
        Text(es="recetas", en="recipes"),
    )
    for exercise in EXERCISES:
        for e in exercise.experiments:
            parameters = " / ".join(f"{n:,}".replace(",", " ") for n in sorted(set(e.parameters.values())))
            rows.add_row(f"[bold]{e.id}[/]", e.title(lang), parameters, ", ".join(r.name for r in e.runnable))
    out.print(rows)


def _as_json(experiment: Experiment, lang: Language) -> dict[str, object]:
    figures = [f.name for x in EXERCISES for f in x.figures if f.experiment == experiment.id]
    return {
        "id": experiment.id,
        "exercise": experiment.exercise,
        "title": experiment.title(lang),
        "recipes": {
            recipe.name: {
                "parameters": experiment.parameters[recipe.name],
                "epochs": recipe.settings["epochs"],
                "batch_size": recipe.settings["batch_size"],
                "loss": recipe.settings["loss"],
                "optimizer": recipe.settings["optimizer"],
            }
            for recipe in experiment.recipes
        },
        "figures": figures,
    }


@command(
    "La red, cada ajuste con su origen, lo que difieren las recetas y las afirmaciones que dependen de ellas.",
    "The network, every setting with its source, how the recipes differ, and the claims that rest on them.",
)
@click.argument("id")
@with_context
def show(context: Context, id: str) -> None:
    out = console()
    chosen = select([id])
    for experiment in dict.fromkeys(e.id for e, _ in chosen):
        recipes = [(e, r) for e, r in chosen if e.id == experiment]
        _show(out, recipes[0][0], [r for _, r in recipes], context.lang)


def _show(out: Console, experiment: Experiment, recipes: list[Recipe], lang: Language) -> None:
    out.print(f"\n[bold]{experiment.id}[/]  {experiment.title(lang)}\n")
    if experiment.dataset and experiment.dataset.warning:
        out.print(f"{experiment.dataset.warning(lang)}\n")
    _show_network(out, experiment, [recipe for recipe in recipes if recipe.fit is None], lang)
    rows = table(
        lang,
        Text(es="ajuste", en="setting"),
        Text(es="valor (origen)", en="value (source)"),
        Text(es="recetas", en="recipes"),
        Text(es="qué es", en="meaning"),
    )
    for setting in experiment.settings:
        values: dict[str, list[str]] = {}
        having = [recipe for recipe in recipes if setting.name in recipe.sourced]
        for recipe in having:
            cell = recipe.sourced[setting.name]
            values.setdefault(f"{in_words(cell.value)} [dim]({cell.origin})[/]", []).append(recipe.name)
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
    _show_claims(out, experiment, lang)


def _show_network(out: Console, experiment: Experiment, recipes: list[Recipe], lang: Language) -> None:
    from reensayo.outline import outline

    networks: dict[tuple[object, ...], list[str]] = {}
    for recipe in recipes:
        networks.setdefault(outline(experiment.id, recipe.name), []).append(recipe.name)
    for layers, names in networks.items():
        rows = table(
            lang,
            Text(es="capa", en="layer"),
            Text("", ""),
            Text(es="salida", en="output"),
            Text(es="parámetros", en="parameters"),
            title=Text(es="red ({names})", en="network ({names})").format(names=", ".join(names)),
        )
        for layer in layers:
            shape = " × ".join(map(str, layer.shape))  # type: ignore[attr-defined]
            rows.add_row(layer.kind, layer.detail, shape, str(layer.parameters or ""))  # type: ignore[attr-defined]
        out.print(rows)
        total = sum(layer.parameters for layer in layers)  # type: ignore[attr-defined]
        out.print(
            Text(es="{n} parámetros entrenables\n", en="{n} trainable parameters\n").format(n=total)(lang), style="dim"
        )


def _show_claims(out: Console, experiment: Experiment, lang: Language) -> None:
    from reensayo.spec import arms

    out.print(Text(es="\n[bold]afirmaciones[/]", en="\n[bold]claims[/]")(lang))
    for exercise in EXERCISES:
        for claim in exercise.claims:
            if any(experiment.id in arms(reading.test) for reading in claim.readings):
                out.print(f"  [bold]{claim.id}[/]  {claim.statement(lang)} [dim]{claim.where}[/]")


@command(
    "Un experimento como script de Keras que corre solo.", "One experiment as a Keras script that runs on its own."
)
@click.argument("id")
@click.option(
    "--recipe", metavar="R", help=say("receta, si el ID no la nombra", "recipe, where the ID does not name it")
)
@click.option(
    "--format", "form", type=click.Choice(["script"]), default="script", help=say("la única forma", "the only form")
)
@with_context
def export(context: Context, id: str, recipe: str | None, form: str) -> None:
    from reensayo.export import as_script

    click.echo(as_script(*select_one(id, recipe)).encode(), nl=False)  # a Python file is UTF-8 wherever it is made

"""``verdicts``: a line a claim; everything about one of them; or all of it as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape
from rich.padding import Padding

from reensayo.cli.opened import exit_code, opened, tell_outdated
from reensayo.cli.options import Context, as_json, with_context
from reensayo.cli.output import Console, print_json
from reensayo.cli.usage import command, option
from reensayo.errors import InputError
from reensayo.evidence import explain
from reensayo.pages.verdicts import EVIDENCE, OWN_FIGURE, ROLES, VERDICTS, told
from reensayo.spec import Original
from reensayo.text import TRIAL, Language, Text, between, counted, joined, number

if TYPE_CHECKING:
    from reensayo.evidence.agreement import Agreement
    from reensayo.evidence.judge import Column, Headline, Proper, Row
    from reensayo.evidence.stats import Interval


@command(
    "Un titular por afirmación: de todas o de las que tratan de lo nombrado.",
    "A headline for every claim: of all, or of those about what is named.",
)
@click.argument("ids", nargs=-1, metavar="[ID]...")
@option("--why", metavar="CLAIM", es="todo sobre una afirmación", en="everything about one claim")
@as_json
@with_context
def verdicts(context: Context, ids: tuple[str, ...], why: str | None, as_json: bool) -> int:
    if ids and why is not None:
        words = Text(es="con --why sobran los ID; recibido: {ids}", en="--why takes no IDs; received: {ids}")
        raise InputError(words.format(ids=" ".join(ids)))
    out, lang, original, results = context.out, context.lang, context.original, opened(context)
    headlines = results.verdicts(ids)
    tell_outdated(context, results)
    known = ", ".join(headline.claim.id for headline in headlines) or "–"
    if why is not None and not (headlines := [each for each in headlines if each.claim.id == why]):
        words = Text(es="no hay afirmación {claim!r}; las hay: {known}", en="no claim {claim!r}; there are: {known}")
        raise InputError(words.format(claim=why, known=known))
    if as_json:
        unreadable = [
            {"directory": str(error.directory), "trials": sorted(error.ids), "reason": error.message(lang)}
            for error in results.unreadable
        ]
        claims = [_headline_json(original, headline, lang) for headline in headlines]
        agreement = [_agreement_json(each) for each in results.agreements()]
        print_json({"claims": claims, "agreement": agreement, "unreadable": unreadable})
        return exit_code(context, results)
    if not headlines:
        words = Text(es="{name} no tiene afirmaciones", en="{name} has no claims")
        out.tell(words.format(name=original.name))
    elif why is not None:
        _print_why(out, original, headlines[0])
    else:
        _print_headlines(out, original, headlines)
        _print_agreement(out, results.agreements())
    if needed := context.store_option:
        words = Text(es="A cada orden de arriba le falta:{option}", en="Each command above needs:{option}")
        out.tell(words.format(option=needed), style="dim", soft_wrap=True)
    return exit_code(context, results)


# ---------------------------------------------------------------- for programs


def _headline_json(original: Original, headline: Headline, lang: Language) -> dict[str, Any]:
    sound = headline.sound
    return {
        "id": headline.claim.id,
        "exercise": headline.exercise.id,
        "statement": headline.claim.statement(lang),
        "where": headline.claim.where,
        "own_figure": headline.own_figure,
        "recipes": {name: _column_json(column) for name, column in headline.columns.items()},
        "sound": None
        if sound is None
        else {
            **{"value": sound.value, "interval": _ends(sound.interval), "n": sound.n},
            **{"evidence": sound.basis.evidence, "about": sound.answer.about(lang)},
        },
        "rows": [_row_json(original, row, lang) for row in headline.rows],
    }


def _column_json(column: Column) -> dict[str, Any]:
    return {**_found_json(column.row), "reading": column.row.reading.name, "same_as": column.same_as}


def _found_json(row: Row) -> dict[str, Any]:
    return {
        "verdict": row.verdict,
        "direction": row.direction,
        "evidence": row.evidence,
        "provisional": row.provisional,
        "estimate": row.estimate,
        "interval": _ends(row.interval),
        "n": row.n,
    }


def _row_json(original: Original, row: Row, lang: Language) -> dict[str, Any]:
    figure = row.against_figure
    return {
        "recipe": row.recipe,
        "reading": row.reading.name,
        "role": row.reading.role,
        **_found_json(row),
        "published": row.published,
        "figure_value": row.figure_value,
        "figure_agrees": row.figure_agrees,
        "against_figure": figure and {"verdict": figure.verdict, "direction": figure.direction},
        "caveats": [caveat(lang) for caveat in explain.caveats(row)],
        "trials": list(row.trials),
        "why": explain.why(original, row)(lang),
    }


def _agreement_json(agreement: Agreement) -> dict[str, Any]:
    return {
        **vars(agreement),
        "experiment": agreement.experiment.id,
        "seeds": list(agreement.seeds),
    }


def _ends(interval: Interval | None) -> list[float] | None:
    return [interval.low, interval.high] if interval else None


# ---------------------------------------------------------------- for people

WIDE = 110
"""Columns from which a screen has room for words beside the signs."""


def _print_headlines(out: Console, original: Original, headlines: Sequence[Headline]) -> None:
    """A line a claim: its own figure, a sign a recipe, the sound answer, and as much of the sentence as fits."""
    lang, judged = out.lang, original.judged
    figure, proper = Text(es="figura", en="figure"), Text(es="bien hecho [95 %] n", en="done properly [95 %] n")
    header = ["", figure(lang), *judged, proper(lang)]
    lines = [
        [
            each.claim.id,
            OWN_FIGURE[each.own_figure].symbol,
            *(_sign(each.columns[name], lang, out.width >= WIDE) for name in judged),
            _proper(each.sound, lang),
        ]
        for each in headlines
    ]
    widths = [max(map(len, column)) for column in zip(header, *lines, strict=True)]
    room = max(20, out.width - sum(widths) - 2 * len(widths))
    out.print("  ".join(map(str.ljust, header, widths)), style="dim", markup=False)
    for each, cells in zip(headlines, lines, strict=True):
        colours = ["bold", "none", *(VERDICTS[each.columns[name].row.verdict].colour for name in judged), "none"]
        styled = (f"[{c}]{escape(cell.ljust(w))}[/]" for cell, w, c in zip(cells, widths, colours, strict=True))
        statement = _shortened(each.claim.statement(lang), room)
        out.print(f"{'  '.join(styled)}  {escape(statement)}", no_wrap=True, overflow="ignore", crop=False)
    _print_legend(out, original, headlines)


def _sign(column: Column, lang: Language, wide: bool) -> str:
    """The verdict's sign, and with room its word; a star where too few seeds make it provisional."""
    if column.same_as:
        return "="
    symbol, words = told(column.row)
    return (f"{symbol} {words(lang)}" if wide else symbol) + "*" * column.row.provisional


def _proper(sound: Proper | None, lang: Language) -> str:
    if sound is None:
        return ""
    ends = sound.interval
    interval = f" {between(ends.low, ends.high, 3)(lang)}" if math.isfinite(ends.width) else ""
    return f"{number(sound.value, 3)(lang)}{interval} {sound.n}"


def _shortened(words: str, room: int) -> str:
    return words if len(words) <= room else words[: room - 1].rstrip(" ,;.:") + "…"


def _print_legend(out: Console, original: Original, headlines: Sequence[Headline]) -> None:
    rows = [headline.columns[name].row for headline in headlines for name in original.judged]
    verdicts, evidence = ({getattr(row, name) for row in rows} for name in ("verdict", "evidence"))
    names = joined(". ", (Text(f"{n}: {about.es}", f"{n}: {about.en}") for n, about in original.recipes.items()))
    signs = [(told.symbol, told.words) for name, told in VERDICTS.items() if name in verdicts]
    signs += [
        ("↑ ↓", Text(es="sale más, sale menos", en="it is more, it is less")),
        ("=", Text(es="como la receta anterior", en="as the recipe before")),
        ("*", Text(es="con menos semillas de las declaradas", en="with fewer seeds than declared")),
    ]
    words = Text(
        es="\nfigura: si la figura del original muestra lo que dice su frase. {names}.\n{signs}.\nEvidencia: "
        "{evidence}. «{command} verdicts --why {claim}» dice todo de una.",
        en="\nfigure: whether the original's figure shows what its sentence says. {names}.\n{signs}.\nEvidence: "
        "{evidence}. `{command} verdicts --why {claim}` says everything about one.",
    )
    given = {"names": names, "command": original.command, "claim": headlines[0].claim.id}
    told_signs = joined(", ", (joined(" ", [Text(sign, sign), words]) for sign, words in signs))
    told_evidence = joined(", ", (words for name, words in EVIDENCE.items() if name in evidence))
    out.tell(words.format(**given, signs=told_signs, evidence=told_evidence), style="dim")


AGREES: Mapping[str, Text] = {
    "rounding": Text(es="{n} como los incluidos, salvo redondeo", en="{n} as the shipped ones, but for rounding"),
    "sample": Text(es="{n} de la misma distribución", en="{n} of the same distribution"),
    "differs": Text(es="{n} distintas", en="{n} different"),
}


def _print_agreement(out: Console, agreements: Sequence[Agreement]) -> None:
    """In a line whether this machine gives what comes with the original, and what does not."""
    if not agreements:
        return
    kinds = [(name, [each for each in agreements if each.agrees == name]) for name in AGREES]
    counts = joined(", ", (AGREES[name].format(n=len(of_kind)) for name, of_kind in kinds if of_kind))
    words = Text(
        es="\nRecetas entrenadas en esta máquina: {counts}.", en="\nRecipes trained on this machine: {counts}."
    )
    out.tell(words.format(counts=counts))
    for each in dict(kinds)["differs"]:
        words = Text(
            es="  {run}, {epochs} épocas: {metric} difiere en {apart} (redondeo: {explained}; p = {p})",
            en="  {run}, {epochs} epochs: {metric} is {apart} apart (rounding: {explained}; p = {p})",
        )
        numbers = {name: number(getattr(each, name), 2) for name in ("apart", "explained", "p")}
        run = each.experiment.under(each.recipe)
        out.tell(words.format(run=run, epochs=each.epochs, metric=each.metric, **numbers), style="yellow")


def _print_why(out: Console, original: Original, headline: Headline) -> None:
    claim, lang = headline.claim, out.lang
    out.print(f"\n[bold]{claim.id}[/]  {claim.statement(lang)}  [dim]{claim.where}[/]")
    if claim.comment:
        out.print(claim.comment(lang))
    out.tell(OWN_FIGURE[headline.own_figure].words)
    for name, column in headline.columns.items():
        if column.same_as:
            words = Text(es="{name}: los mismos entrenamientos que {other}", en="{name}: the same trainings as {other}")
            out.tell(words.format(name=name, other=column.same_as))
    for row in headline.rows:
        symbol, words = told(row)
        style = VERDICTS[row.verdict].colour
        out.print(
            f"\n[{style}]{symbol} {words(lang)}[/]  [bold]{row.recipe}[/]  [dim]{ROLES[row.reading.role](lang)}[/]"
        )
        if row.reading.about:
            _indented(out, row.reading.about(lang), style="dim")
        _indented(out, explain.why(original, row)(lang))
        if figure := explain.figure_in_words(row):
            _indented(out, figure(lang))
        for caveat in explain.caveats(row):
            _indented(out, f"! {caveat(lang)}")
        kind = EVIDENCE[row.evidence]
        words = Text(es="  evidencia {kind}: {trials}", en="  evidence {kind}: {trials}")
        out.tell(words.format(kind=kind, trials=counted(len(row.trials), *TRIAL)), style="dim")
        for trial in row.trials:
            out.print(f"    {trial}", style="dim", markup=False)
    if sound := headline.sound:
        words = Text(
            es="\nBien hecho: {about}: {value} (intervalo del 95 %, n; evidencia {kind})",
            en="\nDone properly: {about}: {value} (95 % interval, n; evidence {kind})",
        )
        given = {"about": sound.answer.about, "value": _proper(sound, lang), "kind": EVIDENCE[sound.basis.evidence]}
        out.tell(words.format(**given))


def _indented(out: Console, words: str, style: str = "none") -> None:
    out.print(Padding(escape(words), (0, 0, 0, 2), expand=False), style=style)

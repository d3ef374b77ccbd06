"""Options that every command takes, and what a command knows of them."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial, wraps
from pathlib import Path
from typing import Any

import click

from reensayo import api, outline, registry
from reensayo.cli import streams
from reensayo.cli.output import Console, console
from reensayo.cli.usage import option
from reensayo.errors import InputError, ReensayoError
from reensayo.spec import Original
from reensayo.spec.place import raised_at
from reensayo.store import USUAL, Store
from reensayo.text import LANGUAGES, Language, Text, default_language


@dataclass(frozen=True)
class Context:
    """The original that a command is about, where results and data are, and the language of what is printed."""

    wanted: str | None  # what --original says
    store: Store
    data: Path | None
    lang: Language

    @cached_property
    def original(self) -> Original:
        """Found when it is first asked for, as ``registry.find`` does: a command that needs none runs without."""
        return registry.find(self.wanted)

    @property
    def out(self) -> Console:
        return console(self.lang)

    @property
    def store_option(self) -> str:
        """What a command must say to mean the same store."""
        return "" if self.store.root == USUAL else f" --store {shlex.quote(str(self.store.root))}"

    def complain(self, words: Text) -> None:
        """Say a sentence on standard error."""
        streams.complain(words(self.lang))

    def outline(self) -> None:
        """See that the outlines of the original's networks are there, and say so where that imports Keras."""
        if outline.is_stale(self.original):
            words = Text(es="se construyen las redes de {name}, una vez", en="building the networks of {name}, once")
            self.complain(words.format(name=self.original.name))
            api.write_outlines(self.original)


original_option = option(
    "--original",
    "wanted",
    metavar="NAME|DIR",
    es="el trabajo: uno instalado o una carpeta, cuyo código se ejecuta ($REENSAYO_ORIGINAL)",
    en="the work: an installed one or a folder, whose code is run ($REENSAYO_ORIGINAL)",
)
folder_option = partial(option, type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
as_json = option("--json", "as_json", is_flag=True, es="solo JSON en la salida", en="nothing but JSON as output")


def with_context(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--original``, ``--store``, ``--data`` and ``--lang``, as its first argument, a Context."""

    @original_option
    @folder_option("--store", default=USUAL, es="carpeta de resultados (./runs)", en="folder of results (./runs)")
    @folder_option(
        "--data",
        type=click.Path(readable=False, path_type=Path),  # what cannot be read is told where it is read
        es="carpeta de datos, la primera donde se busca",
        en="folder of data sets, looked in first",
    )
    @option("--lang", type=click.Choice(LANGUAGES), es="idioma", en="language")
    @wraps(function)
    def wrapped(*, wanted: str | None, store: Path, data: Path | None, lang: Language | None, **options: Any) -> Any:
        if wanted is None:  # then what stands before the command
            wanted = click.get_current_context().find_root().params["wanted"]
        context = Context(wanted, Store(store), data, lang or default_language())
        try:
            return function(context, **options)
        except Exception as error:
            is_known = isinstance(error, ReensayoError) or "original" not in vars(context)
            if is_known or not (place := raised_at(error, context.original.folder)):
                raise
            told = f"{place}: {type(error).__name__}: {error}"  # in an event, a panel or another function of the work
            raise InputError(Text(told, told)) from error

    return wrapped

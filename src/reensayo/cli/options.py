"""Options that every command takes, and what a command knows of them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from reensayo.store import USUAL, Store
from reensayo.text import LANGUAGES, Language, Text, default_language


@dataclass(frozen=True)
class Context:
    """Where results and data are, and the language of everything that is printed."""

    store: Store
    data: Path | None
    lang: Language


def asked_language() -> Language:
    """The language of ``--help``, which is printed before options are parsed."""
    given = [b for a, b in zip(sys.argv, [*sys.argv[1:], ""], strict=True) if a == "--lang"]
    given += [word.removeprefix("--lang=") for word in sys.argv if word.startswith("--lang=")]
    return next((lang for lang in LANGUAGES if lang in given), default_language())


def say(es: str, en: str) -> str:
    """Help in the language asked for."""
    return Text(es=es, en=en)(asked_language())


def with_context(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--store``, ``--data`` and ``--lang``, as its first argument, a Context."""

    @click.option(
        "--store",
        type=click.Path(file_okay=False, path_type=Path),
        default=USUAL,
        metavar="DIR",
        help=say("carpeta de resultados (./runs)", "folder of results (./runs)"),
    )
    @click.option(
        "--data",
        type=click.Path(readable=False, path_type=Path),  # what cannot be read is told where it is read
        metavar="DIR",
        help=say("carpeta de datos, la primera donde se busca", "folder of data sets, looked in first"),
    )
    @click.option("--lang", type=click.Choice(LANGUAGES), help=say("idioma", "language"))
    @wraps(command)
    def wrapped(*args: Any, store: Path, data: Path | None, lang: Language | None, **options: Any) -> Any:
        return command(Context(Store(store), data, lang or default_language()), *args, **options)

    return wrapped


as_json = click.option(
    "--json", "as_json", is_flag=True, help=say("solo JSON en la salida", "nothing but JSON as output")
)

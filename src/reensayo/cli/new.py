"""``new``: a small original, to be edited."""

from __future__ import annotations

import os
import re
import shlex
import unicodedata
from importlib import resources
from pathlib import Path

import click

from reensayo.cli.options import Context, with_context
from reensayo.cli.usage import command
from reensayo.errors import InputError
from reensayo.text import Text, in_docstring

NEXT = Text(
    es="{folder}/__init__.py es un original pequeño que ya funciona. Pruébelo:\n\n{commands}\nDespués cambie los "
    "datos, la red, las recetas y las afirmaciones por los del trabajo que quiere volver a ejecutar.",
    en="{folder}/__init__.py is a small original that works already. Try it:\n\n{commands}\nThen put in the data, the "
    "network, the recipes and the claims of the work that you want to run again.",
)


@command(
    "Escribe en una carpeta nueva un original pequeño que ya funciona, para editarlo.",
    "Write a small original that runs at once into a new folder, to be edited.",
)
@click.argument("dir", type=Path)
@with_context
def new(context: Context, dir: Path) -> None:
    if dir.exists() and not (dir.is_dir() and not any(dir.iterdir())):
        words = Text(
            es="new espera una carpeta nueva o vacía; se recibió {folder}, donde ya hay algo",
            en="new expects a new or empty folder; received {folder}, where there is something already",
        )
        raise InputError(words.format(folder=dir))
    folder = str(dir) if dir.name != str(dir) else f".{os.sep}{dir}"  # a bare name may be that of an installed work
    folder = shlex.quote(folder)
    dir.mkdir(parents=True, exist_ok=True)
    said = {"--original template": f"--original {in_docstring(folder)}", "template": name_of(dir)}
    template = resources.files("reensayo") / "template"
    for file in ("__init__.py", "points.csv", "curves.json"):
        content = template.joinpath(file).read_text("utf-8")
        content = re.sub(r"(--original )?\btemplate\b", lambda found: said[found[0]], content)
        (dir / file).write_text(content, "utf-8")
    commands = "".join(f"    reensayo --original {folder} {name}\n" for name in ("run", "verdicts", "report"))
    context.out.tell(NEXT.format(folder=folder, commands=commands), soft_wrap=True)


def name_of(folder: Path) -> str:
    """What the original in a folder is called: the folder's name in letters that a command line knows."""
    letters = unicodedata.normalize("NFKD", folder.resolve().name).encode("ascii", "ignore").decode()
    return re.sub(r"[^\w.-]+", "-", letters).strip("-._") or "original"

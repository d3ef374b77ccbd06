"""The machine and its data: ``data`` and ``doctor``."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click
from rich.markup import escape

from reensayo import environment, hardware
from reensayo.cli.options import Context, with_context
from reensayo.cli.usage import Commands, command, say
from reensayo.errors import ReensayoError
from reensayo.text import Text, number


@click.group(cls=Commands, help=say("Verifica o descarga los conjuntos de datos.", "Verify or fetch the data sets."))
def data() -> None: ...


STATES = {
    "whole": Text(es="[green]íntegro[/]", en="[green]whole[/]"),
    "damaged": Text(es="[red]dañado[/]", en="[red]damaged[/]"),
    "unreadable": Text(es="[red]ilegible[/]", en="[red]unreadable[/]"),
    "absent": Text(es="[yellow]ausente[/]", en="[yellow]absent[/]"),
}


@data.command(help=say("Comprueba cada archivo presente.", "Check every file that is there."))
@with_context
def verify(context: Context) -> int:
    from reensayo import datasets

    out, lang, original = context.out, context.lang, context.original
    results = datasets.verify(original.datasets, context.data)
    rows = out.table("conjunto | estado | dónde", "set | state | where")
    for result in results:
        rows.add_row(result.name, STATES[result.state](lang), escape(result.found.origin if result.found else ""))
    for experiment in original.experiments.values():
        if experiment.dataset is None:
            rows.add_row(experiment.id, Text(es="se genera", en="generated")(lang), "")
    out.print(rows)
    problems = {problem.line: problem.remedy for result in results for problem in result.problems}
    for line in problems:
        out.tell(line, style="red", soft_wrap=True)
    for remedy in dict.fromkeys(problems.values()):
        out.tell(remedy, soft_wrap=True)
    if absent := [result.name for result in results if result.state == "absent"]:
        words = Text(
            es="ausentes: {names}; «{command} data fetch» los descarga",
            en="absent: {names}; `{command} data fetch` downloads them",
        )
        out.print(words.format(names=", ".join(absent), command=original.command)(lang))
    return 2 if problems else 0


@data.command(help=say("Descarga lo que falta.", "Download what is missing."))
@click.argument("names", nargs=-1)
@with_context
def fetch(context: Context, names: tuple[str, ...]) -> None:
    from reensayo import datasets

    for name, found in datasets.fetch(context.original.datasets, names, context.data).items():
        context.out.print(f"{name}: {found.origin}", markup=False, soft_wrap=True)


@command(
    "Versiones, motor, dispositivos, datos, disco, memoria, y qué hacer con cada problema.",
    "Versions, backend, devices, data, disk, memory, and what to do about each problem.",
)
@with_context
def doctor(context: Context) -> int:
    out, lang = context.out, context.lang
    rows = out.table("estado | qué | hallado", "state | what | found", header=False)
    problems: list[Text] = []
    for name, examine in EXAMINED.items():
        try:
            found, problem = examine(context)
        except ReensayoError as error:
            found, problem = "–", error.message
        rows.add_row("[red]✗[/]" if problem else "[green]✓[/]", name(lang), escape(found))
        problems += [problem] if problem else []
    out.print(rows)
    for problem in problems:
        out.print(f"✗ {problem(lang)}", style="red", markup=False, soft_wrap=True)
    return 1 if problems else 0


Examined = tuple[str, Text | None]
"""What was found, and what to do about it where it is a problem."""


def _package(name: str, context: Context) -> Examined:
    try:
        return version(name), None
    except PackageNotFoundError:
        advice = Text(es="falta {name}: vuelva a instalar reensayo", en="{name} is missing: install reensayo again")
        return "–", advice.format(name=name)


def _variables(context: Context) -> Examined:
    """Those that concern the packages; what to do about one that is refused is said with the devices."""
    refused = [f"{name}={value} ✗" for name, value in environment.refused().items()]
    ignored = [f"{name}={os.environ[name]}" for name in environment.harmless()]
    return ", ".join(refused + ignored) or "–", None


def _devices(context: Context) -> Examined:
    from reensayo.training import device

    devices = device.setup()
    return f"Keras/JAX, {len(devices)} × {devices[0].device_kind}; {hardware.processor()}", None


def _cores(context: Context) -> Examined:
    found = f"{hardware.cores()} / {os.cpu_count()}"
    if hardware.affinity() < (os.cpu_count() or 1):
        found += f"; affinity {hardware.affinity()}"
    if (quota := hardware.cpu_quota()) is not None:
        found += f"; cgroup quota {quota:.3g}"
    return found, None


def _memory(context: Context) -> Examined:
    import psutil

    found = psutil.virtual_memory().total, hardware.memory_limit(), hardware.memory_free()
    total, limit, free = (size / 2**30 for size in found)
    advice = Text(
        es="quedan {free} GiB de memoria: cierre otros programas antes de entrenar",
        en="{free} GiB of memory left: close other programs before you train",
    )
    words = f"{free:.1f} / {min(limit, total):.1f} GiB"
    if limit < total:
        words += f" (cgroup, ulimit), {total:.1f} GiB"
    return words, advice.format(free=number(free, 2)) if free < 1.5 else None


def _programs(context: Context) -> Examined:
    from reensayo.training import device

    chosen = os.environ.get("JAX_COMPILATION_CACHE_DIR")  # whoever chose it may keep other things there
    folder = Path(chosen) if chosen else device.caches()
    if chosen or device.cache_can_be_written():
        return _held(folder, [folder], ours=not chosen), None
    advice = Text(
        es="no se puede escribir en {folder}, así que los programas se compilan de nuevo cada vez; ponga en "
        "XDG_CACHE_HOME una carpeta donde se pueda",
        en="{folder} cannot be written to, so programs are compiled anew each time; set XDG_CACHE_HOME to a folder "
        "that can",
    )
    return _held(folder, [folder], ours=False), advice.format(folder=folder)


def _downloads(context: Context) -> Examined:
    from reensayo.datasets import places
    from reensayo.training import device

    folder, there = places.cache(), []
    with suppress(OSError):  # nothing was ever downloaded
        there = sorted(path for path in folder.iterdir() if path != device.caches())
    return _held(folder, there), None


def _held(folder: Path, contents: Sequence[Path], ours: bool = True) -> str:
    """How much that takes, and the command that clears what is there if it is ``ours``."""
    total = 0
    for file in (file for path in contents for file in (path.rglob("*") if path.is_dir() else [path])):
        with suppress(OSError):
            total += file.lstat().st_size
    there = [str(path) for path in contents if ours and path.exists()]
    return f"{total / 2**20:.1f} MiB ({folder})" + (f"; rm -r {shlex.join(there)}" if there else "")


def _original(context: Context) -> Examined:
    return f"{context.original.name} ({context.original.folder})", None


def _data(context: Context) -> Examined:
    from reensayo import datasets

    try:
        original = context.original
    except ReensayoError:  # told above
        return "–", None
    found = datasets.verify(original.datasets, context.data)
    there = ", ".join(result.name + (" ✗" if result.problems else "") for result in found if result.state != "absent")
    names = [result.name for result in found if result.problems]
    advice = Text(
        es="dañado o ilegible: {names}; «{command} data verify» dice qué archivo",
        en="damaged or unreadable: {names}; `{command} data verify` says which file",
    )
    if not names:
        names = [result.name for result in found if result.state == "absent"]
        advice = Text(
            es="faltan {names}: {command} data fetch {names}", en="{names} missing: {command} data fetch {names}"
        )
    return there, advice.format(names=" ".join(names), command=original.command) if names else None


def _disk(context: Context) -> Examined:
    place = next(p for p in (context.store.root.resolve(), *context.store.root.resolve().parents) if p.exists())
    free = shutil.disk_usage(place).free / 2**30
    advice = Text(
        es="quedan {free} GiB en {place}: libere espacio o use --store",
        en="{free} GiB left at {place}: free some, or use --store",
    )
    return f"{free:.0f} GiB ({place})", advice.format(free=number(free, 2), place=place) if free < 1 else None


PACKAGES = ("reensayo", "keras", "jax", "jaxlib", "numpy", "scipy", "matplotlib")
EXAMINED: dict[Text, Callable[[Context], Examined]] = {
    Text("Python", "Python"): lambda _: (f"{sys.version.split()[0]} ({sys.executable})", None),
    **{Text(name, name): partial(_package, name) for name in PACKAGES},
    Text(es="variables de entorno", en="environment variables"): _variables,
    Text(es="motor y dispositivos", en="backend and devices"): _devices,
    Text(es="núcleos que puede usar", en="cores it may use"): _cores,
    Text(es="memoria libre", en="free memory"): _memory,
    Text(es="programas compilados", en="compiled programs"): _programs,
    Text(es="datos descargados", en="downloaded data"): _downloads,
    Text(es="trabajo original", en="original"): _original,
    Text(es="datos", en="data"): _data,
    Text(es="disco libre", en="free disk"): _disk,
}

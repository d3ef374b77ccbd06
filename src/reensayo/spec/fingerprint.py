"""A digest of the code that makes a result, so that an original given as a folder is trained again when it changes.

Taken are the functions of an experiment, whatever of the folder these use in turn, and the values that they read.
Comments, docstrings and how the code is laid out do not count, nor does anything that only words, claims and figures
use; what lies outside the folder counts by its name.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from reensayo.spec.identity import digest

if TYPE_CHECKING:
    from reensayo.spec.experiment import Experiment
    from reensayo.spec.settings import Recipe


def of_results(experiment: Experiment, recipe: Recipe, folder: Path) -> str:
    """16 hexadecimal digits over what trains and measures a recipe."""
    parts = [experiment.load, experiment.split, experiment.encode, experiment.evaluate, *experiment.metrics]
    parts += [recipe.fit, experiment.validates, experiment.keeps_units]
    return digest([_described(part, folder, set()) for part in (experiment.network, *parts)])[:16]


def of_network(experiment: Experiment, folder: Path) -> str:
    """The same over what builds the network."""
    return digest(_described(experiment.network, folder, set()))[:16]


def _described(value: Any, folder: Path, seen: set[int]) -> Any:
    """A value as JSON that changes where what it does may change."""
    if value is None or isinstance(value, bool | int | float | str | bytes | complex):
        return repr(value)
    if id(value) in seen:  # it is being described further up
        return "seen"
    seen = seen | {id(value)}
    match value:
        case partial():
            return [_described(part, folder, seen) for part in (value.func, value.args, value.keywords)]
        case Mapping():
            return [[repr(key), _described(item, folder, seen)] for key, item in value.items()]
        case list() | tuple():
            return [_described(item, folder, seen) for item in value]
        case set() | frozenset():
            return sorted(map(repr, value))
        case FunctionType() if _lies_in(folder, value.__code__.co_filename):
            return _function(value, folder, seen)
        case type() if _lies_in(folder, _file_of(value)):
            return [ast.dump(_bare(ast.parse(inspect.getsource(value))))]
    if hasattr(value, "tobytes"):  # a NumPy array
        return [str(value.dtype), list(value.shape), value.tobytes().hex()]
    return f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', type(value).__qualname__)}"


def _function(function: FunctionType, folder: Path, seen: set[int]) -> Any:
    nodes = [node for node in _functions_at(function) if getattr(node, "name", "<lambda>") == function.__name__]
    names = {name.id for node in nodes for name in ast.walk(node) if isinstance(name, ast.Name)}
    attributes = {
        (node.value.id, node.attr)
        for part in nodes
        for node in ast.walk(part)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    free = dict(zip(function.__code__.co_freevars, (c.cell_contents for c in function.__closure__ or ()), strict=True))
    known = {name: value for name, value in {**function.__globals__, **free}.items() if name in names}
    used = {name: value for name, value in known.items() if not isinstance(value, ModuleType)}
    for module, attribute in attributes:
        value = known.get(module)
        if isinstance(value, ModuleType) and _lies_in(folder, value.__file__ or ""):
            used[f"{module}.{attribute}"] = getattr(value, attribute, None)
    return [
        [ast.dump(_bare(node)) for node in nodes],
        _described(function.__defaults__, folder, seen),
        [[name, _described(used[name], folder, seen)] for name in sorted(used)],
    ]


def _functions_at(function: FunctionType) -> list[ast.AST]:
    """The functions of its file that begin where it does: one, but for lambdas in one line."""
    code = function.__code__
    found = []
    for node in ast.walk(_tree(code.co_filename)):
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
            if first == code.co_firstlineno:
                found.append(node)
    return found


@cache
def _tree(file: str) -> ast.Module:
    return ast.parse(Path(file).read_text("utf-8"))


def _bare(node: ast.AST) -> ast.AST:
    """Without docstrings."""

    class Undocumented(ast.NodeTransformer):
        def generic_visit(self, node: ast.AST) -> ast.AST:
            body = getattr(node, "body", None)
            if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
                if isinstance(body[0].value, ast.Constant) and isinstance(body[0].value.value, str):
                    node = type(node)(**{**dict(ast.iter_fields(node)), "body": body[1:]})
            return super().generic_visit(node)

    return Undocumented().visit(node)


def _file_of(kind: type) -> str:
    return getattr(sys.modules.get(kind.__module__), "__file__", None) or ""


def _lies_in(folder: Path, file: str) -> bool:
    return bool(file) and Path(file).resolve().is_relative_to(folder.resolve())

"""A digest of the code that makes a result, so that an original given as a folder is trained again when it changes.

Taken are the functions of an experiment, whatever of the folder these use in turn, and the values that they read.
Comments, docstrings and how the code is laid out do not count, nor does anything that only words, claims and figures
use; what lies outside the folder counts by its name.
"""

from __future__ import annotations

import ast
import copyreg
import hashlib
import linecache
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

from reensayo.errors import InputError
from reensayo.spec.identity import canonical_json, digest
from reensayo.text import Text, quoted

if TYPE_CHECKING:
    from reensayo.spec.exercise import Counted
    from reensayo.spec.experiment import Experiment
    from reensayo.spec.recipe import Recipe


def of_results(experiment: Experiment, recipe: Recipe, folder: Path) -> str:
    """16 hexadecimal digits over what trains and measures a recipe, or fits a baseline.

    That it uses a value of which nobody can say what is in it, like a lock, is an InputError, here and below.
    """
    e = experiment
    network = e.network, e.encode, e.evaluate, e.metrics, e.validates, e.measures_training, e.keeps_units
    parts = [e.load, e.split, getattr(e.dataset, "decode", None), *([recipe.fit] if recipe.fit else network)]
    return digest(_Folder(folder.resolve(), e.place).described(parts))[:16]


def of_network(experiment: Experiment | Counted, folder: Path) -> str:
    """The same over what builds the network."""
    return digest(_Folder(folder.resolve(), experiment.place).described(experiment.network))[:16]


@dataclass
class _Folder:
    """Describes values as JSON that changes where what they do may change: code that lies in the folder is followed."""

    _folder: Path
    _place: str
    _seen: dict[int, tuple[int, Any]] = field(default_factory=dict)  # by address, so each value is kept as long

    def described(self, value: Any) -> Any:
        if isinstance(value, Text):
            return "words"
        if value is None or isinstance(value, bool | int | float | complex | str | bytes):
            return repr(value).replace(str(self._folder), ".")
        if name := self._name_outside(value):
            return name
        if id(value) in self._seen:
            return f"number {self._seen[id(value)][0]} above"
        self._seen[id(value)] = len(self._seen), value
        if hasattr(value, "__wrapped__") and not isinstance(value, FunctionType):  # functools.cache
            return [_name(type(value)), self.described(value.__wrapped__)]
        match value:
            case Path():
                return self._file(value)
            case partial():
                return [self.described(part) for part in (value.func, value.args, value.keywords)]
            case MethodType():
                return [self.described(value.__func__), self.described(value.__self__)]
            case Mapping():
                return [[self.described(key), self.described(item)] for key, item in value.items()]
            case list() | tuple():
                return [self.described(item) for item in value]
            case set() | frozenset():
                # without an order: what an item refers to as above is no other item
                return sorted(canonical_json(replace(self, _seen=dict(self._seen)).described(item)) for item in value)
            case ModuleType():
                return self._file(Path(_file_of(value))) if self._has(_file_of(value)) else value.__name__
            case FunctionType():
                return self._function(value)
            case type():
                return self._class(value)
        if hasattr(type(value), "tobytes") and hasattr(type(value), "dtype"):  # a NumPy array
            content = self.described(value.tolist()) if value.dtype.hasobject else value.tobytes().hex()
            return [str(value.dtype), list(value.shape), content]
        return [self.described(part) for part in self._parts(value)]

    def _name_outside(self, value: Any) -> str:
        """The name under which a module outside the folder has a value; empty where none has."""
        module = getattr(value, "__module__", None) or type(getattr(value, "__self__", None)).__module__
        name = getattr(value, "__name__", "")
        there = name and getattr(sys.modules.get(module), name, None) is value
        return f"{module}.{name}" if there and not self._has(_file_of(sys.modules[module])) else ""

    def _parts(self, value: Any) -> list[Any]:
        """What another object is made of, as Keras writes it down, else as Python does to copy or pickle it."""
        if is_dataclass(value):
            return [type(value), {f.name: getattr(value, f.name) for f in fields(value) if f.compare}]  # not its place
        try:
            if hasattr(value, "get_config"):
                return [type(value), value.get_config(), getattr(value, "_fn_kwargs", {})]  # those of losses lack it
            reduce = copyreg.dispatch_table.get(type(value))
            parts = reduce(value) if reduce else value.__reduce_ex__(2)
        except Exception:  # whatever a class does there
            parts = ""
        if not isinstance(parts, str):
            return [list(part) if isinstance(part, Iterator) else part for part in parts]
        if parts.isidentifier():  # the only one of its name; not a function that NumPy made a ufunc of
            return [type(value), parts]
        words = Text(
            es="{place}: no se puede saber qué contiene {value}, que usa el código: créelo en la función que lo usa",
            en="{place}: what is in {value}, used by the code, cannot be known: make it in the function that uses it",
        )
        raise InputError(words.format(place=self._place, value=quoted(value)))

    def _has(self, file: str) -> bool:
        return bool(file) and Path(file).resolve().is_relative_to(self._folder)

    def _file(self, path: Path) -> Any:
        """A file of the folder by its content; that of a module without what its names stand for."""
        if not self._has(str(path)) or not path.is_file():
            return str(path).replace(str(self._folder), ".")
        if path.suffix == ".py":
            return self._code([_tree(str(path))], {"__file__": str(path)})
        return hashlib.sha256(path.read_bytes()).hexdigest()

    def _function(self, function: FunctionType) -> Any:
        closure: dict[str, Any] = {}
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            with suppress(ValueError):  # it is still empty
                closure[name] = cell.cell_contents
        given = [self.described(function.__defaults__), self.described(function.__kwdefaults__)]
        if not self._has(function.__code__.co_filename):
            return [_name(function), *given, self.described(closure)]
        return [*given, self._code(_functions_at(function.__code__), {**function.__globals__, **closure})]

    def _class(self, kind: type) -> Any:
        if not self._has(file := _file_of(sys.modules.get(kind.__module__))):
            return _name(kind)
        classes = [node for node in ast.walk(_tree(file)) if isinstance(node, ast.ClassDef)]
        return self._code([node for node in classes if node.name == kind.__name__], vars(sys.modules[kind.__module__]))

    def _code(self, nodes: Sequence[ast.AST], scope: Mapping[str, Any]) -> Any:
        used = dict(self._used(nodes, scope))
        return [[_bare(node) for node in nodes], [[name, self.described(used[name])] for name in sorted(used)]]

    def _used(self, nodes: Sequence[ast.AST], scope: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """What code reads of the names in its scope, and of the folder's modules that it imports itself."""
        parts = [part for node in nodes for part in ast.walk(node)]
        of_modules = set()
        for part in parts:
            match part:
                case ast.Attribute(value=ast.Name(id=name) as left, attr=attribute):
                    if isinstance(module := scope.get(name), ModuleType):
                        of_modules.add(id(left))
                        if self._has(_file_of(module)):
                            yield f"{name}.{attribute}", getattr(module, attribute, None)
                case ast.ImportFrom(level=level, module=module_name) if level:
                    place = Path(scope["__file__"]).parents[level - 1].joinpath(*(module_name or "").split("."))
                    for path in (place, *(place / alias.name for alias in part.names)):
                        for file in (path.with_suffix(".py"), path / "__init__.py"):
                            if path != place or module_name:
                                yield f"import {file}".replace(str(self._folder), "."), file
        for part in parts:
            if isinstance(part, ast.Name) and part.id in scope and id(part) not in of_modules:
                yield part.id, scope[part.id]


def _name(value: type | FunctionType) -> str:
    return f"{value.__module__}.{value.__qualname__}"


def _file_of(module: ModuleType | None) -> str:
    return getattr(module, "__file__", None) or ""


# ---------------------------------------------------------------- source


def _tree(file: str) -> ast.Module:
    """The module in a file, as it was when ``registry`` imported it."""
    linecache.checkcache(file)
    return ast.parse("".join(linecache.getlines(file)))


def _functions_at(code: CodeType) -> list[ast.AST]:
    """The functions of its file that begin where it does: one, but for lambdas in one line."""
    nodes = (node for node in ast.walk(_tree(code.co_filename)) if isinstance(node, ast.FunctionDef | ast.Lambda))
    named = [node for node in nodes if getattr(node, "name", "<lambda>") == code.co_name]
    whole = [(node, *getattr(node, "decorator_list", ())) for node in named]
    return [parts[0] for parts in whole if min(part.lineno for part in parts) == code.co_firstlineno]


def _bare(tree: ast.AST) -> str:
    """The code without docstrings and comments, laid out in the one way that Python does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)

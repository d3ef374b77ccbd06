"""Settings with their ranges, and values with where they come from."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from reensayo.errors import InputError
from reensayo.spec.place import SpecError, caller, written_here
from reensayo.text import Text, quoted

Value = str | int | float | bool
NUMBER = re.compile(r"-?[0-9.]+(e[+-]?[0-9]+)?", re.IGNORECASE)
"""How a number is written: no sign before a positive one, no digits of other scripts, nothing between them."""
Origin = str
"""Where a value comes from: ``text``, ``script``, ``ours`` or another of the original's sources; or several."""


@dataclass(frozen=True)
class Sourced:
    """A value and where it comes from; ``place`` is where it is written down here."""

    value: Value
    origin: Origin
    place: str = written_here()


def sourced(origin: Origin, /, **values: Value) -> dict[str, Sourced]:
    """Values of settings by name, all from one source; what several sources say is put together by ``|``."""
    return {name: Sourced(value, origin) for name, value in values.items()}


text = partial(sourced, "text")
"""Said by the original's text."""
script = partial(sourced, "script")
"""Found in the published script only."""
both = partial(sourced, "text, script")
"""Said by the text and found in the script."""
ours = partial(sourced, "ours")
"""Chosen by us."""


@dataclass(frozen=True)
class Setting:
    """One thing that a recipe fixes: its name, what it means and which values it takes.

    ``kind`` is ``str``, ``int``, ``float`` or ``bool``; numbers lie in ``[low, high]``, strings among ``choices``.
    ``loss_part`` says what the loss has of it: its ``function`` of the outputs, or a ``penalty`` of the weights; a
    part that is 0 or false is none.
    """

    name: str
    about: Text
    kind: type[Value]
    low: float = float("-inf")
    high: float = float("inf")
    choices: tuple[str, ...] = ()
    loss_part: Literal["", "function", "penalty"] = ""

    def __post_init__(self) -> None:
        if self.kind not in (int, float, bool) and not (self.kind is str and self.choices):
            raise SpecError(caller(), f"setting {self.name}: expected int, float, bool, or str with choices=")

    def expected(self) -> str:
        """The possible values in words, the same in every language."""
        if self.kind is str:
            return " | ".join(self.choices)
        if self.kind is bool:
            return "true | false"
        return f"{self.kind.__name__} {self.low:g} … {self.high:g}"

    def parse(self, raw: object) -> Value:
        """Read a value as it stands on the command line, or as Python or NumPy have it; an InputError as ``check``."""
        try:
            words = str(raw)
            if self.kind in (int, float) and not NUMBER.fullmatch(words):
                raise ValueError
            value: Value = {"true": True, "false": False}[words.lower()] if self.kind is bool else self.kind(words)
        except (KeyError, ValueError):
            raise self._refuse(raw) from None
        return self.check(value)

    def check(self, value: Value) -> Value:
        """The value itself, an int widened where a float is meant; an InputError if of another kind or out of range."""
        if self.kind is float and type(value) is int:
            value = float(value)
        is_of_kind = type(value) is self.kind and value not in (math.inf, -math.inf)
        if is_of_kind and (value in self.choices if isinstance(value, str) else self.low <= value <= self.high):
            return value
        raise self._refuse(value)

    def _refuse(self, received: object) -> InputError:
        words = Text(
            es="valor no válido para {name}: se esperaba {expected}; se recibió {received}",
            en="invalid value for {name}: expected {expected}; received {received}",
        )
        return InputError(words.format(name=self.name, expected=self.expected(), received=quoted(received)))


class Settings(Mapping[str, Value]):
    """The values of one recipe, read-only, by name or as attributes: ``s["epochs"]`` is ``s.epochs``."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> Value:
        return self._values[name]

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_"):
            with suppress(KeyError):
                return self[name]
        raise AttributeError(f"no setting {name!r}; this recipe has {', '.join(self)}")

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def said(value: Value) -> Text:
    """A value for people, with the decimal comma of Spanish."""
    plain = in_words(value)
    return Text(es=plain.replace(".", ",") if isinstance(value, float) else plain, en=plain)


def in_words(value: Value) -> str:
    """A value as it is written after ``--set key=``: ``parse`` reads the same value from it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return short if float(short := f"{value:g}") == value else repr(value)
    return str(value)

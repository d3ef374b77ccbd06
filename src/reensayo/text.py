"""Words for people, in Spanish and English, side by side where they are used."""

from __future__ import annotations

import locale
import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Language = Literal["es", "en"]
LANGUAGES: tuple[Language, ...] = ("es", "en")


@dataclass(frozen=True)
class Text:
    """One message in both languages; ``text("es")`` gives the Spanish one, ``str(text)`` the English one."""

    es: str
    en: str

    def __call__(self, lang: Language) -> str:
        return self.es if lang == "es" else self.en

    def __str__(self) -> str:
        return self.en

    def format(self, **values: Any) -> Text:
        """Fill ``{names}`` in both languages; a value that is itself a Text is filled in its own language."""
        es, en = ({n: v(lang) if isinstance(v, Text) else v for n, v in values.items()} for lang in LANGUAGES)
        return Text(self.es.format(**es), self.en.format(**en))


SEED = Text(es="semilla", en="seed"), Text(es="semillas", en="seeds")
TRIAL = Text(es="ensayo", en="trial"), Text(es="ensayos", en="trials")
PAIR = Text(es="par", en="pair"), Text(es="pares", en="pairs")
"""One and many, for ``counted``."""


def number(value: float | None, digits: int = 4) -> Text:
    """A number as people write it: so many significant digits, whole numbers whole, decimal comma in Spanish."""
    value = math.nan if value is None else value
    try:
        value = float(value) + 0.0  # -0.0 is 0
    except OverflowError:  # a whole number beyond all floats
        value = math.inf if value > 0 else -math.inf
    if not math.isfinite(value):
        words = {math.inf: "∞", -math.inf: "-∞"}.get(value, "–")
        return Text(words, words)
    plain = f"{value:.0f}" if value.is_integer() and abs(value) < 1e9 else f"{value:.{digits}g}"
    return Text(es=plain.replace(".", ","), en=plain)


def between(low: float, high: float, digits: int = 4) -> Text:
    """The ends of an interval: ``[0.89, 0.91]``, in Spanish ``[0,89; 0,91]``."""
    ends = Text(es="[{low}; {high}]", en="[{low}, {high}]")
    return ends.format(low=number(low, digits), high=number(high, digits))


def seeds_in_words(seeds: Sequence[int]) -> str:
    """``0-4`` for consecutive seeds, ``0,2,5-7`` for others."""
    runs: list[list[int]] = []
    for seed in seeds:
        if runs and seed == runs[-1][-1] + 1:
            runs[-1][1:] = [seed]
        else:
            runs.append([seed])
    return ",".join("-".join(map(str, ends)) for ends in runs)


def quoted(value: object, most: int = 60) -> str:
    """What was received, as Python writes it; the middle left out where it is long."""
    try:
        words = repr(value)
    except ValueError:  # a whole number of more digits than Python writes
        words = hex(value) if isinstance(value, int) else object.__repr__(value)
    return words if len(words) <= most else f"{words[: most // 2]}…{words[-most // 4 :]}"


def in_docstring(words: str) -> str:
    """As they are written between three quotation marks of Python source, whatever signs they are of."""
    return repr(words)[1:-1].replace('"', '\\"')


def joined(separator: str, texts: Iterable[Text]) -> Text:
    """The texts one after the other, each language by itself."""
    texts = list(texts)
    return Text(*(separator.join(text(lang) for text in texts) for lang in LANGUAGES))


def capitalised(text: Text) -> Text:
    """With a capital, as a sentence begins."""
    return Text(*(text(lang)[:1].upper() + text(lang)[1:] for lang in LANGUAGES))


def counted(n: int, one: Text, many: Text) -> Text:
    """``1 seed``, ``3 seeds``."""
    return Text(*(f"{n} {(one if n == 1 else many)(lang)}" for lang in LANGUAGES))


def default_language() -> Language:
    """Spanish where the locale is Spanish, else English."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            return "es" if value.lower().startswith("es") else "en"
    name = locale.getlocale()[0] or ""
    return "es" if name.lower().startswith(("es", "spanish")) else "en"

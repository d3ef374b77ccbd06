"""Numbers as they are set in figures and pages: ``text.number`` with a true minus, powers of ten and thin spaces."""

from __future__ import annotations

import re

from reensayo import text
from reensayo.text import Language

THIN = "\u202f"
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float | None, lang: Language, digits: int = 4) -> str:
    """0.1264 · 79 510 · 3.1·10⁻⁷, with a comma in Spanish; a dash where there is no number."""
    if value is not None and 10_000 <= abs(value) < 1e9:
        return grouped(round(value))
    mantissa, _, exponent = text.number(value, digits)(lang).partition("e")
    return mantissa.replace("-", "−") + (f"·10{str(int(exponent)).translate(SUPERSCRIPT)}" if exponent else "")


def grouped(value: int) -> str:
    """79 510: thousands apart from five digits on."""
    return f"{value:,}".replace(",", THIN).replace("-", "−") if abs(value) >= 10_000 else str(value)


def interval(low: float, high: float, lang: Language, digits: int = 4) -> str:
    """[0.115, 0.145], in Spanish [0,115; 0,145]."""
    return f"[{number(low, lang, digits)}{'; ' if lang == 'es' else ', '}{number(high, lang, digits)}]"


def localised(words: str, lang: Language) -> str:
    """Words whose numbers have a decimal point, with the comma that Spanish has."""
    return re.sub(r"(?<=\d)\.(?=\d)", ",", words) if lang == "es" else words

"""Words for people, in Spanish and English, side by side where they are used."""

from __future__ import annotations

import locale
import os
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
        return Text(*(getattr(self, lang).format(**_in(lang, values)) for lang in LANGUAGES))


def _in(lang: Language, values: dict[str, Any]) -> dict[str, Any]:
    return {name: value(lang) if isinstance(value, Text) else value for name, value in values.items()}


def default_language() -> Language:
    """Spanish where the locale is Spanish, else English."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            return "es" if value.lower().startswith("es") else "en"
    name = locale.getlocale()[0] or ""
    return "es" if name.lower().startswith(("es", "spanish")) else "en"

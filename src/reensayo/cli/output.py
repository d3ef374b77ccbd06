"""What is printed: tables for people, JSON for programs."""

from __future__ import annotations

import codecs
import json
import math
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rich import console as rich
from rich.measure import measure_renderables
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as RichText

from reensayo.cli.streams import visible
from reensayo.spec import finite
from reensayo.text import Language, Text, joined, number

if TYPE_CHECKING:
    from reensayo.evidence.stats import Interval


class Console(rich.Console):
    """Rich's, which lets control characters of stored names and file names through, in one of the languages."""

    def __init__(self, lang: Language = "en", **options: Any) -> None:
        super().__init__(**options)
        self.lang = lang

    def render_str(self, text: str, **options: Any) -> RichText:
        return super().render_str(visible(text), **options)

    def tell(self, words: Text, **options: Any) -> None:
        """Print a sentence, in which names from outside are no markup."""
        self.print(words(self.lang), markup=False, **options)

    def table(self, es: str, en: str, header: bool = True, **options: Any) -> Table:
        """An empty table with the columns ``one | another``; long texts wrap, nothing is cut."""
        made = _Table(box=None, pad_edge=False, show_header=header, title_justify="left", **options)
        for column in (es if self.lang == "es" else en).split("|"):
            made.add_column(column.strip(), overflow="fold")
        return made


def console(lang: Language = "en", stderr: bool = False) -> Console:
    """Colour on a terminal, plain text of full width elsewhere."""
    options: dict[str, Any] = {"lang": lang, "stderr": stderr, "highlight": False, "emoji": False}
    out = Console(**options)
    return out if out.is_terminal else Console(**options, width=160)


class _Table(Table):
    """A table that breaks no word: on a screen too narrow for that, each row stands below the other, cell by cell."""

    def __rich_console__(self, console: rich.Console, options: rich.ConsoleOptions) -> rich.RenderResult:
        cells = [[*([column.header] if self.show_header else []), *column.cells] for column in self.columns]
        wanted = [measure_renderables(console, options, each) for each in cells]  # its longest word, its longest cell
        spare = options.max_width - sum(width.minimum + 2 for width in wanted)  # 2 between columns
        if spare < 0:
            yield from self._stacked()
            return
        widths = [width.minimum for width in wanted]
        for _ in range(spare):  # a character at a time to the narrowest column that wants one
            wanting = [index for index, width in enumerate(wanted) if widths[index] < width.maximum]
            if wanting:
                widths[min(wanting, key=widths.__getitem__)] += 1
        for column, width in zip(self.columns, widths, strict=True):
            column.width = width
        yield from super().__rich_console__(console, options)

    def _stacked(self) -> Iterator[Any]:
        if self.title:
            yield self.title
        headers = [str(column.header) for column in self.columns]
        for cells in zip(*(column.cells for column in self.columns), strict=True):
            if not self.show_header:
                yield " ".join(map(str, cells))
                continue
            if cells[0]:  # else the row goes on with the one above
                yield cells[0]
            for header, cell in zip(headers[1:], cells[1:], strict=True):
                if cell:
                    yield Padding(f"{header}: {cell}" if header else cell, (0, 0, 0, 2), expand=False)


def ends_in_words(interval: Interval) -> Text:
    """``0.89 … 0.91``, and a dash where a single value gives no interval."""
    if not math.isfinite(interval.width):
        return Text("–", "–")
    return joined(" … ", map(number, (interval.low, interval.high)))


def print_json(value: Any) -> None:
    """Standard output holds JSON only, whole in any encoding; NaN and infinities are null."""
    is_utf8 = codecs.lookup(sys.stdout.encoding or "ascii").name == "utf-8"
    print(json.dumps(finite(value), indent=2, ensure_ascii=not is_utf8), flush=True)

"""The headlines as a table in Markdown: ``python -m reensayo.pages.markdown README.md`` writes it between its marks.

Only what comes with the original is looked at, so whoever clones the repository gets the same table.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from pathlib import Path

from reensayo import registry
from reensayo.evidence.judge import Column, Headline, Proper, verdicts
from reensayo.files import write_whole
from reensayo.pages.verdicts import OWN_FIGURE, told
from reensayo.spec import Original
from reensayo.text import between, number

BEGIN, END = "<!-- headlines: python -m reensayo.pages.markdown -->", "<!-- /headlines -->"


def table(original: Original) -> str:
    """A row a claim, in English: its own figure, a column a judged recipe, the sound answer."""
    header = ["", "claim", "its own figure", *(f"`{name}`" for name in original.judged), "done properly"]
    rows = [_cells(headline, original.judged) for headline in verdicts(original, ())]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, ["---"] * len(header), *rows))


def _cells(headline: Headline, judged: Sequence[str]) -> list[str]:
    claim = headline.claim
    columns = [_column(headline.columns[name]) for name in judged]
    figure = OWN_FIGURE[headline.own_figure].symbol
    return [claim.id, f"{claim.statement.en} ({claim.where})", figure, *columns, _proper(headline.sound)]


def _column(column: Column) -> str:
    row, (symbol, words) = column.row, told(column.row)
    few = ", provisional" if row.provisional else ""
    return f"= `{column.same_as}`" if column.same_as else f"{symbol} {words.en}, n = {row.n}{few}"


def _proper(sound: Proper | None) -> str:
    if sound is None:
        return ""
    ends = sound.interval
    interval = f" {between(ends.low, ends.high, 3).en}" if math.isfinite(ends.width) else ""
    return f"{sound.answer.about.en}: {number(sound.value, 3).en}{interval}, n = {sound.n}"


def replaced(page: str, table: str) -> str:
    """The page with this table between its marks; a ValueError where it has none."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"expected {BEGIN} and {END}; received a page without them")
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def main() -> None:
    """Write the table into the file named."""
    path = Path(sys.argv[1])
    write_whole(path, replaced(path.read_text("utf-8"), table(registry.find())).encode())


if __name__ == "__main__":
    main()

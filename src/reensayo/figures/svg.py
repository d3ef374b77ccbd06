"""SVG as matplotlib writes it, made small, known again later, and made fit to stand in a page beside others."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict
from functools import partial
from html import escape

from reensayo.figures.style import FONT
from reensayo.figures.view import Colours

READERS_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"

WIDTHS = {"narrow": 400, "half": 450}
"""Points; a figure less wide than the first may be made to fit a phone, than the second stands beside another."""

HEAD = re.compile(
    r'<svg data-content="(\w+)" data-sum="(\w+)"'
    r'((?: (?:font-family|stroke-linejoin|xmlns|xmlns:xlink|width|height|version|viewBox)="[^"<>]*")*>)'
)
TAG = re.compile(
    r"""</?(?:g|defs|clipPath|path|use|rect|image|text|tspan)(?:
        \ (?:d|id|style|x|y|width|height)="[\w\s.,:;\#%+-]*"
        |\ transform="[\w\s.,()-]*"
        |\ clip-path="url\(\#\w+\)"
        |\ xlink:href="(?:\#\w+|data:image/png;base64,[\w\s+/=]*)"
    )*\s*/?>""",
    re.VERBOSE,
)
"""What matplotlib draws with, and nothing that runs, loads, links or stands outside its frame."""
VIEW_BOX = re.compile(r' viewBox="0 0 ([\d.]+) ([\d.]+)"')


def tidy(svg: str) -> str:
    """Without prologue, metadata, comments and names that nothing refers to; two decimals of a point are enough.

    What matplotlib says of every text and line, the font and how lines join, is said once at the top.
    """
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->|<defs>\s*<style.*?</style>\s*</defs>", "", svg, flags=re.DOTALL)
    used = set(re.findall(r"(?:url\(#|href=\"#)([^)\"]+)", svg))
    svg = re.sub(r' id="([^"]+)"', lambda name: name[0] if name[1] in used else "", svg)
    svg = svg.replace(f" font-family: '{FONT}';", "")
    svg = re.sub(r' transform="rotate\(-0 [^"]*"', "", svg)
    rounded = partial(re.sub, r"\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."))
    svg = re.sub(r"<[^>]+>", lambda tag: rounded(tag[0]), svg)
    said = f'font-family="{READERS_FONT}" stroke-linejoin="round"'
    return re.sub(r"\n\s*", "\n", svg.replace("<svg", f"<svg {said}", 1))


def sealed(svg: str, content: str, png: bytes) -> str:
    """With the digest of the ``content`` that is drawn, and a sum over the drawing itself and the PNG beside it."""
    rest = svg.removeprefix("<svg")
    return f'<svg data-content="{content}" data-sum="{_sum(rest, png)}"{rest}'


def is_drawing(svg: str, content: str, png: bytes) -> bool:
    """Whether SVG and PNG are a drawing of this content, as it was ``sealed``; anybody may have changed a file since.

    A sum can be made for anything: a page takes in only what is nothing but a drawing.
    """
    head = HEAD.match(svg)
    if not head or head.groups()[:2] != (content, _sum(svg[head.start(3) :], png)):
        return False
    rest = TAG.sub(" ", svg[head.end() :])
    return bool(VIEW_BOX.search(head[3]) and re.fullmatch("[^<>]*</svg>[^<>]*", rest))


def _sum(rest: str, png: bytes) -> str:
    return hashlib.sha256(rest.encode() + png).hexdigest()


def inline(svg: str, name: str, label: str) -> str:
    """For a page: names of its own, the page's colours, as wide as it may be, and a label for who cannot see it."""
    svg = re.sub(r'( id="|url\(#|href="#)', rf"\g<1>{name}-", svg)
    for role, colour in asdict(Colours()).items():
        svg = svg.replace(colour, f"var(--fig-{role})")
    width, height = VIEW_BOX.search(svg).groups()  # type: ignore[union-attr]
    size = next((size for size, most in WIDTHS.items() if float(width) < most), "wide")
    head = (
        f'<svg class="{size}" role="img" aria-label="{escape(label)}" viewBox="0 0 {width} {height}" '
        f'style="--width: {float(width):.0f}" stroke-linejoin="round">'
    )
    return re.sub(r"<svg[^>]*>", lambda _: head, svg, count=1)

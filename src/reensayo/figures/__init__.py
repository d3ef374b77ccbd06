"""The pictures: every figure of the original drawn anew from stored trials, with the original's own curve beside ours.

``draw`` gives a matplotlib figure, ``save`` writes it as SVG and PNG and does nothing where nothing changed.
matplotlib is imported when something is drawn, Keras and JAX never.

    view.py   what a figure may look at     curves.py differences.py images.py network.py   the kinds of panel
    draw.py   a figure, panel by panel      save.py   its files     svg.py   fit to stand in a page
    style.py  how every figure looks        numerals.py   numbers as figures and pages write them
"""

from reensayo.figures.draw import draw
from reensayo.figures.save import network_figure, save, saved
from reensayo.figures.view import Colours, View

__all__ = ["Colours", "View", "draw", "network_figure", "save", "saved"]

"""Pima Indians diabetes: eight measurements of 768 women, and who has diabetes."""

from __future__ import annotations

from functools import partial

from reensayo.datasets.dataset import DataSet, in_one_file
from reensayo.datasets.formats import table
from reensayo.text import Text

SOURCE = "https://raw.githubusercontent.com/jbrownlee/Datasets/master/pima-indians-diabetes.data.csv"

PIMA = DataSet(
    name="pima",
    title=Text(es="diabetes en mujeres pima", en="Pima Indians diabetes"),
    decode=partial(in_one_file, partial(table, kind="uint8")),
    arrays=(
        ("x", "db6367d8ed67a9f06f9276bd075617c0240bd36838c34d7b921f6b21df60036c"),
        ("y", "47f027f9cd0be2d16358279b35804c9609e20e167534125ce6ee85bf957d5fa7"),
    ),
    bundled=("pima-indians-diabetes.csv",),
    upstream=("pima-indians-diabetes.data.csv", "pima-indians-diabetes.csv"),
    source=SOURCE,
    script=f"""
file = Path(folder, "pima", "pima-indians-diabetes.csv")
if not file.is_file():
    address = "{SOURCE}"
    file = keras.utils.get_file("pima-indians-diabetes.data.csv", address)
table = np.loadtxt(file, delimiter=",")
x, y = table[:, :8], table[:, 8]
""",
    largest=2**20,
)
"""x (768, 8) float64, y (768,) uint8, 1 for diabetes."""

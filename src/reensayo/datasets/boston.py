"""Boston housing: 506 tracts of the 1970 census, 13 features each, and what a house costs there."""

from __future__ import annotations

from functools import partial

from reensayo.datasets.dataset import DataSet, in_one_file
from reensayo.datasets.formats import npz, table
from reensayo.text import Text

SOURCE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/boston_housing.npz"

BOSTON = DataSet(
    name="boston",
    title=Text(es="viviendas de Boston", en="Boston housing"),
    decode=partial(in_one_file, partial(table, header=2)),
    arrays=(
        ("x", "58d9abef45a8e00c844d74ff0027c96d21a8a237d7ba7e4c0c30b11dcdafde10"),
        ("y", "a7a4a2bed7266f5e88acd2854ae97af5206bed564ab217810535d4cd14d76edb"),
    ),
    bundled=("boston_house_prices.csv",),
    upstream=("boston_housing.npz",),
    source=SOURCE,
    sha256="f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5",
    decode_upstream=partial(npz, kind="float64"),  # in the original order: Keras shuffles after reading
    script=f"""
# Column B builds in the idea that segregation raises prices: do not use this set to learn about houses.
kit = Path(folder, "boston", "boston_house_prices.csv")
if kit.is_file():
    table = np.loadtxt(kit, delimiter=",", skiprows=2)
    x, y = table[:, :13], table[:, 13]
else:  # Keras's own file, but not its loader, which would shuffle the rows
    address = "{SOURCE}"
    with np.load(keras.utils.get_file("boston_housing.npz", address)) as file:
        x, y = file["x"], file["y"]
""",
    warning=Text(
        es="La columna B de estos datos codifica un supuesto racista sobre la población y el precio de las viviendas; "
        "por eso scikit-learn retiró el conjunto. Aquí solo sirve para volver a ejecutar lo publicado.",
        en="Column B of these data encodes a racist assumption about population and house prices, which is why "
        "scikit-learn withdrew the set. It is used here only to run again what was published.",
    ),
    largest=2**20,
)
"""x (506, 13) float64 in the original order; y (506,) float64 in 1000 USD."""

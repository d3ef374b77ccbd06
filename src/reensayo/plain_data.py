"""How a script without reensayo reads each data set: the kit's files from ``folder``, else Keras's own download.

Every entry leaves the arrays under the names and in the types of ``datasets/sets.py``, but for IMDB: ``reviews``
and ``labels`` are what Keras's loader gives, its two parts one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping

from reensayo.datasets import BOSTON, PIMA

BOSTON_LINES = f"""
# Column B builds in the idea that segregation raises prices: do not use this set to learn about houses.
kit = Path(folder, "boston", "boston_house_prices.csv")
if kit.is_file():
    table = np.loadtxt(kit, delimiter=",", skiprows=2)
    x, y = table[:, :13], table[:, 13]
else:  # Keras's own file, but not its loader, which would shuffle the rows
    address = "{BOSTON.source}"
    with np.load(keras.utils.get_file("{BOSTON.official[0]}", address)) as file:
        x, y = file["x"], file["y"]
"""

PIMA_LINES = f"""
file = Path(folder, "pima", "pima-indians-diabetes.csv")
if not file.is_file():
    address = "{PIMA.source}"
    file = keras.utils.get_file("{PIMA.official[0]}", address)
table = np.loadtxt(file, delimiter=",")
x, y = table[:, :8], table[:, 8]
"""

MNIST_LINES = """
kit = Path(folder, "mnist")
if kit.is_dir():  # images after a header of 16 bytes, labels after one of 8
    names = "train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"
    files = [np.frombuffer(gzip.decompress((kit / f"{name}-ubyte.gz").read_bytes()), "uint8") for name in names]
    x_train, x_test = (files[i][16:].reshape(-1, 28, 28) for i in (0, 2))
    y_train, y_test = files[1][8:], files[3][8:]
else:
    (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
"""

IMDB_LINES = """
if (kit := Path(folder, "imdb", "imdb_tokens.npz")).is_file():  # shuffled and numbered as Keras does it
    file, rng, reviews, labels = np.load(kit), np.random.RandomState(113), [], []
    for part in ("train", "test"):
        split = np.split(file[f"{part}_tokens"] + 3, file[f"{part}_offsets"][1:-1])
        order = rng.permutation(len(split))
        reviews += [np.append(1, np.where(split[i] < 10000, split[i], 2)) for i in order]  # 1: start, 2: rare
        labels += [*file[f"y_{part}"][order]]
else:
    reviews, labels = map(np.concatenate, zip(*keras.datasets.imdb.load_data(num_words=10000), strict=True))
"""

CIFAR_LINES = """
kit = Path(folder, "NAME")
if kit.is_dir():  # sheets of 1000 images, 100 rows of 10
    files = (sorted(kit.glob(f"{part}-*.webp")) for part in ("train", "test"))
    sheets = (np.concatenate([np.asarray(Image.open(file)) for file in part]) for part in files)
    rows = (sheet.reshape(-1, 32, 10, 32, 3).swapaxes(1, 2) for sheet in sheets)
    x_train, x_test = (row.reshape(-1, 32, 32, 3) for row in rows)
    with np.load(kit / "labels.npz") as file:
        y_train, y_test = file["y_train"], file["y_test"]
else:
    (x_train, y_train), (x_test, y_test) = keras.datasets.NAME.load_data()
    y_train, y_test = y_train[:, 0], y_test[:, 0]
"""

READING: Mapping[str, str] = {
    "boston": BOSTON_LINES,
    "pima": PIMA_LINES,
    "mnist": MNIST_LINES,
    "imdb": IMDB_LINES,
    "cifar10": CIFAR_LINES.replace("NAME", "cifar10"),
    "cifar100": CIFAR_LINES.replace("NAME", "cifar100"),
}
"""Name of a data set -> the lines, which use ``folder``, ``keras``, ``np``, ``Path``, ``gzip`` and ``Image``."""

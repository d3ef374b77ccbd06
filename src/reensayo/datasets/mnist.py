"""MNIST: 70 000 handwritten digits."""

from __future__ import annotations

from functools import partial

from reensayo.datasets.dataset import Array, DataSet, Read
from reensayo.datasets.formats import idx, npz
from reensayo.text import Text


def _decode(dataset: DataSet, read: Read) -> dict[str, Array]:
    def values(file: str, *shape: int) -> Array:
        return read(file, lambda packed: idx(packed, dataset.largest).reshape(-1, *shape))

    shapes = {"x_train": (28, 28), "y_train": (), "x_test": (28, 28), "y_test": ()}
    return {name: values(file, *shape) for file, (name, shape) in zip(dataset.bundled, shapes.items(), strict=True)}


MNIST = DataSet(
    name="mnist",
    title=Text(es="dígitos MNIST", en="MNIST digits"),
    decode=_decode,
    arrays=(
        ("x_train", "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757"),
        ("y_train", "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13"),
        ("x_test", "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161"),
        ("y_test", "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5"),
    ),
    bundled=(
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
    ),
    upstream=("mnist.npz",),
    source="https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
    sha256="731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
    decode_upstream=partial(npz, kind="uint8"),
    script="""
kit = Path(folder, "mnist")
if kit.is_dir():  # images after a header of 16 bytes, labels after one of 8
    names = "train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"
    files = [np.frombuffer(gzip.decompress((kit / f"{name}-ubyte.gz").read_bytes()), "uint8") for name in names]
    x_train, x_test = (files[i][16:].reshape(-1, 28, 28) for i in (0, 2))
    y_train, y_test = files[1][8:], files[3][8:]
else:
    (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
""",
)
"""x_train (60000, 28, 28), y_train (60000,), x_test (10000, 28, 28), y_test (10000,), all uint8."""

"""IMDB: 50 000 reviews of films, half of them good, and the words that they are made of."""

from __future__ import annotations

import io
from itertools import chain

from reensayo.datasets.dataset import Array, DataSet, Read
from reensayo.datasets.formats import vectors
from reensayo.text import Text


def _decode(dataset: DataSet, read: Read) -> dict[str, Array]:
    types = {name: "u1" if name.startswith("y_") else "<i4" for name, _ in dataset.arrays}
    return read(dataset.bundled[0], lambda content: vectors(content, types, dataset.largest))


def _decode_upstream(content: bytes) -> dict[str, Array]:
    import numpy as np

    arrays: dict[str, Array] = {}
    with np.load(io.BytesIO(content), allow_pickle=True) as archive:
        for part in ("train", "test"):
            reviews = archive[f"x_{part}"]
            ends = np.cumsum([len(review) for review in reviews], dtype=np.int32)
            arrays[f"{part}_tokens"] = np.fromiter(chain.from_iterable(reviews), np.int32, count=int(ends[-1]))
            arrays[f"{part}_offsets"] = np.concatenate([np.zeros(1, np.int32), ends])
            arrays[f"y_{part}"] = np.ascontiguousarray(archive[f"y_{part}"], np.uint8)
    return arrays


IMDB = DataSet(
    name="imdb",
    title=Text(es="reseñas de IMDB", en="IMDB reviews"),
    decode=_decode,
    arrays=(
        ("train_tokens", "839f238f42e49ed32804afd9148bb93e9a84328e97603b7bcd0a830b148a4281"),
        ("train_offsets", "b3f72486a56fc4ec74ec7c7f30c6c902a4b06211b32151ae12c7311831aae4a1"),
        ("y_train", "e49003797dc73de3fffae0ea48988eada25b70ae7edc6c17a1ba5a78aa44eee4"),
        ("test_tokens", "88455a6ba2a9e95ffeb943b563f338f13951733bc0c8fee0892a4f9f2d72f23c"),
        ("test_offsets", "4e6690c14d6f7c74e159ec27192aacfb56c9cd968acec36764ae720f06394622"),
        ("y_test", "e49003797dc73de3fffae0ea48988eada25b70ae7edc6c17a1ba5a78aa44eee4"),
    ),
    bundled=("imdb_tokens.npz", "imdb_word_index.json"),
    upstream=("imdb.npz",),
    source="https://storage.googleapis.com/tensorflow/tf-keras-datasets/imdb.npz",
    sha256="69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
    decode_upstream=_decode_upstream,
    # ``reviews`` and ``labels`` are what Keras's loader gives, its two parts one after the other.
    script="""
if (kit := Path(folder, "imdb", "imdb_tokens.npz")).is_file():  # shuffled and numbered as Keras does it
    file, rng, reviews, labels = np.load(kit), np.random.RandomState(113), [], []
    for part in ("train", "test"):
        split = np.split(file[f"{part}_tokens"] + 3, file[f"{part}_offsets"][1:-1])
        order = rng.permutation(len(split))
        reviews += [np.append(1, np.where(split[i] < 10000, split[i], 2)) for i in order]  # 1: start, 2: rare
        labels += [*file[f"y_{part}"][order]]
else:
    reviews, labels = map(np.concatenate, zip(*keras.datasets.imdb.load_data(num_words=10000), strict=True))
""",
)
"""train_tokens, train_offsets, test_tokens, test_offsets int32; y_train, y_test uint8.

Review i is ``tokens[offsets[i]:offsets[i + 1]]``, each word by its rank in imdb_word_index.json (1 is the most
frequent), before the shuffle, shift and cut of Keras's own loader. Offsets (25001,); labels (25000,), 1 for good.
"""

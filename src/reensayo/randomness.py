"""Every random stream, keyed by (seed, purpose, epoch, and fold where there are several): nothing is drawn in passing.

The same key gives the same numbers on every machine and in every order of use, so an interrupted trial goes on as
if nothing had happened. Recipes and experiments share the streams of a seed on purpose: that is what pairs them.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np

Purpose = Literal["data", "weights", "order", "dropout", "baseline"]


def key(seed: int, purpose: Purpose, *parts: int | str) -> int:
    """128 random bits that belong to this seed, purpose and further parts (an epoch, a layer, a weight's path)."""
    words = "/".join(map(str, (seed, purpose, *parts)))
    return int.from_bytes(hashlib.blake2b(words.encode(), digest_size=16).digest(), "little")


def generator(seed: int, purpose: Purpose, *parts: int | str) -> np.random.Generator:
    """NumPy's Philox generator on that key."""
    import numpy as np

    return np.random.Generator(np.random.Philox(key=key(seed, purpose, *parts)))


def order(seed: int, epoch: int, examples: int, *fold: int) -> np.ndarray:
    """The order in which epoch ``epoch`` (from 0) visits the examples: int32 (examples,), each index once."""
    return generator(seed, "order", epoch, *fold).permutation(examples).astype("int32")

"""Data sets: what they are, where they are looked for, and how they are read and checked.

Importing this costs nothing: NumPy, Pillow and Requests are imported by the functions that need them.

    boston.py  cifar.py  imdb.py  mnist.py  pima.py    the public sets
    dataset.py       what a set is; own_file, for one that an original brings
    loading.py       load, fetch and verify
    places.py        where a set is looked for
    reading.py       from a copy to checked arrays: of a folder of data, a published or an own file
    formats.py       file formats that run no code
    integrity.py     what is wrong with a file, in words
    download.py      a published file comes whole or not at all
"""

from reensayo.datasets.boston import BOSTON
from reensayo.datasets.cifar import CIFAR10, CIFAR100
from reensayo.datasets.dataset import DataSet, Raw, own_file
from reensayo.datasets.imdb import IMDB, word_index
from reensayo.datasets.loading import Verified, fetch, load, verify
from reensayo.datasets.mnist import MNIST
from reensayo.datasets.pima import PIMA
from reensayo.datasets.places import Found, find

__all__ = [
    "BOSTON",
    "CIFAR10",
    "CIFAR100",
    "IMDB",
    "MNIST",
    "PIMA",
    "DataSet",
    "Found",
    "Raw",
    "Verified",
    "fetch",
    "find",
    "load",
    "own_file",
    "verify",
    "word_index",
]

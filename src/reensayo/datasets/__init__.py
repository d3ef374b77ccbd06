"""The data sets: what they are, where they are looked for, and how they are read and checked.

Importing this costs nothing: NumPy, Pillow and Requests are imported by the functions that need them.
"""

from reensayo.datasets.checks import Verified, verify
from reensayo.datasets.generated import logistic_map, xor
from reensayo.datasets.integrity import BadFile, DamagedFile, Problem, UnreadableFile
from reensayo.datasets.loading import fetch, load
from reensayo.datasets.places import Found, Place, find
from reensayo.datasets.sets import ALL, BOSTON, CIFAR10, CIFAR100, IMDB, MNIST, PIMA, DataSet, Raw, own_file
from reensayo.datasets.words import word_index

__all__ = [
    "ALL",
    "BOSTON",
    "CIFAR10",
    "CIFAR100",
    "IMDB",
    "MNIST",
    "PIMA",
    "BadFile",
    "DamagedFile",
    "DataSet",
    "Found",
    "Place",
    "Problem",
    "Raw",
    "UnreadableFile",
    "Verified",
    "fetch",
    "find",
    "load",
    "logistic_map",
    "own_file",
    "verify",
    "word_index",
    "xor",
]

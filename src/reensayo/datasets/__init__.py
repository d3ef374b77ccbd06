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

from reensayo.datasets.boston import BOSTON as BOSTON
from reensayo.datasets.cifar import CIFAR10 as CIFAR10
from reensayo.datasets.cifar import CIFAR100 as CIFAR100
from reensayo.datasets.dataset import DataSet as DataSet
from reensayo.datasets.dataset import Raw as Raw
from reensayo.datasets.dataset import own_file as own_file
from reensayo.datasets.imdb import IMDB as IMDB
from reensayo.datasets.loading import fetch as fetch
from reensayo.datasets.loading import load as load
from reensayo.datasets.loading import verify as verify
from reensayo.datasets.mnist import MNIST as MNIST
from reensayo.datasets.pima import PIMA as PIMA
from reensayo.datasets.places import find as find

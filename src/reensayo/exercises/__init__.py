"""The exercises of the original. A module per exercise says what it asks, claims and gets wrong, and how to run it."""

from __future__ import annotations

from reensayo.exercises.ex01_boston import EXERCISE as ex01
from reensayo.exercises.ex02_cifar_xor import EXERCISE as ex02
from reensayo.exercises.ex03_imdb import EXERCISE as ex03
from reensayo.exercises.ex04_embedding import EXERCISE as ex04
from reensayo.exercises.ex05_logistic_map import EXERCISE as ex05
from reensayo.exercises.ex06_pima import EXERCISE as ex06
from reensayo.exercises.ex07_denoising import EXERCISE as ex07
from reensayo.exercises.ex08_mnist import EXERCISE as ex08
from reensayo.exercises.ex09_permuted import EXERCISE as ex09
from reensayo.exercises.ex10_alexnet_vgg16 import EXERCISE as ex10
from reensayo.spec import Exercise, Experiment, check_names

EXERCISES: tuple[Exercise, ...] = (ex01, ex02, ex03, ex04, ex05, ex06, ex07, ex08, ex09, ex10)
EXPERIMENTS: dict[str, Experiment] = {e.id: e for exercise in EXERCISES for e in exercise.experiments}
check_names(EXERCISES)

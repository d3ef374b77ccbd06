"""Trabajo Práctico N° 4: Introducción a Keras (October 2020). A module an exercise, each read from top to bottom.

ex01_boston.py        a linear model of house prices       ex06_pima.py           diabetes, with missing data
ex02_cifar_xor.py     small dense networks, three losses   ex07_denoising.py      an autoencoder on noisy digits
ex03_imdb.py          reviews as sets of words             ex08_mnist.py          digits, dense and convolutional
ex04_embedding.py     reviews as sequences of words        ex09_permuted.py       the same, pixels permuted
ex05_logistic_map.py  17 parameters learn a chaotic map    ex10_alexnet_vgg16.py  on CIFAR-10 and CIFAR-100
curves.json           the curves of its figures, measured from its vector graphics
outlines.json         its networks layer by layer, written from the Keras models
costs.json            what training takes, measured        shipped/               its trials, a pack a recipe
choices.json          what its recipes were chosen from, once some were
"""

from pathlib import Path

from reensayo.originals.introduccion_a_keras.ex01_boston import EXERCISE as ex01
from reensayo.originals.introduccion_a_keras.ex02_cifar_xor import EXERCISE as ex02
from reensayo.originals.introduccion_a_keras.ex03_imdb import EXERCISE as ex03
from reensayo.originals.introduccion_a_keras.ex04_embedding import EXERCISE as ex04
from reensayo.originals.introduccion_a_keras.ex05_logistic_map import EXERCISE as ex05
from reensayo.originals.introduccion_a_keras.ex06_pima import EXERCISE as ex06
from reensayo.originals.introduccion_a_keras.ex07_denoising import EXERCISE as ex07
from reensayo.originals.introduccion_a_keras.ex08_mnist import EXERCISE as ex08
from reensayo.originals.introduccion_a_keras.ex09_permuted import EXERCISE as ex09
from reensayo.originals.introduccion_a_keras.ex10_alexnet_vgg16 import EXERCISE as ex10
from reensayo.spec import NEVER_NEGATIVE, SHARE, Named, Original
from reensayo.spec.original import SOURCES
from reensayo.text import Text

ORIGINAL = Original(
    name="introduccion-a-keras",
    title=Text(es="Introducción a Keras", en="Introducción a Keras"),
    about=Text(
        es="«Introducción a Keras» es un trabajo práctico de octubre de 2020: ejercicios de redes neuronales con sus "
        "figuras y sus conclusiones. Aquí cada red se entrena otra vez, con varias semillas, como lo dice el texto y "
        "como se ejecutaron los scripts publicados, y cada afirmación se juzga con esos ensayos.",
        en="“Introducción a Keras” is a practical work of October 2020, in Spanish: exercises on neural networks with "
        "their figures and conclusions. Here every network is trained again, with several seeds, as the text says and "
        "as the published scripts ran, and every claim is judged by these trials.",
    ),
    exercises=(ex01, ex02, ex03, ex04, ex05, ex06, ex07, ex08, ex09, ex10),
    folder=Path(__file__).parent,
    recipes={
        "text": Text(es="lo que dice el texto", en="what the text says"),
        "script": Text(es="lo que ejecutaron los scripts de las figuras", en="what the figures' scripts ran"),
        "sound": Text(es="la misma pregunta bien respondida", en="the same question answered properly"),
        "assignment": Text(es="lo que pedía la consigna", en="what the assignment asked for"),
    },
    judged=("text", "script"),
    drew_figures="script",
    sources={**SOURCES, "assignment": Text(es="consigna", en="assignment")},
    metrics={
        "largest_error": Named(Text(es="mayor error", en="largest error"), NEVER_NEGATIVE),
        "within_a_tenth": Named(
            Text(es="salidas a menos de 0,1 de su objetivo", en="outputs within 0.1 of their target"), SHARE
        ),
        "right_sign": Named(
            Text(es="salidas con el signo de su objetivo", en="outputs with the sign of their target"), SHARE
        ),
        "hinge": Named(Text(es="hinge sin penalización", en="hinge loss without penalty"), NEVER_NEGATIVE),
        "cross_entropy": Named(
            Text(es="entropía cruzada sin penalización", en="cross-entropy without penalty"), NEVER_NEGATIVE
        ),
        "mse_0.25": Named(
            Text(es="error cuadrático medio, ruido 0,25", en="mean squared error, noise 0.25"), NEVER_NEGATIVE
        ),
        "mse_0.5": Named(
            Text(es="error cuadrático medio, ruido 0,5", en="mean squared error, noise 0.5"), NEVER_NEGATIVE
        ),
        "psnr_0.25": Named(Text(es="PSNR en dB con ruido de 0,25", en="PSNR in dB with noise of 0.25")),
        "psnr_0.5": Named(Text(es="PSNR en dB con ruido de 0,5", en="PSNR in dB with noise of 0.5")),
        "psnr_above_noisy": Named(Text(es="dB sobre la imagen ruidosa", en="dB above the noisy image")),
        "psnr_above_mean": Named(Text(es="dB sobre la media de los dígitos", en="dB above the mean of the digits")),
        "psnr_above_median": Named(Text(es="dB sobre el filtro de mediana", en="dB above the median filter")),
        "closer_than_noisy": Named(
            Text(es="dígitos más cerca del limpio que el ruidoso", en="digits closer to the clean than the noisy one"),
            SHARE,
        ),
        "closer_than_mean": Named(
            Text(es="dígitos más cerca del limpio que la media", en="digits closer to the clean one than the mean"),
            SHARE,
        ),
        "closer_than_median": Named(
            Text(
                es="dígitos más cerca del limpio que con el filtro de mediana",
                en="digits closer to the clean one than by the median filter",
            ),
            SHARE,
        ),
        "lyapunov_exponent": Named(Text(es="exponente de Lyapunov", en="Lyapunov exponent")),
    },
)

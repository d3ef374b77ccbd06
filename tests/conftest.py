"""What holds for every test: Keras runs on JAX, whichever test imports it first."""

from __future__ import annotations

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

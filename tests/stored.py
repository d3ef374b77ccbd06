"""Trials, and a checkpoint, as they are put into a store."""

import math

import numpy as np

from reensayo.spec import Trial
from reensayo.store import Checkpoint
from small_work import WORK, map_

TRIALS = [Trial(WORK, map_, map_.recipe("script"), seed) for seed in range(4)]
ABOUT = {"status": "finished", "diverged_epoch": None, "measures": {"x": 0.1, "y": math.nan}, "wall_s": 0.5}
HISTORY = {"loss": np.array([0.1, 1 / 3, 1e-17]), "val_loss": np.array([1.0, math.nan, math.inf])}
ARRAYS = {"grid": np.arange(5, dtype=np.uint8), "map": np.linspace(0, 1, 4).reshape(2, 2)}


def write(store, trial=TRIALS[0], save_model=None, history=HISTORY):
    return store.write_trial(trial, ABOUT, history, ARRAYS, save_model)


def checkpoint(epoch=2, value=1.0):
    state = [np.full((2, 3), value, np.float32), np.array([1, 2], np.uint32), *[np.array([i]) for i in range(12)]]
    return Checkpoint(epoch, 5, np.full((2, epoch, 4), value), state, 1.5)

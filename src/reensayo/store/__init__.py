"""The store: one directory per trial and per unfinished block. No database; the directories are the truth.

    runs/trials/exercise.network@recipe-s0-4f1c0a9b2d/     trial.json  history.csv  arrays.npz  [model.keras]
    runs/blocks/1b2c3d4e5f/                                block.json  checkpoint.npz
    runs/errors/exercise.network@recipe-s0-4f1c0a9b2d.txt  why a block could not be run

``folder`` lists, writes and clears them; ``trial_files`` and ``block_files`` read what is in them and believe none of
it unchecked. Everything is written under a hidden name, flushed to the disk and renamed when whole, so a reader never
sees half a trial and a kill, or a power cut, leaves nothing that must be repaired.
"""

from reensayo.store.block_files import Checkpoint, StoredBlock, read_checkpoint
from reensayo.store.folder import FOR_FIGURES, HISTORY, USUAL, Store, StoreFailed, UnderWay
from reensayo.store.trial_files import Kept, Lacking, StoredTrial, UnreadableEntry, read_history, write_history

__all__ = [
    "FOR_FIGURES",
    "HISTORY",
    "USUAL",
    "Checkpoint",
    "Kept",
    "Lacking",
    "Store",
    "StoreFailed",
    "StoredBlock",
    "StoredTrial",
    "UnderWay",
    "UnreadableEntry",
    "read_checkpoint",
    "read_history",
    "write_history",
]

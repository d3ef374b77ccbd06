"""The store: one directory per trial and per unfinished block. No database; the directories are the truth.

    runs/trials/exercise.network@recipe-s0-4f1c0a9b2d/     trial.json  history.csv  arrays.npz  [model.keras]
    runs/blocks/1b2c3d4e5f/                                block.json  checkpoint.npz
    runs/errors/exercise.network@recipe-s0-4f1c0a9b2d.txt  why a block could not be run

``folder`` lists, writes and clears them; ``trial_files`` and ``block_files`` read what is in them and believe none of
it unchecked. ``packs`` has the trials that come with a work, those of a recipe in one file. Everything is written under
a hidden name, flushed to the disk and renamed when whole, so a reader never sees half a trial and a kill, or a power
cut, leaves nothing that must be repaired.
"""

from reensayo.store.block_files import Checkpoint as Checkpoint
from reensayo.store.block_files import StoredBlock as StoredBlock
from reensayo.store.block_files import UnderWay as UnderWay
from reensayo.store.block_files import read_checkpoint as read_checkpoint
from reensayo.store.folder import FOR_FIGURES as FOR_FIGURES
from reensayo.store.folder import HISTORY as HISTORY
from reensayo.store.folder import USUAL as USUAL
from reensayo.store.folder import Store as Store
from reensayo.store.folder import StoreFailed as StoreFailed
from reensayo.store.packs import Pack as Pack
from reensayo.store.packs import read_pack as read_pack
from reensayo.store.packs import write_pack as write_pack
from reensayo.store.trial_files import Kept as Kept
from reensayo.store.trial_files import Lacking as Lacking
from reensayo.store.trial_files import StoredTrial as StoredTrial
from reensayo.store.trial_files import UnreadableEntry as UnreadableEntry

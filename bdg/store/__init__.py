"""Results and checkpoints in self-describing HDF5 files that appear whole or not at all."""

from bdg.store.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from bdg.store.parts import read_parts, remove_parts, write_parts
from bdg.store.results import load, read, save
from bdg.store.safety.atomic import remove_leftovers, require_writable, write_bytes, write_text
from bdg.store.safety.lock import only_run_on, require_no_run_on
from bdg.store.summary import summary
from bdg.store.view import to_xarray

__all__ = [
    "Checkpoint",
    "load",
    "load_checkpoint",
    "only_run_on",
    "read",
    "read_parts",
    "remove_leftovers",
    "remove_parts",
    "require_no_run_on",
    "require_writable",
    "save",
    "save_checkpoint",
    "summary",
    "to_xarray",
    "write_bytes",
    "write_parts",
    "write_text",
]

"""Self-consistent fields: the table of their rows, a state of all of them, and how it lies in one vector."""

from bdg.model.fields.fields import Fields, zeros_like
from bdg.model.fields.table import TABLE, Row

__all__ = ["TABLE", "Fields", "Row", "zeros_like"]

"""Looking after files and installations: what is whole, what comes out again, what computes right."""

from bdg.upkeep.check import check
from bdg.upkeep.doctor import Finding, examine
from bdg.upkeep.rerun import rerun

__all__ = ["Finding", "check", "examine", "rerun"]

"""Looking after files and installations: what is whole, comes out again, computes right, and how fast."""

from bdg.upkeep.check import check
from bdg.upkeep.doctor import Finding, examine
from bdg.upkeep.rerun import rerun
from bdg.upkeep.speed import Timing, timings

__all__ = ["Finding", "Timing", "check", "examine", "rerun", "timings"]

"""Looking after files and installations: what is whole, comes out again, computes right, and how fast."""

from bdg.upkeep.check import check
from bdg.upkeep.doctor import Finding, examine
from bdg.upkeep.rerun import rerun
from bdg.upkeep.speed import Timing, timings
from bdg.upkeep.warm import Warmed, warm

__all__ = ["Finding", "Timing", "Warmed", "check", "examine", "rerun", "timings", "warm"]

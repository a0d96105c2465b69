"""How far the work of a run is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """How far the current work is.

    Parameters
    ----------
    name
        Of its parts: ``poles``, for example.
    done, total
        How many are done, of how many; 0 of a search that takes nobody knows how many.
    began
        When they began, by :func:`time.monotonic`.
    """

    name: str
    done: int
    total: int
    began: float

    def left(self, now: float) -> float | None:
        """Seconds left if the others take as long as those that are done; ``None`` where nobody knows."""
        is_known = self.done and self.total
        return (now - self.began) * (self.total - self.done) / self.done if is_known else None

    def told(self, now: float) -> str:
        """``poles 3 of 16, 42 s left``."""
        left = self.left(now)
        time_left = f"{now - self.began:.0f} s so far" if left is None else f"{left:.0f} s left"
        of_how_many = f" of {self.total}" if self.total else ""
        return f"{self.name} {self.done}{of_how_many}, {time_left}"

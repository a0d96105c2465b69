"""What the header of a worked example says, part by part.

A header is the comment a configuration begins with: a title, and the paragraphs "Shows", "Run" (of a study),
"Takes" and "Expect". ``Check`` lines hold its numbers for a test and are not shown.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = ROOT / "configs"
PICTURES = ROOT / "docs" / "gallery"


@dataclass(frozen=True)
class Example:
    """A configuration of ``configs/`` or ``configs/studies/``."""

    file: Path

    @property
    def name(self) -> str:
        """Its path below ``configs/``, without the ending."""
        return self.file.relative_to(CONFIGS).with_suffix("").as_posix()

    @property
    def page(self) -> str:
        """The name of its page and of its picture."""
        return self.name.replace("studies/", "study_")

    @property
    def is_study(self) -> bool:
        """Whether it is one of many runs."""
        return self.name.startswith("studies/")

    @property
    def picture(self) -> Path:
        """Where its picture is kept."""
        return PICTURES / f"{self.page}.png"

    @cached_property
    def _lines(self) -> list[str]:
        lines = self.file.read_text(encoding="utf-8").splitlines()
        comment = [line[1:] for line in takewhile(lambda line: line.startswith("#"), lines)]
        kept, is_check = [], False
        for line in comment:
            is_check = line.startswith(" Check") or (is_check and line.startswith("   "))
            kept += [] if is_check else [line[1:]]
        return kept

    @property
    def title(self) -> str:
        """What it is, in a sentence."""
        return self._lines[0].rstrip(".")

    @property
    def short_title(self) -> str:
        """The title in the configuration."""
        found = re.search(r"^title: (.+)$", self.file.read_text(encoding="utf-8"), re.MULTILINE)
        return found[1] if found else self.title

    def part(self, name: str) -> list[str]:
        """The lines of a paragraph, without its name."""
        text = "\n".join(self._lines)
        found = re.search(rf"^{name}:\s*(.*?)(?=\n\n|\n[A-Z][a-z]+: |\Z)", text, re.DOTALL | re.MULTILINE)
        return found[1].split("\n") if found else []

    @property
    def commands(self) -> list[list[str]]:
        """The commands of a study, or those that run and draw a single configuration."""
        if self.is_study:
            return [shlex.split(line.strip()) for line in self.part("Run")]
        return [["bdg", "run", f"configs/{self.name}.yaml"], ["bdg", "plot", f"results/{self.file.stem}.h5"]]

    @property
    def configuration(self) -> str:
        """The file without its header."""
        lines = self.file.read_text(encoding="utf-8").splitlines()
        return "\n".join(lines[sum(1 for _ in takewhile(lambda line: line.startswith("#"), lines)) :])


def examples() -> list[Example]:
    """All of them, single configurations first."""
    return [
        Example(file) for folder in (CONFIGS, CONFIGS / "studies") for file in sorted(folder.glob("*.yaml"))
    ]

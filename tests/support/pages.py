"""Pages of the documentation, run block by block in the order in which they stand.

A block whose first line is ``# NAME.yaml`` or ``# NAME.py`` is that file; other YAML is a configuration that
is run, or a part of one that is checked; other Python runs in one namespace for the page; of a shell block
every line runs. A block of text is what the block before it prints, "…" standing for anything. A comment
right before a block says otherwise::

    <!-- not run: the reason -->
    <!-- toy: [24, 24] → [6, 6]; num: 301 → num: 5 -->

the latter with replacements that keep the test short; what such a block and those after it print, of Python
or of files and commands, is not compared.
"""

from __future__ import annotations

import re
import runpy
import shlex
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import yaml

import bdg
from bdg.config import parse_config
from bdg.errors import BdgError
from tests.support.commands import ROOT

DOCS = ROOT / "docs"
PAGES = sorted(page for page in DOCS.rglob("*.md") if not {"_build", "generated"} & set(page.parts))
"""The pages that are written, not generated."""

BLOCK = re.compile(r"(?:^<!-- (?P<note>[^>]*?) -->\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.M | re.S)
FILE = re.compile(r"# ([\w/]+\.(?:yaml|py|toml))\n")
SITES = "lattice: {kind: square, size: [4, 4]}\nhamiltonian: {chemical_potential: 0}\n"


@dataclass(frozen=True)
class Block:
    """A fenced block and the comment before it."""

    language: str
    text: str
    note: str

    @property
    def reason(self) -> str:
        """Why it is not run, or nothing."""
        return self.note.removeprefix("not run: ") if self.note.startswith("not run: ") else ""

    @property
    def is_toy(self) -> bool:
        return self.note.startswith("toy: ")

    @property
    def toy(self) -> str:
        """The text at toy size."""
        text = self.text
        for change in self.note.removeprefix("toy: ").split("; ") if self.is_toy else ():
            old, new = change.split(" → ")
            assert old in text, f"no {old!r} to replace in\n{text}"
            text = text.replace(old, new)
        return text


def blocks(page: Path) -> list[Block]:
    """The blocks of a page, those of Sphinx left out."""
    text = page.read_text(encoding="utf-8")
    return [Block(one["language"], one["text"], one["note"] or "") for one in BLOCK.finditer(text)]


class Page:
    """The state of a page while it runs in the current folder."""

    def __init__(self) -> None:
        self.names: dict[str, object] = {"__name__": "page"}
        self.printed = ""
        self.toys: set[bool] = set()
        self.is_python = False

    def run(self, block: Block) -> None:
        """Run a block; an assertion fails where it does not do what the page says."""
        if block.reason:
            return
        if block.language == "text":
            assert self.is_python in self.toys or as_printed(block.text).fullmatch(words(self.printed)), (
                f"printed is\n{self.printed}\nand not\n{block.text}"
            )
            return
        self.is_python = block.language == "python"
        self.toys |= {self.is_python} if block.is_toy else set()
        output, text = StringIO(), block.toy
        file = FILE.match(text)
        with redirect_stdout(output):
            if file:
                Path(file[1]).parent.mkdir(parents=True, exist_ok=True)
                Path(file[1]).write_text(text, encoding="utf-8")
            else:
                {"python": self._python, "yaml": check, "sh": shell}[block.language](text)
        self.printed = output.getvalue()

    def _python(self, text: str) -> None:
        exec(compile(text, "page", "exec"), self.names)


def words(text: str) -> str:
    return " ".join(text.split())


def as_printed(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(words(text)).replace("…", ".*"))


def check(text: str) -> None:
    """Run a configuration, or check a part of one."""
    keys = yaml.safe_load(text)
    if "lattice" in keys:
        Path("block.yaml").write_text(text, encoding="utf-8")
        assert bdg.run_file("block.yaml", ["output=block.h5"], overwrite=True).status == "converged"
        return
    missing = [line for line in SITES.splitlines(keepends=True) if line.split(":")[0] not in keys]
    parse_config("".join(missing) + text, "part.yaml")


def shell(text: str) -> None:
    """Run the commands of a shell block, in this process."""
    for line in text.replace("\\\n", " ").splitlines():
        if words := shlex.split(line, comments=True):
            promised = re.search(r"# exit code (\d+):", line)
            command(words, int(promised[1]) if promised else 0)


def command(words: list[str], promised: int = 0) -> None:
    """Run a command, which must end with the exit code that its comment promises."""
    from bdg.cli import app

    program, *arguments = words[: words.index(">")] if ">" in words else words
    if program == "bdg":
        if arguments[0] == "sweep" and "--executor" not in arguments:
            arguments += ["--executor", "serial"]  # no processes for a few points at toy size
        if arguments[0] == "plot":
            arguments += ["--dpi", "20"]
        with patch("sys.argv", words):
            try:
                code = app(arguments, prog_name="bdg", standalone_mode=False)
            except BdgError as error:
                code = error.exit_code
        differs = arguments[0] == "diff" and code == 1
        assert (code or 0) == promised or differs, f"{shlex.join(words)} ended with {code}"
    elif program == "python":
        with patch("sys.argv", arguments):
            runpy.run_path(arguments[0], run_name="__main__")
    else:
        raise AssertionError(
            f"{shlex.join(words)} cannot be run here; mark the block: <!-- not run: REASON -->"
        )


__all__ = ["DOCS", "PAGES", "ROOT", "Block", "Page", "blocks"]

"""Files of numbers as Fortran's list-directed input reads them: empty lines and remarks do not count."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.words import counted

Row = tuple[int, list[str]]
"""Number of a line, and its words."""


@dataclass(frozen=True)
class Text:
    """A file: after a first line of any kind, those that hold something, without their remarks.

    Parameters
    ----------
    name
        For errors.
    n_lines
        Of the whole file.
    rows
        What counts.
    """

    name: str
    n_lines: int
    rows: list[Row]

    @classmethod
    def read(cls, path: str | os.PathLike[str], kind: str) -> Text:
        """Read a file.

        Raises
        ------
        InputError
            If that can't be done; ``kind`` says what it would be.
        """
        name = os.fspath(path)
        try:
            lines = Path(path).read_text("utf-8", errors="replace").splitlines()
        except OSError as error:
            raise InputError(f"{name}: can't be read: {error.strerror}; name a {kind}") from None
        rows = ((number, _without_remark(line).split()) for number, line in enumerate(lines[1:], 2))
        return cls(name, len(lines), [row for row in rows if row[1]])

    def line(self, at: int) -> int:
        """Number of the line of a row, or of that after the last."""
        return self.rows[at][0] if at < len(self.rows) else max(self.n_lines + 1, 2)

    def refuse(self, at: int, problem: str, hint: str) -> NoReturn:
        """Refuse a row."""
        refuse(self.name, self.line(at), problem, hint)

    def count(self, at: int, what: str) -> int:
        """A row that begins with a positive whole number; words may follow."""
        words = self.rows[at][1] if at < len(self.rows) else []
        first = words[0] if words else ""
        if not first.isdecimal() or int(first) < 1 or any(map(is_number, words[1:])):
            text = " ".join(words)[:40]
            self.refuse(at, f"must be {what}, not {text!r}", "is this a seedname_hr.dat or _tb.dat?")
        return int(first)

    def numbers(self, at: int, n_rows: int, n_columns: int, columns: str) -> NDArray[np.float64]:
        """So many rows of so many finite numbers; words may follow them.

        Raises
        ------
        InputError
            If a row is not like that, or there are too few.
        """
        rows = [words for _, words in self.rows[at : at + n_rows]]
        if len(rows) < n_rows:
            missing = counted(n_rows - len(rows), "line")
            self.refuse(len(self.rows) - 1, f"ends here, {missing} too early", "is it cut off?")
        for n, words in enumerate(rows):
            if len(words) != n_columns:
                if len(words) < n_columns or any(map(is_number, words[n_columns:])):
                    self.refuse(at + n, f"has {len(words)} columns", f"{columns} are wanted")
                rows[n] = words[:n_columns]
        try:
            table = np.array(rows, np.float64)
        except ValueError:
            table = self._by_word(rows, at)
        finite = np.isfinite(table).all(axis=1)
        if not finite.all():
            self.refuse(at + int(np.argmin(finite)), "not finite", "correct it")
        return table

    def _by_word(self, rows: list[list[str]], at: int) -> NDArray[np.float64]:
        """The numbers, with Fortran's 1.0D-3 among them; the first word that is none is refused."""
        for n, words in enumerate(rows):
            for word in words:
                if not is_number(word):
                    self.refuse(at + n, f"{word[:40]!r} is not a number", "correct it")
        return np.array([[_number(word) for word in words] for words in rows])


def refuse(name: str, line: int, problem: str, hint: str) -> NoReturn:
    """Refuse a line of a file."""
    raise InputError(f"{name}:{line}: {problem}; {hint}")


def is_number(word: str) -> bool:
    """Whether a word is a number."""
    try:
        _number(word)
    except ValueError:
        return False
    return True


def _number(word: str) -> float:
    return float(word.replace("D", "e").replace("d", "e"))


def _without_remark(line: str) -> str:
    for mark in "!#":
        if mark in line:
            line = line[: line.index(mark)]
    return line

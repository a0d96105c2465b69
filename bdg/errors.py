"""The exception tree of bdg.

Every error a user can meet is one line that says what is wrong and what would do; the
command line prints that line and leaves with the error's ``exit_code``::

    BdgError                 1   internal error, unless a subclass says otherwise
    ├── InputError           2   something the user gave cannot be used
    │   ├── UnknownKeywordError   2   ... a misspelt keyword of a function
    │   ├── UnknownKeyError  2   ... a key that a configuration does not have
    │   └── ConfigError      2   ... in a configuration file: knows file, line, column, key
    ├── ConvergenceError         3   ended without convergence; the results are kept and flagged
    ├── NumericalError       4   numerical failure (NaN, lost Hermiticity); last good state kept
    ├── ResourceError        5   out of memory or disk
    │   └── WorkerLostError  5   ... or out of workers, which died or cannot be reached
    ├── FileRefusedError          6   a file is busy, damaged or would be overwritten
    └── Stopped      128 + n     ended by signal n; a checkpoint was written
        └── Interrupted          ... between two parts of the work, where nothing is half done
"""

from __future__ import annotations

from collections.abc import Sequence


class BdgError(Exception):
    """Base of all errors raised by bdg; ``exit_code`` is what the command line returns."""

    exit_code = 1


class InputError(BdgError, ValueError):
    """A value given by the user cannot be used; the message quotes it and says what would do."""

    exit_code = 2


class UnknownKeywordError(InputError, TypeError):
    """A function was given a keyword it does not have; the message says which was probably meant."""


class UnknownKeyError(InputError, KeyError):
    """A configuration was asked for a key it does not have; the message says which was probably meant."""

    def __str__(self) -> str:  # a KeyError's is quoted
        return str(self.args[0])


class ConfigError(InputError):
    """A configuration file cannot be used.

    The message reads ``FILE:LINE:COLUMN: KEY: PROBLEM; HINT``, each part where there is one, and says how
    many more problems there are.

    Parameters
    ----------
    problem
        What is wrong, quoting the bad value.
    file, line, column
        Where, lines and columns counted from 1; ``None`` where there is no place to name.
    key
        Dotted path of the key, for example ``lattice.size[0]``.
    hint
        What would do.
    others
        The further problems, each an error of its own.
    """

    def __init__(
        self,
        problem: str,
        *,
        file: str | None = None,
        line: int | None = None,
        column: int | None = None,
        key: str | None = None,
        hint: str | None = None,
        others: Sequence[ConfigError] = (),
    ) -> None:
        self.problem, self.file, self.line, self.column = problem, file, line, column
        self.key, self.hint, self.others = key, hint, tuple(others)
        place = ":".join(str(part) for part in (file, line, column) if part is not None)
        message = ": ".join(part for part in (place, key, problem) if part)
        # Problems and hints may quote a value of the user's: one line all the same.
        text = f"{message}; {hint}" if hint else message
        more = f" (+{len(others)} more problem{'s' if len(others) > 1 else ''})" if others else ""
        super().__init__(" ".join(f"{text}{more}".split()))

    @classmethod
    def of(cls, problems: Sequence[ConfigError]) -> ConfigError:
        """One error of several, which stands where the first of them does."""
        first, *others = (alone for problem in problems for alone in problem.each)
        return first._with(others)

    @property
    def each(self) -> tuple[ConfigError, ...]:
        """The problem without the others, and the others."""
        return self._with(()), *self.others

    def _with(self, others: Sequence[ConfigError]) -> ConfigError:
        return ConfigError(
            self.problem,
            file=self.file,
            line=self.line,
            column=self.column,
            key=self.key,
            hint=self.hint,
            others=others,
        )


class ConvergenceError(BdgError):
    """The self-consistency loop ended without convergence; results are kept and flagged."""

    exit_code = 3


class NumericalError(BdgError, ArithmeticError):
    """Numbers broke: NaN or infinity, or a matrix that lost its Hermiticity."""

    exit_code = 4


class ResourceError(BdgError):
    """There is not enough memory or disk for what was asked."""

    exit_code = 5


class WorkerLostError(ResourceError):
    """The workers of an executor died or cannot be reached, and others did not do their work either."""


class FileRefusedError(BdgError):
    """A file is busy, damaged, of another format, or would be overwritten."""

    exit_code = 6


class FileBusyError(FileRefusedError):
    """Another run is at work on a file."""


class RunStoppedError(BdgError):
    """A signal ended the run; ``exit_code`` is 128 plus its number (130 for Ctrl-C, 143 for SIGTERM)."""

    def __init__(self, message: str, signal_number: int) -> None:
        super().__init__(message)
        self.exit_code = 128 + signal_number


class RunInterruptedError(RunStoppedError):
    """Work was abandoned between two of its parts, on request: what was there before it is whole."""

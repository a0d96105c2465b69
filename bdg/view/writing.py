"""Pages of results and studies, as text or as a file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from bdg.result import Result
from bdg.store import read, write_text
from bdg.view.contents import Contents, contents_of
from bdg.view.document import page
from bdg.view.folders import contents_of_study


def page_of(what: Result | str | os.PathLike[str], only: Sequence[str] = ()) -> str:
    """The page of a result or a study, as text.

    Parameters
    ----------
    what
        A result, the file of one, or the folder of a study.
    only
        Names of the quantities to show; without them, all.

    Raises
    ------
    InputError
        If there is no such file or quantity, or the folder holds no study.
    FileRefusedError
        If the file is damaged or not of bdg.
    """
    return page(_contents(what, only))


def write_page(
    what: Result | str | os.PathLike[str], target: str | os.PathLike[str], only: Sequence[str] = ()
) -> None:
    """Write the page of a result or a study to a file; one that is there is replaced.

    Parameters
    ----------
    what, only
        As for :func:`page_of`.
    target
        The HTML file.

    Raises
    ------
    FileRefusedError, ResourceError
        If it cannot be written.
    """
    write_text(target, page_of(what, only), overwrite=True)


def _contents(what: Result | str | os.PathLike[str], only: Sequence[str]) -> Contents:
    if isinstance(what, Result):
        return contents_of(what, only)
    path = Path(what)
    return contents_of_study(path, only) if path.is_dir() else contents_of(read(path), only)

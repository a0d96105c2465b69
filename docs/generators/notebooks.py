"""The notebooks of ``docs/notebooks`` as pages: their text, their code, and the file to download."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from docs.generators.markdown import toctree

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"

INTRODUCTION = """# Notebooks

To open in Jupyter and go through cell by cell; the tests run them at toy size. A cell that ends with a result
shows its page, as `bdg view` does.

"""


@dataclass(frozen=True)
class Cell:
    """One cell: its text, whether it is code, and what makes it small in a test."""

    text: str
    is_code: bool
    toy: str = ""


def cells(file: Path) -> list[Cell]:
    """The cells of a notebook."""
    found = json.loads(file.read_text(encoding="utf-8"))["cells"]
    return [
        Cell("".join(one["source"]), one["cell_type"] == "code", one["metadata"].get("toy", ""))
        for one in found
    ]


def notebooks() -> list[Path]:
    """The files, the first steps first."""
    return sorted(NOTEBOOKS.glob("*.ipynb"), key=lambda file: (file.stem != "first_steps", file.stem))


def pages() -> dict[str, str]:
    """An index and a page for each."""
    made = {f"notebooks/{file.stem}": page(file) for file in notebooks()}
    tree = toctree(file.stem for file in notebooks())
    return {"notebooks/index": INTRODUCTION + tree} | made


def page(file: Path) -> str:
    """The text of a notebook; the heading is that of its first cell."""
    parts = [f"```python\n{one.text}\n```" if one.is_code else one.text for one in cells(file)]
    link = f"{{download}}`{file.name} <../../notebooks/{file.name}>`"
    return "\n\n".join([parts[0], link, *parts[1:]]) + "\n"

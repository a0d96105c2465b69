"""Formulas of the pages as MathML, which browsers draw themselves: no script, no font, no network.

LaTeX between dollars is converted by the package latex2mathml when the site is built.
"""

from __future__ import annotations

import html
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert


def inline(translator: Any, node: nodes.math) -> None:
    """A formula within a line."""
    translator.body.append(convert(node.astext(), display="inline"))
    raise nodes.SkipNode


def display(translator: Any, node: nodes.math_block) -> None:
    """A formula on a line of its own, with its number."""
    number = f'<span class="eqno">({html.escape(str(node["number"]))})</span>' if node.get("number") else ""
    translator.body.append(
        f'<div class="math notranslate">{number}{convert(node.astext(), display="block")}</div>'
    )
    raise nodes.SkipNode


def setup(app: Any) -> None:
    """Register the renderer under the name ``mathml``."""
    app.add_html_math_renderer("mathml", (inline, None), (display, None))

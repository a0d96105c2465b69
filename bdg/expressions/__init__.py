"""Formulas in x, y and z that a user writes as text: read safely, evaluated on the sites.

Nothing of the text is ever run: it is parsed, every piece is looked up in the tables of
:mod:`bdg.expressions.grammar`, and the pieces are computed with NumPy.
"""

from bdg.expressions.expression import Expression
from bdg.expressions.grammar import CONSTANTS, COORDINATES, FUNCTIONS

__all__ = ["CONSTANTS", "COORDINATES", "FUNCTIONS", "Expression"]

"""What may stand in an expression: tables of names, functions and operators, and the check against them.

Python's own parser reads the text, so precedence is Python's; what it reads must then be in the tables. No
NumPy here: a configuration is checked before anything heavy is imported.
"""

from __future__ import annotations

import ast
import difflib
import re
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from bdg.errors import InputError

MAX_LENGTH = 1000
"""Longest expression, in characters."""

MAX_DEPTH = 100
"""Deepest nesting: each level may hold an array over the sites."""

COORDINATES = ("x", "y", "z")
"""The position of a site, in lattice constants."""

CONSTANTS = {"pi": 3.141592653589793, "e": 2.718281828459045, "tau": 6.283185307179586}
"""Numbers with a name."""


@dataclass(frozen=True)
class Function:
    """A function an expression may call.

    Parameters
    ----------
    name
        Its name in NumPy, or in :mod:`bdg.expressions.evaluation`.
    fewest, most
        How many arguments it takes.
    is_real
        Whether it takes real numbers only.
    """

    name: str
    fewest: int = 1
    most: int = 1
    is_real: bool = False


_SAME_NAME = (
    "sin",
    "cos",
    "tan",
    "sinh",
    "cosh",
    "tanh",
    "exp",
    "log",
    "sqrt",
    "abs",
    "real",
    "imag",
    "conj",
)
_INVERSE = ("sin", "cos", "tan", "sinh", "cosh", "tanh")
_REAL = ("floor", "ceil", "round", "sign", "step", "erf")

FUNCTIONS: dict[str, Function] = {
    **{name: Function(name) for name in (*_SAME_NAME, "angle", "log10", "log2")},
    **{f"a{name}": Function(f"arc{name}") for name in _INVERSE},
    **{f"arc{name}": Function(f"arc{name}") for name in _INVERSE},
    **{name: Function(name, is_real=True) for name in _REAL},
    "heaviside": Function("heaviside", 1, 2, is_real=True),
    "atan2": Function("arctan2", 2, 2, is_real=True),
    "arctan2": Function("arctan2", 2, 2, is_real=True),
    "hypot": Function("hypot", 2, 2, is_real=True),
    "mod": Function("mod", 2, 2, is_real=True),
    "min": Function("least", 2, 10, is_real=True),
    "max": Function("greatest", 2, 10, is_real=True),
    "where": Function("where", 3, 3),
}
"""The functions by the name they are called with."""

BINARY = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
UNARY = (ast.UAdd, ast.USub, ast.Not)
COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)

_WRITE_INSTEAD = {
    "i": "write 1j",
    "j": "write 1j",
    "I": "write 1j",
    "π": "write pi",
    "ln": "write log",
    "pow": "write **",
    "r": "write hypot(x, y)",
    "phi": "write atan2(y, x)",
    "theta": "write atan2(y, x)",
    "True": "write 1",
    "False": "write 0",
    "^": "write ** for a power",
    "&": "write and",
    "|": "write or",
    "~": "write not",
}


def parse(text: str, variables: Sequence[str] = COORDINATES) -> ast.expr:
    """The tree of an expression, every piece of it allowed.

    Parameters
    ----------
    text
        One line; see :func:`one_line`.
    variables
        The names it may depend on.

    Raises
    ------
    InputError
        If it is no formula, or holds something that is not allowed.
    """
    if not text:
        raise InputError("the expression is empty; write a number or a formula such as 0.5*cos(x)")
    if len(text) > MAX_LENGTH:
        raise InputError(
            f"the expression {excerpt(text, 0)} has {len(text)} characters, more than {MAX_LENGTH};"
            " give an array from Python instead"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # "1if x" is no better than "1x"
            tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise _no_formula(text, error) from None
    except (RecursionError, MemoryError, ValueError, OverflowError):
        raise InputError(f"the expression {excerpt(text, 0)} cannot be read; simplify it") from None
    _check(tree, text, 1, variables)
    return tree


def one_line(text: str) -> str:
    """The text with every run of white space made one blank."""
    return " ".join(text.split())


def refuse(text: str, node: ast.AST, problem: str, hint: str) -> NoReturn:
    """Raise the error that quotes the expression and points at one piece of it.

    Raises
    ------
    InputError
        Always.
    """
    piece = ast.get_source_segment(text, node) or text
    start = len(text.encode()[: getattr(node, "col_offset", 0)].decode(errors="ignore"))
    shown = printable(piece if len(piece) <= 40 else f"{piece[:39]}…")
    where = "" if piece == text else f" (character {start + 1})"
    whole = f"in the expression {excerpt(text, start)}, " if piece != text else "the expression "
    raise InputError(f"{whole}'{shown}'{where} {problem}; {hint}")


def excerpt(text: str, start: int, longest: int = 70) -> str:
    """The text in quotes; of a long one the part around a place."""
    first = max(0, min(start - longest // 2, len(text) - longest))
    part = text[first : first + longest]
    return f"'{'…' if first else ''}{printable(part)}{'…' if first + longest < len(text) else ''}'"


def printable(text: str) -> str:
    """The text with what cannot be printed escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _no_formula(text: str, error: SyntaxError) -> InputError:
    message, hint = error.msg or "invalid syntax", "correct it"
    if re.search(r"(?<![<>=!:])=(?!=)", text):
        message, hint = "a single '='", "write == to compare"
    elif "decimal literal" in message or "imaginary literal" in message:
        message, hint = "a number runs into a name", "write * between them"
    place = (error.offset or 1) - 1
    return InputError(
        f"the expression {excerpt(text, place)} is no formula: {message} at character {place + 1}; {hint}"
    )


def _check(node: ast.expr, text: str, depth: int, variables: Sequence[str]) -> None:
    """Refuse what is not in the tables, here and below."""
    if depth > MAX_DEPTH:
        raise InputError(f"the expression {excerpt(text, 0)} is nested too deep; simplify it")
    match node:
        case ast.Constant():
            _check_number(node, text)
        case ast.Name():
            _check_name(node, text, variables)
        case ast.Call():
            _check_call(node, text, variables)
        case ast.BinOp(op=operator):
            if not isinstance(operator, BINARY):
                _refuse_operator(node, text, operator)
        case ast.UnaryOp(op=operator):
            if not isinstance(operator, UNARY):
                _refuse_operator(node, text, operator)
        case ast.Compare(ops=operators):
            if not all(isinstance(operator, COMPARISONS) for operator in operators):
                refuse(text, node, "is no comparison of numbers", "use <, <=, >, >=, == or !=")
        case ast.BoolOp() | ast.IfExp():
            pass
        case _:
            known = ", ".join(variables)
            refuse(text, node, "is not allowed", f"use numbers, {known}, operators and functions")
    for child in _operands(node):
        _check(child, text, depth + 1, variables)


def _operands(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.Call):
        return node.args
    return [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]


def _check_number(node: ast.Constant, text: str) -> None:
    value = node.value
    if isinstance(value, bool):
        refuse(text, node, "is no number", _WRITE_INSTEAD[str(value)])
    if not isinstance(value, int | float | complex):
        refuse(text, node, "is no number", "remove it")
    try:
        is_huge = abs(complex(value)) == float("inf")
    except OverflowError:
        is_huge = True
    if is_huge:
        refuse(text, node, "is too large", "give a smaller number")


def _check_name(node: ast.Name, text: str, variables: Sequence[str]) -> None:
    name = node.id
    if name in variables or name in CONSTANTS:
        return
    if name in FUNCTIONS:
        refuse(text, node, "is a function without its argument", f"write {name}(…)")
    refuse(text, node, "is an unknown name", _meant(name, (*variables, *CONSTANTS, *FUNCTIONS)))


def _check_call(node: ast.Call, text: str, variables: Sequence[str]) -> None:
    if not isinstance(node.func, ast.Name):
        refuse(text, node, "is not allowed", "call functions by their name")
    name, given = node.func.id, len(node.args)
    if name in variables or name in CONSTANTS:
        refuse(text, node, f"calls {name}, which is a number", "write * to multiply")
    if name not in FUNCTIONS:
        refuse(text, node.func, "is an unknown function", _meant(name, FUNCTIONS))
    if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
        refuse(text, node, "is not allowed", "give the arguments one after another")
    takes = FUNCTIONS[name]
    if not takes.fewest <= given <= takes.most:
        wanted = str(takes.fewest) if takes.fewest == takes.most else f"{takes.fewest} to {takes.most}"
        refuse(text, node, f"has {given} argument{'' if given == 1 else 's'}", f"{name} takes {wanted}")


def _meant(name: str, known: Iterable[str]) -> str:
    if name in _WRITE_INSTEAD:
        return _WRITE_INSTEAD[name]
    names = list(known)
    close = difflib.get_close_matches(name[:40], names, n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else f"known are {', '.join(names[:16])}, …"


def _refuse_operator(node: ast.expr, text: str, operator: ast.AST) -> NoReturn:
    symbols = {ast.BitXor: "^", ast.BitAnd: "&", ast.BitOr: "|", ast.Invert: "~"}
    symbol = symbols.get(type(operator), "")
    hint = _WRITE_INSTEAD.get(symbol, "use +, -, *, /, //, % or **")
    refuse(text, node, f"holds {symbol or 'an operator'}, which is not allowed", hint)

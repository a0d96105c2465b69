"""Words that several layers tell a person."""

import reprlib


def counted(number: int, noun: str) -> str:
    """``1 site``, ``2 sites``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def yes_or_no(value: bool) -> str:
    """``yes`` or ``no``."""
    return "yes" if value else "no"


def quoted(value: object) -> str:
    """What was given, shortened to a part of one line."""
    return " ".join(reprlib.repr(value).split())


def printable(text: str) -> str:
    """The text without control characters, which a terminal would obey; lines stay."""
    return "".join(character if character.isprintable() or character == "\n" else "�" for character in text)

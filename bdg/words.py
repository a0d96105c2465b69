"""Words that several layers tell a person."""


def counted(number: int, noun: str) -> str:
    """``1 site``, ``2 sites``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def yes_or_no(value: bool) -> str:
    """``yes`` or ``no``."""
    return "yes" if value else "no"

"""The command line. Heavy imports wait inside the commands, so that ``bdg --help`` is quick."""

from bdg.cli.app import app
from bdg.cli.entry import main

__all__ = ["app", "main"]

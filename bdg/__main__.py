"""``python -m bdg`` is ``bdg``."""

from bdg.cli import main

main()

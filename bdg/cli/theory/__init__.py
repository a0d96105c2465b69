"""``bdg theory …``: uniform theory as tables, files and figures.

`app` holds the commands, which `commands` makes of functions. Each of `equilibrium`, `pairs`, `answers`,
`collective`, `screening`, `fluid` and `elements` computes a `table.Table`; `output` prints, writes and draws
it.
"""

from bdg.cli.theory.app import app

__all__ = ["app"]

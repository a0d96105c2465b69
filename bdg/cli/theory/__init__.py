"""``bdg theory …``: uniform theory as tables, files and figures.

`app` holds the commands, which `tabulated` makes of the functions in the files `…_commands`. Each file
`…_tables` computes a `table.Table`, of a metal that `metal_input` reads where there is one; `output` prints,
writes and draws it.
"""

from bdg.cli.theory.app import app

__all__ = ["app"]

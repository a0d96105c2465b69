"""Time to import the package, to print the help, and to run the smallest configuration."""

import subprocess
import sys
import tempfile
from pathlib import Path

from _timing import best, table

CONFIG = "lattice: {kind: chain, size: [4]}\nhamiltonian: {chemical_potential: 0}\n"

with tempfile.TemporaryDirectory() as folder:
    config = Path(folder, "tiny.yaml")
    config.write_text(CONFIG)
    output = f"output={Path(folder, 'tiny.h5')}"
    commands = {
        "python": ["-c", "pass"],
        "import bdg": ["-c", "import bdg"],
        "bdg --help": ["-m", "bdg", "--help"],
        "bdg validate": ["-m", "bdg", "validate", str(config)],
        "bdg run (4 sites)": ["-m", "bdg", "run", str(config), "--overwrite", "--set", output],
    }
    rows = []
    for name, arguments in commands.items():
        command = [sys.executable, *arguments]
        seconds = best(lambda c=command: subprocess.run(c, check=True, capture_output=True), 3)
        rows.append((name, f"{seconds:.3f}"))
table(("command", "best of 3 / s"), rows)

"""Run a configuration through the Python API: a starting point for scripts of your own.

usage: python scripts/run.py configs/quickstart.yaml [key=value ...]
"""

import sys

import bdg
from bdg.run import Hooks

config, *overrides = sys.argv[1:] or ["configs/quickstart.yaml"]

result, path = bdg.run_file(
    config,
    overrides,
    hooks=Hooks(after_turn=lambda turn: print(f"{turn.iteration:4d}  residual {turn.residual:.2e} t")),
)
print(f"{result.status} after {len(result.history)} iterations, residual {result.residual:.1e} t")
for name, quantity in result.quantities().items():
    if quantity.values.ndim == 0:
        print(f"{quantity.long_name}: {quantity.values:.8g} {quantity.units}  ({name})")
print(f"wrote {path}")

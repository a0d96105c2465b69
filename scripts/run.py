"""Run a configuration through the Python API: a starting point for scripts of your own.

usage: python scripts/run.py configs/quickstart.yaml [--overwrite] [key=value ...]

Without arguments it runs configs/quickstart.yaml into results/script.h5, which it may replace.
"""

import sys

import bdg
from bdg.errors import BdgError
from bdg.simulation.hooks import Hooks

arguments = sys.argv[1:] or ["configs/quickstart.yaml", "output=results/script.h5", "--overwrite"]
config, *overrides = [argument for argument in arguments if argument != "--overwrite"]
hooks = Hooks(after_iteration=lambda turn: print(f"{turn.iteration:4d}  residual {turn.residual:.2e} t"))

try:
    result = bdg.run_file(config, overrides, overwrite="--overwrite" in arguments, hooks=hooks)
except BdgError as error:
    sys.exit(f"{error}")

print(f"{result.status} after {len(result.history)} iterations, residual {result.residual:.1e} t")
for name, quantity in result.quantities().items():
    if quantity.values.ndim == 0:
        print(f"{quantity.long_name}: {quantity.values:.8g} {quantity.units}  ({name})")
print(f"wrote {result.path}")
sys.exit(0 if result.status == "converged" else 3)

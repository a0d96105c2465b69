"""The pictures of the gallery: run, draw, and keep small; ``scripts/gallery`` calls it.

What the results hold is noted beside the pictures in ``quantities.json``: for each observable the names, axes
and units of its quantities, from which the pages of the observables are made.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml
from PIL import Image

import bdg
from bdg.config import template
from bdg.observables import contracts
from docs.generators.headers import PICTURES, ROOT, Example, examples

LARGEST = 60_000
"""Bytes of a picture."""

SHAPES = ((1400, 128), (1200, 128), (1200, 96), (1000, 96), (900, 64), (800, 48))
"""Widths in pixels and numbers of colours, tried one after another."""

QUANTITIES = PICTURES / "quantities.json"

DRAWN = {
    "contours": ("spectral_map",),
    "spectral_function": ("spectral_function",),
    "susceptibility": ("susceptibility_map",),
    "surface_states": ("surface_spectral_function",),
    "qpi": ("qpi_z",),
    "qpi_dispersion": ("qpi_z_cut",),
    "impurity_in_bulk": ("impurity_ldos",),
    "gap_map": ("gap_correlation",),
    "million_sites": ("order_parameter", "--inset", "480,480:544,544", "--dpi", "75"),
    "magnetisation_curve": ("curve_moment",),
    "studies/critical_disorder": ("spectral_gap", "--over", "seed", "--hue", "temperature"),
}
"""What is drawn of an example in place of the page with all there is."""


def small(drawn: Path) -> bytes:
    """A PNG with a palette, of at most :data:`LARGEST` bytes."""
    full = Image.open(drawn).convert("RGB")
    for width, colours in SHAPES:
        height = round(full.height * width / full.width)
        image = full.resize((width, height), Image.Resampling.LANCZOS) if width < full.width else full
        buffer = io.BytesIO()
        image.quantize(colours, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE).save(
            buffer, "PNG", optimize=True
        )
        if buffer.tell() <= LARGEST:
            return buffer.getvalue()
    raise ValueError(f"{drawn}: no small picture of {full.width} × {full.height} pixels; draw less")


def command(*arguments: str, folder: Path) -> None:
    """Run ``bdg`` in a folder."""
    subprocess.run(
        [sys.executable, "-m", "bdg", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
        stdout=subprocess.DEVNULL,
    )


def make(example: Example, folder: Path) -> None:
    """Run an example where there is no result of it yet, draw it, and keep its picture."""
    result = folder / "results" / example.file.name.replace(".yaml", "" if example.is_study else ".h5")
    drawn = folder / f"{example.page}.png"
    if example.is_study:
        command("sweep", str(example.file), "--quiet", folder=folder)
        what = DRAWN.get(example.name) or tuple(next(c for c in example.commands if c[1] == "plot")[3:])
    else:
        if not result.exists():
            command("run", str(example.file), "--quiet", folder=folder)
        note(bdg.load(result))
        what = DRAWN.get(example.name, ())
    command("plot", str(result), *what, "-o", str(drawn), folder=folder)
    PICTURES.mkdir(exist_ok=True)
    example.picture.write_bytes(small(drawn))


def note(result: bdg.Result) -> None:
    """Add what a result holds to :data:`QUANTITIES`."""
    known = json.loads(QUANTITIES.read_text("utf-8")) if QUANTITIES.exists() else {}
    for name, quantities in result.observables.items():
        known.setdefault(name, {}).update(
            {
                key: {"dims": list(one.dims), "units": one.units, "long_name": one.long_name}
                for key, one in quantities.items()
            }
        )
    text = json.dumps(known, indent=1, sort_keys=True, ensure_ascii=False)
    QUANTITIES.parent.mkdir(exist_ok=True)
    QUANTITIES.write_text(text + "\n", encoding="utf-8")


def note_others() -> None:
    """Add what observables store that no example measures: of a small torus, as the template writes them."""
    known = json.loads(QUANTITIES.read_text("utf-8")) if QUANTITIES.exists() else {}
    sample = bdg.build_sample("square", [9, 9], "periodic")
    model = bdg.build_model(sample, chemical_potential=-0.5, attraction=2.5, temperature=0.1)
    for name in contracts():
        if name not in known:
            written = re.search(rf"^ +(?:# )?{name}: (\{{.*?\}})(?: +#|$)", template(), re.MULTILINE)
            parameters = yaml.safe_load(written[1]) if written else {}
            note(bdg.solve(model, observables={name: parameters}))


def main(arguments: list[str]) -> None:
    """Make the pictures of the examples that are named, by default of all."""
    parser = argparse.ArgumentParser(prog="scripts/gallery")
    parser.add_argument("names", nargs="*", help="such as quickstart or studies/disorder")
    parser.add_argument("--keep", type=Path, help="folder of the results, used again")
    parser.add_argument("--missing", action="store_true", help="only those that have no picture")
    parser.add_argument("--quantities", action="store_true", help="only note what observables store")
    given = parser.parse_args(arguments)
    if given.quantities:
        note_others()
        return
    known = {example.name: example for example in examples()}
    if unknown := [name for name in given.names if name not in known]:
        parser.error(f"no configs/{unknown[0]}.yaml")
    chosen = [known[name] for name in given.names or known]
    with tempfile.TemporaryDirectory() as scratch:
        folder = (given.keep or Path(scratch)).resolve()
        (folder / "results").mkdir(parents=True, exist_ok=True)
        for example in chosen:
            if given.missing and example.picture.exists():
                continue
            start = time.monotonic()
            try:
                make(example, folder)
                size = f"{example.picture.stat().st_size / 1000:.0f} kB"
            except (subprocess.CalledProcessError, ValueError) as error:
                size = f"failed: {error}"
            print(f"{example.name:40} {time.monotonic() - start:6.1f} s  {size}", flush=True)
    note_others()


if __name__ == "__main__":
    main(sys.argv[1:])

"""Arrays of a page come back to the precision that it states; the tests in a browser decode them too."""

import base64
import zlib

import numpy as np
import pytest

from bdg.view.packing import EXACT_UP_TO, Blocks


def unpacked(blocks, part):
    """What the script does with a block, in numpy."""
    data = np.frombuffer(zlib.decompress(base64.b64decode(blocks.texts[part["block"]])), np.uint8)
    shape, bits = part["shape"], int(part["type"][1:])
    count = int(np.prod(shape))
    upper, rest = data[:count].astype(int), data[count:].astype(int)
    if bits == 12:
        rest = np.stack([rest >> 4, rest & 15], axis=1).ravel()[:count]
    difference = (upper << (bits - 8) | rest).reshape(-1, shape[-1])
    codes = np.cumsum(difference, axis=0) % 2**bits
    low, step = (read(blocks, part[name])[:, None] for name in ("low", "step"))
    return np.where(codes == 2**bits - 1, np.nan, low + step * codes).reshape(shape)


def read(blocks, part):
    if isinstance(part, list):
        return np.array(part)
    data = zlib.decompress(base64.b64decode(blocks.texts[part["block"]]))
    return np.frombuffer(data, f"<{part['type']}").reshape(part["shape"])


def table(rng, kind):
    shape = (37, 1001)  # odd, so that four bits are left over
    smooth = np.sin(np.linspace(0, 9, shape[0]))[:, None] * np.cos(np.linspace(0, 5, shape[1]))
    return {
        "smooth": smooth,
        "noise": rng.normal(size=shape),
        "decades": np.exp(-np.arange(shape[0]))[:, None] * (2 + smooth),
        "constant rows": np.repeat(np.arange(float(shape[0]))[:, None], shape[1], axis=1),
        "missing": np.where(rng.random(shape) < 0.1, np.nan, smooth),
        "nothing known": np.full(shape, np.nan),
        "infinite": np.where(rng.random(shape) < 0.01, np.inf, smooth),
    }[kind]


@pytest.mark.parametrize("bits", [12, 16])
@pytest.mark.parametrize(
    "kind", ["smooth", "noise", "decades", "constant rows", "missing", "nothing known", "infinite"]
)
def test_many_numbers_come_back_to_the_stated_precision(kind, bits):
    values = table(np.random.default_rng(1), kind)
    blocks = Blocks(bits)
    part = blocks.packed(values)
    known = np.isfinite(values)
    returned = unpacked(blocks, part)
    assert np.array_equal(np.isfinite(returned), known)
    error = np.abs(returned - values)[known].max(initial=0.0)
    assert error <= part["error"] * (1 + 1e-9)
    if kind in ("smooth", "noise"):  # and it is no worse than it must be
        assert 0.5 * part["error"] < error
        assert part["error"] <= 0.5 * np.ptp(values) / (2**bits - 2) * (1 + 1e-12)


def test_each_row_has_a_precision_of_its_own():
    """A spectrum far inside the gap is as sharp, in parts of itself, as its peaks."""
    values = table(np.random.default_rng(1), "decades")
    blocks = Blocks()
    error = np.abs(unpacked(blocks, blocks.packed(values)) - values).max(axis=1)
    assert (error <= 2e-5 * np.ptp(values, axis=1)).all()


def test_few_numbers_are_exact():
    values = np.random.default_rng(1).normal(size=(8, EXACT_UP_TO // 8))
    values[3, 5] = np.nan
    blocks = Blocks()
    part = blocks.packed(values)
    assert "error" not in part
    assert np.array_equal(read(blocks, part), values, equal_nan=True)


def test_types_are_kept():
    blocks = Blocks()
    many = np.arange(100)
    assert blocks.exact(np.arange(3)) == [0, 1, 2]
    assert read(blocks, blocks.exact(many)).dtype == np.int32
    assert read(blocks, blocks.exact(many.astype(np.float32))).dtype == np.float32
    assert read(blocks, blocks.exact(many / 3)).dtype == np.float64


def test_spectra_of_a_large_sample_fit_into_a_mail():
    """100 × 100 sites at 401 energies: noise, the worst there is, stays below ten million characters."""
    rng = np.random.default_rng(1)
    part = Blocks(12)
    part.packed(rng.normal(size=(4, 10_000)))
    assert part.size * 401 / 4 < 9e6

r"""H as it is sent to workers: where it has blocks once, then the numbers that changed.

Of H only the numbers are sent that do not follow from others: by H = H†, and of a spin-singlet H, whose
blocks are [[h, Δ], [Δ*, −h*]], the first row. A matrix of the loop differs from one that the workers have by
what the fields changed, such as Δ and the Hartree potential on every site.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats, Numbers
from bdg.nambu import BlochMomenta, NambuMatrix, SparsityPattern
from bdg.nambu.sparsity import DIGEST_BYTES
from bdg.solvers.parts import Key


def compressed(integers: NDArray[Any]) -> tuple[bytes, str, tuple[int, ...]]:
    """Integers, packed: mostly their differences are small."""
    steps = np.diff(integers.ravel(), prepend=integers.dtype.type(0))
    return zlib.compress(steps.astype(integers.dtype).tobytes(), 1), integers.dtype.str, integers.shape


def restored(packed: tuple[bytes, str, tuple[int, ...]]) -> NDArray[Any]:
    """What :func:`compressed` was given."""
    steps = np.frombuffer(zlib.decompress(packed[0]), packed[1])
    return np.cumsum(steps, dtype=packed[1]).reshape(packed[2])


def digest_of(*parts: Any) -> bytes:
    """A digest of bytes and of what has a repr."""
    digest = blake2b(digest_size=DIGEST_BYTES)
    for part in parts:
        digest.update(part if isinstance(part, bytes) else repr(part).encode())
    return digest.digest()


@dataclass(frozen=True)
class Graph:
    """Where a matrix has blocks; the positions of sites serve orderings, which are sent besides."""

    key: Key
    indptr: tuple[bytes, str, tuple[int, ...]]
    indices: tuple[bytes, str, tuple[int, ...]]
    needs: tuple[()] = ()

    @classmethod
    def of(cls, sparsity: SparsityPattern) -> Graph:
        """As it is sent."""
        return cls(("graph", sparsity.digest), compressed(sparsity.indptr), compressed(sparsity.indices))

    def build(self) -> SparsityPattern:
        """The pattern, without positions."""
        indptr = restored(self.indptr)
        return SparsityPattern(indptr, restored(self.indices), np.zeros((len(indptr) - 1, 0)))


@dataclass(frozen=True)
class Frame:
    """All of a matrix but its numbers.

    Parameters
    ----------
    matrix
        Without numbers and pattern.
    shapes, kinds
        Of the arrays of numbers, see :func:`_arrays`.
    follows
        Whether the numbers follow from independent ones by symmetry.
    """

    matrix: NambuMatrix
    shapes: tuple[tuple[int, ...], ...]
    kinds: tuple[str, ...]
    follows: bool

    @classmethod
    def of(cls, matrix: NambuMatrix, arrays: list[Numbers], follows: bool) -> Frame:
        """That of a matrix."""
        empty = [np.zeros(0) for _ in arrays]
        bare = _with_arrays(replace(matrix, sparsity=None), empty)  # type: ignore[arg-type]
        return cls(bare, tuple(a.shape for a in arrays), tuple(a.dtype.str for a in arrays), follows)

    def on(self, sparsity: SparsityPattern) -> Frame:
        """The same with its pattern."""
        return replace(self, matrix=replace(self.matrix, sparsity=sparsity))

    @cached_property
    def digest(self) -> bytes:
        """Of all that makes frames of one pattern equal."""
        momenta: Any = self.matrix.momenta
        if isinstance(momenta, BlochMomenta):
            grid, links = momenta.momenta, momenta.links
            known = [grid.k.tobytes(), grid.weight.tobytes(), momenta.is_paired]
            known += [array.tobytes() for link in links for array in (link.crossing, link.slots)]
        else:
            known = [part for m in momenta for part in (m.weight, m.k.tobytes(), m.is_paired)]
        return digest_of(
            self.matrix.dofs, self.matrix.symmetry, self.shapes, self.kinds, self.follows, *known
        )


@dataclass(frozen=True)
class Base:
    """A matrix as a whole."""

    graph: Graph
    frame: Frame
    numbers: bytes = field(repr=False)

    @property
    def needs(self) -> tuple[Graph]:
        """The pattern."""
        return (self.graph,)

    @cached_property
    def key(self) -> Key:
        """By all it holds."""
        return "base", digest_of(self.graph.key[1], self.frame.digest, self.numbers)

    def build(self, sparsity: SparsityPattern) -> Known:
        """The matrix, and what others that differ from it are made with."""
        return Known(self.frame.on(sparsity), np.frombuffer(zlib.decompress(self.numbers)))

    def __getstate__(self) -> dict[str, Any]:  # the pattern is sent as a part of its own
        return {**self.__dict__, "graph": None}


@dataclass(frozen=True)
class Changed:
    """A matrix that differs from another one by some numbers.

    Parameters
    ----------
    base
        The other one.
    which
        Which of its independent numbers differ: packed bits, compressed.
    numbers
        What they are.
    """

    base: Base
    which: bytes = field(repr=False)
    numbers: Floats = field(repr=False)

    @property
    def needs(self) -> tuple[Base]:
        """The other matrix."""
        return (self.base,)

    @cached_property
    def key(self) -> Key:
        """By all it holds."""
        return "matrix", digest_of(self.base.key[1], self.which, self.numbers.tobytes())

    def build(self, base: Known) -> NambuMatrix:
        """The matrix."""
        which = np.unpackbits(np.frombuffer(zlib.decompress(self.which), np.uint8), count=len(base.numbers))
        numbers = base.numbers.copy()
        numbers[which.astype(bool)] = self.numbers
        return base.matrix(numbers)

    def __getstate__(self) -> dict[str, Any]:  # what it is made of is sent as a part of its own
        return {**self.__dict__, "base": None}


@dataclass(frozen=True)
class Known:
    """A frame with a pattern, and the independent real numbers of one matrix, shape ``(n,)``."""

    frame: Frame
    numbers: Floats

    @cached_property
    def _chosen(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
        """Which numbers of the first array are independent; of each where it is taken from, and how."""
        source, negated, conjugate = _sources(self.frame.matrix)
        independent = np.flatnonzero(source == np.arange(len(source)))
        place = np.zeros(len(source), np.int64)
        place[independent] = np.arange(len(independent))
        return independent, place[source], negated, conjugate

    def independent(self, arrays: list[Numbers]) -> Floats:
        """The independent numbers of a matrix, real and imaginary parts one after the other."""
        first = arrays[0].ravel()
        parts = [first[self._chosen[0]] if self.frame.follows else first, *arrays[1:]]
        return np.concatenate([np.ascontiguousarray(part).ravel().view(np.float64) for part in parts])

    def matrix(self, numbers: Floats) -> NambuMatrix:
        """The matrix of independent numbers."""
        return _with_arrays(self.frame.matrix, self.arrays(numbers))

    def arrays(self, numbers: Floats) -> list[Numbers]:
        """All numbers of a matrix from the independent ones."""
        arrays, begin = [], 0
        for index, (shape, kind) in enumerate(zip(self.frame.shapes, self.frame.kinds, strict=True)):
            is_derived = index == 0 and self.frame.follows
            count = len(self._chosen[0]) if is_derived else int(np.prod(shape))
            end = begin + count * np.dtype(kind).itemsize // 8
            values: Numbers = numbers[begin:end].view(kind)
            arrays.append((self._derived(values) if is_derived else values).reshape(shape))
            begin = end
        return arrays

    def _derived(self, values: Numbers) -> Numbers:
        _, source, negated, conjugate = self._chosen
        whole: Numbers = values[source]
        if np.iscomplexobj(whole):
            np.conjugate(whole, out=whole, where=conjugate)
        np.negative(whole, out=whole, where=negated)
        return whole


class Matrices:
    """The matrices that workers have, and what a further one is sent as."""

    MOST = 4
    """Matrices that are remembered as a whole."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, bytes], tuple[Base, Known]] = {}
        self._graphs: dict[SparsityPattern, Graph] = {}
        self._last: tuple[NambuMatrix, Changed] | None = None

    def graph(self, sparsity: SparsityPattern) -> Graph:
        """A pattern as it is sent."""
        if sparsity not in self._graphs:
            self._graphs = dict([*self._graphs.items()][1 - self.MOST :])
            self._graphs[sparsity] = Graph.of(sparsity)
        return self._graphs[sparsity]

    def sent(self, matrix: NambuMatrix) -> Changed:
        """A matrix as it is sent."""
        if self._last is None or self._last[0] is not matrix:
            self._last = matrix, self._changed(matrix)
        return self._last[1]

    def _changed(self, matrix: NambuMatrix) -> Changed:
        arrays = _arrays(matrix)
        for follows in (True, False):
            frame = Frame.of(matrix, arrays, follows)
            key = matrix.sparsity.digest, frame.digest
            base, known = self._known[key] if key in self._known else self._new(matrix, frame, arrays)
            numbers = known.independent(arrays)
            if not follows or _are_equal(known.arrays(numbers), arrays):
                break
        self._remember(key, base, known)
        which = numbers != known.numbers
        return Changed(base, zlib.compress(np.packbits(which).tobytes(), 1), numbers[which])

    def _new(self, matrix: NambuMatrix, frame: Frame, arrays: list[Numbers]) -> tuple[Base, Known]:
        whole = frame.on(matrix.sparsity)
        numbers = Known(whole, np.zeros(0)).independent(arrays)
        base = Base(self.graph(matrix.sparsity), frame, zlib.compress(numbers.tobytes(), 1))
        return base, Known(whole, numbers)

    def _remember(self, key: tuple[bytes, bytes], base: Base, known: Known) -> None:
        self._known.pop(key, None)
        self._known[key] = base, known
        if len(self._known) > self.MOST:
            self._known.pop(next(iter(self._known)))


def _are_equal(some: list[Numbers], others: list[Numbers]) -> bool:
    return all(np.array_equal(one, other) for one, other in zip(some, others, strict=True))


def _arrays(matrix: NambuMatrix) -> list[Numbers]:
    """The numbers of a matrix; those of the first array obey its symmetries by themselves."""
    momenta = matrix.momenta
    if isinstance(momenta, BlochMomenta):
        return [momenta.inside, *(link.blocks for link in momenta.links)]
    return [momentum.values for momentum in momenta]


def _with_arrays(matrix: NambuMatrix, arrays: list[Numbers]) -> NambuMatrix:
    """The same matrix with other numbers."""
    momenta: Any = matrix.momenta
    if isinstance(momenta, BlochMomenta):
        links = (replace(link, blocks=one) for link, one in zip(momenta.links, arrays[1:], strict=True))
        return replace(matrix, momenta=replace(momenta, inside=arrays[0], links=tuple(links)))
    changed = (replace(one, values=values) for one, values in zip(momenta, arrays, strict=True))
    return replace(matrix, momenta=tuple(changed))


def _sources(matrix: NambuMatrix) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Of every number in blocks on the pattern: which one it follows from, if negated, if conjugate."""
    sparsity, dofs = matrix.sparsity, matrix.dofs
    rows, columns = sparsity.rows.astype(np.int32), sparsity.indices
    opposite = sparsity.slots(columns, rows)
    slot, a, b = (k.ravel() for k in np.indices((len(columns), dofs, dofs)))
    own, nothing = np.arange(len(slot)), np.zeros(len(slot), bool)
    is_below = (rows > columns)[slot] | ((rows == columns)[slot] & (a > b))
    hermitian = np.where(is_below, (opposite[slot] * dofs + b) * dofs + a, own), nothing, is_below
    steps = [hermitian]
    if matrix.symmetry == "singlet":  # Δ*, −h* from Δ, h, maybe of the opposite block
        is_second = a == 1
        first_row = np.where(is_second, slot * 4 + 1 - b, own), is_second & (b == 1), is_second
        steps = [hermitian, first_row, hermitian, first_row]
    source, negated, conjugate = own, nothing, nothing
    for target, negates, conjugates in steps:
        negated, conjugate = negated ^ negates[source], conjugate ^ conjugates[source]
        source = target[source]
    return source, negated, conjugate

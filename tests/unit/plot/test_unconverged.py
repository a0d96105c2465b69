"""A state that did not converge is called so on every figure."""

import dataclasses

import pytest

from bdg.plot import plot
from tests.store.made_up import result


def written(figure):
    return [text.get_text() for text in figure.texts]


@pytest.mark.parametrize("name", [None, "delta", "convergence"])
@pytest.mark.parametrize("status", ["not_converged", "converged"])
def test_the_status_stands_on_every_figure(name, status):
    figure = plot(dataclasses.replace(result(), status=status, warnings=()), name)
    assert (status.replace("_", " ") in written(figure)) == (status != "converged")

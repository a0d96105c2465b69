"""A file keeps the model: what is read is what was built, to the last bit, and can be measured."""

from pathlib import Path

import h5py
import pytest

from bdg import setup
from bdg.config import load_config
from bdg.store.groups.models import read_model, write_model
from bdg.store.groups.samples import read_sample, write_sample, write_shared_scales
from tests.store.made_up import differences

CONFIGS = sorted(Path("configs").glob("*.yaml"))


def model_of(path):
    config, source = load_config(path)
    return setup.model_of(config, source, setup.sample_of(config, source))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_worked_example_comes_back_equal(tmp_path, path):
    before = model_of(path)
    with h5py.File(tmp_path / "model.h5", "w") as file:
        write_sample(
            file.create_group("sample"), before.sample, write_shared_scales(file, before.sample), None
        )
        write_model(file.create_group("model"), before)
        after = read_model(file["model"], read_sample(file["sample"]))()
    assert differences(before, after) == []

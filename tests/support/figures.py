"""What is written and drawn in a figure."""

import io

import numpy as np
from matplotlib.quiver import QuiverKey


def texts(figure):
    """Everything written in a figure."""
    image = io.StringIO()
    figure.draw_without_rendering()
    image.writelines(f"{key.text.get_text()}\n" for key in figure.findobj(QuiverKey))
    for artist in figure.findobj(lambda item: hasattr(item, "get_text")):
        if artist.get_visible():
            image.write(artist.get_text() + "\n")
    return image.getvalue()


def mappables(figure):
    """The maps of a figure, not the colour bars."""
    found = [*(image for axes in figure.axes for image in axes.images)]
    return found + [c for axes in figure.axes for c in axes.collections if c.get_array() is not None]


def ink(figure):
    """How many pixels of a small rendering are not background."""
    image = io.BytesIO()
    figure.savefig(image, format="rgba", dpi=30)
    pixels = np.frombuffer(image.getvalue(), np.uint8).reshape(-1, 4)
    return int((pixels[:, :3] != pixels[0, :3]).any(axis=1).sum())


def shapes_of(collection):
    """Polygons as drawn: corners in data coordinates, and their values."""
    paths, offsets = collection.get_paths(), collection.get_offsets()
    corners = [
        paths[n % len(paths)].vertices[:-1] + offset for n, offset in enumerate(np.asarray(offsets, float))
    ]
    return corners, np.ma.filled(collection.get_array(), np.nan)

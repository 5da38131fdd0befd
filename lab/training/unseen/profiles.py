"""Profiles of separable bodies: path through them over the rows, share of each pixel over the columns.

A row profile is in metres (bodies x rows); a column profile has no unit (bodies x columns). A standing cylinder is the
exception: its column profile is in metres and its row profile has no unit.
"""
import numpy as np

from .bodies import BOTTLES, BOX, LYING_CYLINDER, SACK, UPRIGHT_CYLINDER
from .fan import PIXEL, SUBROWS

BULGE = 6
"""Power of the outline of a sack: the larger, the more it is like a box."""

BOTTLE_SAMPLES = 4
"""Samples for each pixel across a row of bottles."""

BOTTLE_WIDTH = .97
"""Diameter of a bottle as a share of the pitch."""


class Batch:
    """Bodies of one shape as arrays (float32): material, density and the space around each."""

    def __init__(self, numbers, details):
        self.material = numbers[:, 0].astype(int)
        self.density = numbers[:, 1]
        self.x0, self.x1, self.y0, self.y1, self.z0, self.z1 = numbers[:, 2:].T
        self.details = details

    def inner_radii(self, radii):
        """Inner radii in m (bodies x 1); 0 where a cylinder is solid."""
        return np.array([max(inner, 0) for inner in self.details], np.float32)[:, None] * radii


def middle(low, high):
    """Middles (bodies x 1)."""
    return ((low + high) / 2)[:, None]


def half(low, high):
    """Half lengths (bodies x 1)."""
    return ((high - low) / 2)[:, None]


def path_through_box(fan, y0, y1, z0, z1):
    """Path of each row's rays through boxes, in m (bodies x rows)."""
    at_bottom = (y0 - fan.source_height)[:, None] * fan.inverse_slope
    at_top = (y1 - fan.source_height)[:, None] * fan.inverse_slope
    path = np.minimum(np.maximum(at_bottom, at_top), z1[:, None])
    path -= np.maximum(np.minimum(at_bottom, at_top), z0[:, None])
    np.maximum(path, 0, out=path)
    path *= fan.secant
    return fan.mean_of_subrows(path)


def box_rows(batch, fan):
    """Boxes."""
    return path_through_box(fan, batch.y0, batch.y1, batch.z0, batch.z1)


def sack_rows(batch, fan):
    """Boxes that are thinner at the top and at the bottom."""
    path = box_rows(batch, fan)
    height = fan.source_height + fan.slope[1::SUBROWS] * middle(batch.z0, batch.z1)
    place = np.abs((height - middle(batch.y0, batch.y1)) / half(batch.y0, batch.y1))
    return path * np.sqrt(1 - .75 * np.minimum(place, 1) ** BULGE)


def upright_cylinder_rows(batch, fan):
    """Share of the path: that through a box of 0.8 of the diameter, divided by its depth."""
    centre, reach = (batch.z0 + batch.z1) / 2, (batch.z1 - batch.z0) * .4
    path = path_through_box(fan, batch.y0, batch.y1, centre - reach, centre + reach)
    return path / (2 * reach)[:, None]


def lying_cylinder_rows(batch, fan):
    """Chords of the rays in a circle or a ring."""
    radius = half(batch.y0, batch.y1)
    offset = fan.source_height + fan.slope * middle(batch.z0, batch.z1) - middle(batch.y0, batch.y1)
    distance = np.abs(offset) / fan.secant
    chord = 2 * np.sqrt(np.maximum(radius * radius - distance * distance, 0))
    inner = batch.inner_radii(radius)
    if inner.max() > 0:
        chord = chord - 2 * np.sqrt(np.maximum(inner * inner - distance * distance, 0))
    return fan.mean_of_subrows(chord)


def box_columns(batch, edges):
    """Share of each column inside a box."""
    overlap = np.minimum(edges[1:], batch.x1[:, None]) - np.maximum(edges[:-1], batch.x0[:, None])
    return np.maximum(overlap, 0) / np.float32(PIXEL)


def sack_columns(batch, edges):
    """Relative depth of a sack."""
    centres = (edges[1:] + edges[:-1]) / 2
    place = np.abs((centres - middle(batch.x0, batch.x1)) / half(batch.x0, batch.x1))
    return np.sqrt(np.maximum(1 - place ** BULGE, 0))


def upright_cylinder_columns(batch, edges):
    """Mean chord of each column in a circle or a ring, in m."""
    radius = half(batch.x0, batch.x1)
    offset = edges - middle(batch.x0, batch.x1)
    area = area_beside(offset, radius)
    inner = batch.inner_radii(radius)
    if inner.max() > 0:
        area = area - np.where(inner > 0, area_beside(offset, np.maximum(inner, 1e-6)), 0)
    return np.diff(area, axis=1) / np.float32(PIXEL)


def area_beside(offset, radius):
    """Area of a circle up to an offset from its centre, less a half circle."""
    offset = np.clip(offset, -radius, radius)
    triangle = offset * np.sqrt(np.maximum(radius * radius - offset * offset, 0))
    return triangle + radius * radius * np.arcsin(np.clip(offset / radius, -1, 1))


def bottle_columns(batch, edges):
    """Relative depth of rows of bottles."""
    count = len(edges) - 1
    profile = np.zeros((len(batch.details), count), np.float32)
    places = np.linspace(edges[0], edges[-1], count * BOTTLE_SAMPLES, endpoint=False) + PIXEL / (2 * BOTTLE_SAMPLES)
    for index, (x0, x1, row) in enumerate(zip(batch.x0, batch.x1, batch.details)):
        depth = depth_of_bottles(places - x0, row)
        depth = np.where((places >= x0) & (places <= x1), depth, 0)
        profile[index] = depth.reshape(-1, BOTTLE_SAMPLES).mean(1)
    return profile


def depth_of_bottles(places, row):
    """Relative depth of round things at places in m from the first one's start."""
    offset = np.abs((places / row.pitch + row.phase) % 1 - .5) * 2 / BOTTLE_WIDTH
    depth = np.sqrt(np.maximum(1 - offset * offset, 0))
    if row.inner > 0:
        depth = depth - np.sqrt(np.maximum(row.inner * row.inner - offset * offset, 0))
    return depth


ROW_PROFILES = {BOX: box_rows, SACK: sack_rows, BOTTLES: box_rows, UPRIGHT_CYLINDER: upright_cylinder_rows,
                LYING_CYLINDER: lying_cylinder_rows}
COLUMN_PROFILES = {BOX: box_columns, SACK: sack_columns, BOTTLES: bottle_columns,
                   UPRIGHT_CYLINDER: upright_cylinder_columns, LYING_CYLINDER: box_columns}

"""Adds bodies to a stack of areal densities (materials x rows x columns, g/cm2)."""
import numpy as np

from .bodies import DISC, ELLIPSOID, POLYGON
from .fan import PIXEL
from .flat_shapes import add_disc, add_ellipsoid, add_polygon
from .physics import MATERIALS
from .profiles import COLUMN_PROFILES, ROW_PROFILES, Batch

CM_PER_M = 100

BODIES_AT_ONCE = 96
"""Larger batches span more columns than most of their bodies need."""

FLAT_SHAPES = {DISC: add_disc, ELLIPSOID: add_ellipsoid, POLYGON: add_polygon}


def project(fan, *groups):
    """Areal densities (materials x rows x columns, g/cm2) of the bodies of all groups, as the fan sees them."""
    areal = np.zeros((len(MATERIALS), *fan.shape()), np.float32)
    for bodies in groups:
        add_bodies(fan, areal, bodies)
    return areal


def add_bodies(fan, areal, bodies, sign=1):
    """Adds the bodies, or takes them away where sign is -1."""
    by_shape = {}
    for body in bodies:
        by_shape.setdefault(body.shape, []).append(body)
    for shape, alike in by_shape.items():
        if shape in FLAT_SHAPES:
            for body in alike:
                FLAT_SHAPES[shape](fan, areal[body.material], body, body.density * CM_PER_M * sign)
        else:
            add_separable(fan, areal, shape, alike, sign)


def add_separable(fan, areal, shape, bodies, sign):
    """Bodies whose image is a profile over the rows times a profile over the columns.

    Neighbours along the vehicle are added together: one matrix product for each batch and material.
    """
    numbers = np.array([body[1:9] for body in bodies], dtype=np.float64)
    order = np.argsort(numbers[:, 2], kind='stable')
    for start in range(0, len(order), BODIES_AT_ONCE):
        chosen = order[start:start + BODIES_AT_ONCE]
        batch = Batch(numbers[chosen].astype(np.float32), [bodies[index].detail for index in chosen])
        add_batch(fan, areal, shape, batch, sign)


def add_batch(fan, areal, shape, batch, sign):
    """Adds one batch of bodies of one shape."""
    first = max(0, int(batch.x0.min() / PIXEL) - 1)
    last = min(fan.columns, int(batch.x1.max() / PIXEL) + 2)
    if last <= first:
        return
    columns = COLUMN_PROFILES[shape](batch, fan.column_edges[first:last + 1])
    rows = ROW_PROFILES[shape](batch, fan) * (batch.density * np.float32(CM_PER_M * sign))[:, None]
    for material in np.unique(batch.material):
        own = batch.material == material
        areal[material][:, first:last] += rows[own].T @ columns[own]

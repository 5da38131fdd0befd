"""Where something can be hidden: in the goods, on or beside them, at walls, floor or roof, or in the vehicle."""
from typing import NamedTuple

import numpy as np

from ..box import Box
from ..shapes import Block

LEAST = 1.5  # g/cm2 that count as goods


class Site(NamedTuple):
    """The scene as far as it matters for hiding. goods, vehicle: bases x rows x columns, g/cm2."""
    view: object
    holds: list
    roofed: list  # whether each hold has a roof
    parts: object
    goods: np.ndarray
    vehicle: np.ndarray
    scale: float  # factor on the goods' grams
    areal: np.ndarray  # g/cm2 of goods, rows x columns
    beside: np.ndarray  # g/cm2 of the vehicle, rows x columns


class Change(NamedTuple):
    """What hiding does. add, remove: parts; displace: (shape, share of the goods there that gives way)."""
    add: list
    remove: list
    displace: list
    outline: list  # shapes that cover what is hidden


def window(view, box):
    """Rows and columns of a box at its own depth, in the view."""
    found = view.window(Block(*box), (box.z0 + box.z1) / 2)
    return None if found is None else (found[0], found[1])


def mean_in(view, areal, box):
    found = window(view, box)
    return 0.0 if found is None else float(areal[found].mean())


def depth_range(draw, hold, depth):
    z0 = draw.between(hold.z0 + 5, max(hold.z0 + 6, hold.z1 - depth - 5))
    return z0, z0 + depth


def in_goods(draw, site, hold, size):
    """A place where goods are, all over."""
    for _ in range(25):
        x, y = draw.between(hold.x0, hold.x1 - size[0]), draw.between(hold.y0 + 20,
                                                                      max(hold.y0 + 21, hold.y1 - size[1]))
        box = Box(x, x + size[0], y, y + size[1], *depth_range(draw, hold, size[2]))
        found = window(site.view, box)
        if found is not None and (site.areal[found] > LEAST).mean() > 0.6:
            return box
    return None


def surface_at(site, hold, x0, x1):
    """Height of the goods' upper side between two places, mm."""
    left, right = site.view.column_of(x0), max(site.view.column_of(x1), site.view.column_of(x0) + 1)
    top, bottom = site.view.row_of(hold.y1), site.view.row_of(hold.y0)
    full = np.flatnonzero(site.areal[top:bottom, left:right].max(1) > LEAST)
    return hold.y0 if full.size == 0 else site.view.top - (top + full[0]) * 11


def on_goods(draw, site, hold, size):
    """On the goods, below the roof; on the floor where nothing stands."""
    for _ in range(15):
        x = draw.between(hold.x0, hold.x1 - size[0])
        y = surface_at(site, hold, x, x + size[0]) + 5
        if y + size[1] < hold.y1:
            return Box(x, x + size[0], y, y + size[1], *depth_range(draw, hold, size[2]))
    return None


def at_edge(draw, site, hold, size):
    """At an end wall, on the floor or below the roof."""
    x = draw.pick((hold.x0 + 5, hold.x1 - size[0] - 5, draw.between(hold.x0, hold.x1 - size[0])))
    roofed = site.roofed[site.holds.index(hold)]
    y = draw.pick((hold.y0 + 3, hold.y1 - size[1] - 3 if roofed else hold.y0 + 3))
    return Box(x, x + size[0], y, y + size[1], *depth_range(draw, hold, size[2]))


def in_vehicle(draw, site, hold, size):
    """In what carries the hold: wheels, tanks, frame, cab, floor."""
    view = site.view
    low = view.top - view.rows * 11
    for _ in range(25):
        x = draw.between(view.x[0], view.x[-1] - size[0])
        y = draw.between(max(120, low), max(130, hold.y0 - size[1]))
        z0 = draw.between(-1000, max(-999, 1000 - size[2]))
        box = Box(x, x + size[0], y, y + size[1], z0, z0 + size[2])
        if mean_in(view, site.beside, box) > 6:
            return box
    return None


WAYS = (in_goods, on_goods, at_edge, in_vehicle)


def find(draw, site, size, weights=(0.6, 0.2, 0.12, 0.08)):
    """A box of this size (width, height, depth in mm) and whether goods give way to it; None, False if nothing fits."""
    way = draw.pick(WAYS, weights)
    hold = draw.pick(site.holds)
    if size[0] > hold.width - 20 or size[1] > hold.height - 30:
        return None, False
    size = (size[0], size[1], min(size[2], hold.depth - 20))
    box = way(draw, site, hold, size)
    return box, way is in_goods or way is at_edge

"""Tiles and sawn timber."""
from dataclasses import dataclass

import numpy as np

from ..draws import log_uniform
from ..physics import CELLULOSE, SILICA, STEEL, STEEL_DENSITY
from .section import add_pallet, count_rows, draw_depths, fit_rows

TILES_PER_METRE = 4.5
TIMBER_PER_METRE = 4.6
"""Rough -ln T of one metre at 1 g/cm3."""

BOARDS_SIDE_BY_SIDE = 4


def add_tiles(rng, bodies, section):
    """Packs of tiles on pallets, side by side."""
    density = rng.uniform(1.7, 2.0)
    width, height = rng.uniform(.3, .62), rng.uniform(.2, .35)
    side_by_side = max(1, int(1.15 / width))
    depth = rng.uniform(.1, .2)
    rows = count_rows(section.attenuation, TILES_PER_METRE * density * depth, section.depth / depth - 1)
    density = float(np.clip(section.attenuation / (TILES_PER_METRE * rows * depth), 1.2, 2.1))
    depths = draw_depths(rng, section, rows, depth)
    most_layers = int(np.clip(section.height * rng.uniform(.25, .75) / height, 1, 7))
    gap = log_uniform(rng, .01, .4)
    x = section.x0 + rng.uniform(0, .3)
    first_column = 0
    while x + side_by_side * width < section.x1:
        y = add_pallet(bodies, x, side_by_side * width, depths[0], rows * depth, section.y0)
        for layer in range(max(1, most_layers - int(rng.random() < .2))):
            for side in range(side_by_side):
                stack = section.index, first_column + side, layer
                add_tile_packs(rng, bodies, (x + side * width, y), (width, height, depth), density, depths, stack)
            y += height
        if rng.random() < .5:
            for strap in (x + .2, x + side_by_side * width - .2):
                bodies.box(STEEL, STEEL_DENSITY, (strap, strap + .02), (section.y0 + .1, y),
                           (depths[0], depths[0] + .001))
        x += side_by_side * width + gap * rng.uniform(.6, 1.4)
        first_column += side_by_side + 2


def add_tile_packs(rng, bodies, corner, size, density, depths, stack):
    """Packs behind one another; corner is (x, y) and size is (x, y, z), in m."""
    (x, y), (width, height, depth) = corner, size
    for row, z in enumerate(depths):
        left = x + rng.normal(0, .003)
        bodies.box(SILICA, density * rng.normal(1, .01), (left + .003, left + width - .003),
                   (y + .002, y + height - .006), (z + .002, z + depth - .002), (*stack, row))


@dataclass(frozen=True)
class Bundle:
    """Bundles of boards of one kind: sizes in m. `gap` is between the layers; laths keep it where it is large."""
    length: float
    height: float
    depth: float
    board_thickness: float
    gap: float
    density: float

    @property
    def has_laths(self):
        """Whether there are laths between the layers, for drying."""
        return self.gap > .005


def add_timber(rng, bodies, section):
    """Bundles of boards on bearers, in stacks one after the other."""
    thickness = rng.uniform(.02, .06)
    rng.uniform(.1, .2)  # not used; seeds depend on it
    gap = rng.uniform(.012, .025) if rng.random() < .6 else .002
    length = min(rng.uniform(2.4, 5.8), section.length - .1)
    stacks = max(1, int(section.length / (length + .05)))
    depth = rng.uniform(.9, 1.12)
    rows, density = fit_rows(rng, section, depth, .32, .65, TIMBER_PER_METRE)
    rows = min(rows, 2)
    if rows == 1:
        depth = float(np.clip(section.attenuation / (TIMBER_PER_METRE * density), .4, 1.15))
    depths = draw_depths(rng, section, rows, depth)
    bundle = Bundle(length, rng.uniform(.5, 1.0), depth, thickness, gap, density)
    tiers = max(1, int(section.height * rng.uniform(.5, 1.) / (bundle.height + .09)))
    for stack in range(stacks):
        x = section.x0 + .03 + stack * (length + rng.uniform(.02, .08))
        for z in depths:
            y = section.y0
            for _ in range(tiers):
                add_bearers(bodies, bundle, x, y, z)
                y += .085
                y = add_bundle(rng, bodies, bundle, x, y, z, min(y + bundle.height, section.y1 - .03))
                add_straps(bodies, bundle, x, y, z)


def add_bearers(bodies, bundle, x, y, z):
    """Four squared timbers below a bundle."""
    for left in np.linspace(x + .2, x + bundle.length - .3, 4):
        bodies.box(CELLULOSE, .5, (left, left + .09), (y, y + .08), (z, z + bundle.depth))


def add_bundle(rng, bodies, bundle, x, y, z, top):
    """Layers of boards up to `top`; returns the height at which they end."""
    unevenness = abs(rng.normal(0, .03))
    laths = np.linspace(x + .1, x + bundle.length - .1, int(bundle.length / .7) + 1)
    while y + bundle.board_thickness < top:
        add_boards(rng, bodies, bundle, x, y, z, unevenness)
        y += bundle.board_thickness
        if bundle.has_laths:
            for lath in laths:
                bodies.box(CELLULOSE, .5, (lath, lath + .03), (y, y + bundle.gap), (z, z + bundle.depth))
        y += bundle.gap
    return y


def add_boards(rng, bodies, bundle, x, y, z, unevenness):
    """One layer of boards with uneven ends."""
    count = BOARDS_SIDE_BY_SIDE
    for board in range(count):
        left = x + abs(rng.normal(0, .01 + unevenness))
        right = x + bundle.length - abs(rng.normal(0, .01 + unevenness))
        bodies.box(CELLULOSE, bundle.density * rng.normal(1, .06), (left, right), (y, y + bundle.board_thickness),
                   (z + board * bundle.depth / count, z + (board + .97) * bundle.depth / count))


def add_straps(bodies, bundle, x, top, z):
    """Two steel straps round a bundle."""
    for strap in (x + bundle.length * .2, x + bundle.length * .8):
        bodies.box(STEEL, STEEL_DENSITY, (strap, strap + .02), (top - bundle.height, top), (z, z + .001))

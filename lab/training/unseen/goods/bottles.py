"""Bottled drinks and cans on pallets."""
from dataclasses import dataclass
from typing import Callable

import numpy as np

from ..bodies import BottleRow
from ..physics import CELLULOSE, ORGANIC, SILICA, STEEL, STEEL_DENSITY, WATER
from .section import ATTENUATION_PER_METRE, add_pallet, count_rows, draw_columns, draw_depths

CIRCLE_IN_SQUARE = .785
"""Share of a square that a circle fills: pi / 4."""

MIDDLE_TO_MEAN = 1.27
"""Depth in the middle of a circle relative to its mean: 4 / pi."""


@dataclass(frozen=True)
class Pack:
    """A layer of bottles or cans: diameter and height of one in m, and share of the space that is filled."""
    diameter: float
    height: float
    filling: float

    @property
    def pitch(self):
        """From one layer to the next in m."""
        return self.height + .004

    def row(self, inner=0):
        """The bottles side by side, or only their walls."""
        return BottleRow(self.diameter, inner, 0)


@dataclass(frozen=True)
class PalletLoad:
    """What is on each pallet of a section: its size in m, layers, and how many layers make one unit."""
    width: float
    depth: float
    layers: int
    layers_in_unit: int
    has_middle_pallet: bool
    pack: Pack
    add_layer: Callable


def add_bottles(rng, bodies, section):
    """Bottles of glass or plastic."""
    add_layer = add_glass_bottles if rng.random() < .3 else add_plastic_bottles
    diameter, height = rng.uniform(.062, .1), rng.uniform(.2, .34)
    add_pallets(rng, bodies, section, diameter, height, add_layer)


def add_cans(rng, bodies, section):
    """Steel cans of food."""
    diameter, height = rng.uniform(.06, .085), rng.uniform(.09, .125)
    add_pallets(rng, bodies, section, diameter, height, add_can_layer)


def add_pallets(rng, bodies, section, diameter, height, add_layer):
    """Pallets with layers of one kind."""
    width = int(rng.integers(8, 14)) * diameter
    depth = rng.uniform(.75, 1.0)
    pack = Pack(diameter, height, CIRCLE_IN_SQUARE * rng.uniform(.85, 1.))
    per_metre = ATTENUATION_PER_METRE * pack.filling
    rows = count_rows(section.attenuation, per_metre * depth, max(1, int(section.depth / depth)))
    if rows == 1:
        depth = float(np.clip(section.attenuation / per_metre, .3, 1.1))
    depths = draw_depths(rng, section, rows, depth)
    most = int((section.height - .2) / pack.pitch)
    layers = max(2, int(most * rng.uniform(.45, .95)))
    layers_in_unit = 1 if add_layer is add_can_layer else rng.integers(1, 4)
    has_middle_pallet = rng.random() < .3 and layers > 5
    load = PalletLoad(width, depth, layers, layers_in_unit, has_middle_pallet, pack, add_layer)
    for column, x in enumerate(draw_columns(rng, section, width, .04)):
        for row, z in enumerate(depths):
            add_loaded_pallet(rng, bodies, load, (x, section.y0, z), (section.index, column, row))


def add_loaded_pallet(rng, bodies, load, corner, place):
    """One pallet, its layers, and perhaps a board on top; some pallets have fewer layers."""
    x, y, z = corner
    section, column, row = place
    y = add_pallet(bodies, x, load.width, z, load.depth, y, rng.random() < .15)
    offset = 0
    layers = load.layers - int(rng.integers(0, 3) * (rng.random() < .25))
    for layer in range(layers):
        if load.has_middle_pallet and layer == layers // 2:
            y = add_pallet(bodies, x, load.width, z, load.depth, y)
        offset += rng.normal(0, .002)
        unit = section, column, layer // load.layers_in_unit, row
        inside = x + offset, x + offset + load.width
        load.add_layer(rng, bodies, load.pack, inside, y, (z + .01, z + load.depth - .01), unit)
        y += load.pack.pitch
    if rng.random() < .5:
        bodies.box(CELLULOSE, .4, (x, x + load.width), (y, y + .015), (z, z + load.depth))


def add_can_layer(_, bodies, pack, x, y, z, unit):
    """Filling, walls and lids; a sheet of cardboard below every second layer."""
    top = y + pack.height
    bodies.bottles(WATER, pack.filling * MIDDLE_TO_MEAN, x, (y + .003, y + pack.height * .93), z, pack.row(), unit)
    bodies.bottles(STEEL, CIRCLE_IN_SQUARE * STEEL_DENSITY * .55, x, (y, top), z, pack.row(.985), unit)
    bodies.box(STEEL, STEEL_DENSITY * .7, x, (top - .001, top), z, unit)
    if unit[2] % 2 == 0:
        bodies.box(CELLULOSE, .3, x, (y - .001, y + .002), z, unit)


def add_glass_bottles(rng, bodies, pack, x, y, z, unit):
    """Drink in glass, on a sheet of cardboard."""
    add_drink(rng, bodies, pack, x, y, z, unit)
    shoulder, top = y + pack.height * .75, y + pack.height
    bodies.bottles(SILICA, 2.5 * 1.2, x, (y, shoulder), z, pack.row(.93), unit)
    bodies.bottles(SILICA, .5, x, (shoulder, top), z, pack.row(.5), unit)
    bodies.box(CELLULOSE, .3, x, (y - .001, y + .004), z, unit)


def add_plastic_bottles(rng, bodies, pack, x, y, z, unit):
    """Drink in plastic; only the necks are drawn. On a sheet of cardboard."""
    add_drink(rng, bodies, pack, x, y, z, unit)
    neck = y + pack.height * .84, y + pack.height * .97
    bodies.bottles(ORGANIC, .08, x, neck, z, pack.row(), unit)
    bodies.box(CELLULOSE, .3, x, (y - .001, y + .004), z, unit)


def add_drink(rng, bodies, pack, x, y, z, unit):
    """The drink up to the shoulder, and less of it in the narrower part above."""
    level = rng.normal(.70, .01)
    body, shoulder = y + pack.height * level, y + pack.height * .84
    bodies.bottles(WATER, pack.filling * MIDDLE_TO_MEAN, x, (y + .004, body), z, pack.row(), unit)
    bodies.bottles(WATER, pack.filling * .45, x, (body, shoulder), z, pack.row(), unit)

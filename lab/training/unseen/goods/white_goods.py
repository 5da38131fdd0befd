"""Refrigerators and washing machines in cartons."""
from dataclasses import dataclass
from typing import Callable

import numpy as np

from ..physics import ALUMINIUM, CELLULOSE, COPPER, ORGANIC, SILICA, STEEL, STEEL_DENSITY
from .section import draw_columns, draw_depths


@dataclass(frozen=True)
class Appliance:
    """One model: size in m, and where its parts are."""
    width: float
    height: float
    depth: float
    add_inside: Callable
    compressor_place: float
    compressor_radius: float
    drum_radius: float
    counterweight: float

    def add(self, bodies, x, y, z, unit):
        """Adds one in its carton, with its corner at x, y, z."""
        add_case(bodies, self, x, y, z, unit)
        self.add_inside(bodies, self, x, y, z, unit)


def add_white_goods(rng, bodies, section):
    """Columns of appliances of one model; sometimes the top one is missing."""
    is_refrigerator = rng.random() < .5
    width, height, depth = (.6, rng.uniform(1.0, 2.0), .62) if is_refrigerator else (.62, .88, .62)
    width *= rng.uniform(.95, 1.15)
    if height > section.height - .1:
        height = section.height - .15
    rows = max(1, int(section.depth / depth))
    if section.attenuation < 1.2:
        rows = max(1, rows - int(rng.integers(0, 3)))
    depths = draw_depths(rng, section, rows, depth)
    tiers = max(1, int((section.height - .02) / (height + .03)))
    if rng.random() < .2:
        tiers = max(1, tiers - 1)
    appliance = draw_appliance(rng, width, height, depth - .03, is_refrigerator)
    for column, left in enumerate(draw_columns(rng, section, width + .03, .01)):
        for tier in range(tiers - (rng.random() < .05 and tiers > 1)):
            for row in range(rows):
                x = left + .01 + rng.normal(0, .004)
                y, z = section.y0 + tier * (height + .03) + .015, depths[row] + .01
                appliance.add(bodies, x, y, z, (section.index, column, tier, row))


def draw_appliance(rng, width, height, depth, is_refrigerator):
    """One model. Two draws are not used; seeds depend on them."""
    compressor_place, _, compressor_radius = rng.uniform(.2, .6), rng.uniform(.12, .2), rng.uniform(.07, .11)
    rng.random()
    drum_radius = rng.uniform(.2, .24)
    counterweight = rng.uniform(.7, 1.)
    add_inside = add_refrigerator if is_refrigerator else add_washing_machine
    return Appliance(width, height, depth, add_inside, compressor_place, compressor_radius, drum_radius, counterweight)


def add_case(bodies, appliance, x, y, z, unit):
    """Carton, sheet steel on all sides but the bottom, and foam below."""
    right, top, back = x + appliance.width, y + appliance.height, z + appliance.depth
    bodies.box(CELLULOSE, .15, (x - .008, right + .008), (y, top), (z - .004, z + .002), unit)
    bodies.box(CELLULOSE, .15, (x - .008, right + .008), (y, top), (back, back + .006), unit)
    for wall in (z, back):
        bodies.box(STEEL, STEEL_DENSITY, (x, right), (y + .03, top - .02), (wall, wall + .0007), unit)
    for wall in (x, right - .0025):
        bodies.box(STEEL, 3, (wall, wall + .0025), (y + .03, top - .02), (z, back), unit)
    bodies.box(STEEL, STEEL_DENSITY, (x, right), (top - .021, top - .02), (z, back), unit)
    bodies.box(ORGANIC, .025, (x - .01, right + .01), (y, y + .04), (z, back), unit)


def add_refrigerator(bodies, appliance, x, y, z, unit):
    """Foam, shelves of glass, compressor, evaporator, condenser and a plastic shelf."""
    width, height = appliance.width, appliance.height
    right, top, back = x + width, y + height, z + appliance.depth
    bodies.box(ORGANIC, .035, (x, right), (y + .3, top - .02), (z, back), unit)
    for shelf in np.linspace(y + .4, top - .25, 4):
        bodies.box(SILICA, 2.5, (x + .06, right - .06), (shelf, shelf + .004), (z + .1, back - .1), unit)
    radius = appliance.compressor_radius
    bodies.ellipsoid(STEEL, 3.8, (x + width * appliance.compressor_place, y + .14, back - .15),
                     (radius, radius, radius), unit)
    bodies.box(ALUMINIUM, .6, (x + .06, right - .06), (y + height * .6, y + height * .95), (back - .06, back - .04),
               unit)
    bodies.box(STEEL, .35, (x + .08, right - .08), (y + .35, y + height * .9), (back, back + .015), unit)
    bodies.box(ORGANIC, 1.05, (x + .06, right - .06), (y + height * .57, y + height * .58), (z + .05, back - .1), unit)


def add_washing_machine(bodies, appliance, x, y, z, unit):
    """Tub, drum with back and shaft, counterweights, motor and door glass."""
    width, height, weight = appliance.width, appliance.height, appliance.counterweight
    centre, radius = (x + width / 2, y + height * .52), appliance.drum_radius
    bodies.disc(ORGANIC, 1.0, centre, radius + .035, (z + .1, z + .45), .95, 1, unit)
    bodies.disc(STEEL, STEEL_DENSITY, centre, radius, (z + .12, z + .43), .99, 1, unit)
    bodies.disc(STEEL, STEEL_DENSITY, centre, radius, (z + .43, z + .432), 0, 1, unit)
    bodies.disc(STEEL, 6, centre, .06, (z + .43, z + .5), 0, 1, unit)
    bodies.box(SILICA, 2.2, (x + width * .15, x + width * .85), (y + height * .8, y + height * .92),
               (z + .12, z + .12 + .2 * weight), unit)
    bodies.box(SILICA, 2.2 * weight, (x + width * .2, x + width * .8), (y + .1, y + .22), (z + .06, z + .14), unit)
    bodies.ellipsoid(COPPER, 3.5, (x + width * .62, y + .16, z + .35), (.07, .07, .08), unit)
    bodies.disc(SILICA, 2.4, centre, .17, (z + .01, z + .02), .3, 1, unit)

"""Television sets and other devices in cartons on pallets."""
from dataclasses import dataclass

import numpy as np

from ..physics import ALUMINIUM, CELLULOSE, COPPER, ORGANIC, SILICA, STEEL, STEEL_DENSITY
from .section import PALLET_HEIGHT, add_pallet, draw_columns, draw_depths

CARTON_SIZES = [(.9, .6, .18), (.5, .42, .4), (.62, .3, .45), (1.2, .75, .16)]
"""Width, height and depth in m. The flat ones hold television sets."""


@dataclass
class Device:
    """One device in its carton: size and corner in m, and a factor for its densities."""
    width: float
    height: float
    depth: float
    x: float
    y: float
    z: float
    scale: float
    unit: tuple

    def at(self, x=0, y=0):
        """A place at a share of the width and of the height."""
        return self.x + self.width * x, self.y + self.height * y


def add_electronics(rng, bodies, section):
    """Columns of cartons with devices; every second column stands on a pallet of its own."""
    width, height, depth = rng.choice(CARTON_SIZES)
    width, height, depth = width * rng.uniform(.9, 1.1), height * rng.uniform(.9, 1.1), depth * rng.uniform(.9, 1.1)
    rows = min(7, max(1, int(section.depth / depth * rng.uniform(.7, 1))))
    depths = draw_depths(rng, section, rows, depth)
    add_device = add_television if depth < .25 else add_cabinet
    places = rng.uniform(.2, .5, 4)
    scale = usual_scale = float(np.clip(section.attenuation / 2., .5, 1.6))
    fill = rng.uniform(.6, .97)
    for column, x in enumerate(draw_columns(rng, section, width, .012)):
        if rng.random() < .12:
            places = rng.uniform(.1, .6, 4)
            usual_scale = scale * rng.uniform(.7, 1.2)  # from the last device, so that kinds drift
        if column % 2 == 0:
            pallet = width * 1.9 if x + 1.9 * width < section.x1 else width
            add_pallet(bodies, x, pallet, depths[0], rows * depth, section.y0)
        bottom = section.y0 + PALLET_HEIGHT
        for layer in range(max(1, int((section.y1 - bottom) * fill / height) - (rng.random() < .12))):
            for row in range(rows):
                left = x + rng.normal(0, .004)
                scale = usual_scale * rng.normal(1, .04)
                device = Device(width, height, depth, left, bottom + layer * height, depths[row], scale,
                                (section.index, column, layer, row))
                add_packing(bodies, device)
                add_device(bodies, device, places)


def add_packing(bodies, device):
    """The carton, with foam in it."""
    x, y, z, unit = device.x, device.y, device.z, device.unit
    width, height, depth = device.width, device.height, device.depth
    bodies.box(CELLULOSE, .12, (x, x + width), (y, y + height - .004), (z, z + depth - .005), unit)
    bodies.box(ORGANIC, .03, (x + .01, x + width - .01), (y + .01, y + height - .015), (z + .01, z + depth - .01), unit)


def add_television(bodies, device, _):
    """Glass, back plate, circuit board, transformer and foot."""
    x, y, z, scale, unit = device.x, device.y, device.z, device.scale, device.unit
    right, top = x + device.width, y + device.height
    bodies.box(SILICA, 2.4 * scale, (x + .05, right - .05), (y + .06, top - .07), (z + .05, z + .056), unit)
    bodies.box(STEEL, STEEL_DENSITY * scale, (x + .06, right - .06), (y + .07, top - .08), (z + .06, z + .0612), unit)
    (left, low), (right, high) = device.at(.4, .3), device.at(.7, .6)
    bodies.box(SILICA, 1.9 * scale, (left, right), (low, high), (z + .07, z + .08), unit)
    (left, low), (right, high) = device.at(.25, .35), device.at(.33, .5)
    bodies.box(COPPER, 3, (left, right), (low, high), (z + .07, z + .1), unit)
    bodies.box(STEEL, 3, (device.at(.35)[0], device.at(.65)[0]), (y + .05, y + .08), (z + .05, z + .1), unit)


def add_cabinet(bodies, device, places):
    """A sheet steel cabinet with a power supply, a transformer, a heat sink and a circuit board."""
    z, depth, scale, unit = device.z, device.depth, device.scale, device.unit
    width, height = device.width, device.height
    (left, low), (right, high) = device.at(.12, .13), device.at(.88, .85)
    for wall in (z + depth * .1, z + depth * .9):
        bodies.box(STEEL, STEEL_DENSITY * scale, (left, right), (low, high), (wall, wall + .0012), unit)
    half = z + depth * .1, z + depth * .5
    bodies.box(STEEL, STEEL_DENSITY * scale, (left, left + .004), (low, high), half, unit)
    bodies.box(STEEL, STEEL_DENSITY * scale, (right - .004, right), (low, high), half, unit)
    supply = left + width * places[0] * .4, left + width * (places[0] * .4 + .18)
    bodies.box(STEEL, 3.5 * scale, supply, (low + .02, low + .02 + height * .3), (z + depth * .2, z + depth * .5), unit)
    bodies.box(COPPER, 4 * scale, (left + width * .45, left + width * .53), (low + .02, low + height * .25),
               (z + depth * .3, z + depth * .55), unit)
    bodies.box(ALUMINIUM, 1.3 * scale, (left + width * places[1], left + width * (places[1] + .15)),
               (low + height * .35, low + height * .6), (z + depth * .2, z + depth * .8), unit)
    bodies.box(SILICA, 1.9 * scale, (left + .01, right - .01), (low + .02, high - .02),
               (z + depth * .6, z + depth * .6 + .006), unit)

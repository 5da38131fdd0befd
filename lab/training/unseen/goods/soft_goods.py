"""Sacks, and bales of fibre, paper or rags."""
from ..draws import choose_material
from ..physics import CELLULOSE, ORGANIC, SILICA, STEEL, STEEL_DENSITY, WATER
from .section import (ATTENUATION_PER_METRE, add_pallet, draw_columns, draw_depths, draw_heights, fit_rows)

SACK_CONTENTS = [(CELLULOSE, .55, .85), (SILICA, 1.0, 1.4), (ORGANIC, .5, .65), (WATER, .6, .9), (CELLULOSE, .3, .5)]
"""Material, least and greatest density in g/cm3: grain, minerals, plastic granules, moist food, light plants."""


class Sacks:
    """One kind of sack in a section, stacked in rows."""

    def __init__(self, rng, section):
        self.section = section
        self.width, self.height, self.depth = rng.uniform(.5, .8), rng.uniform(.12, .2), rng.uniform(.38, .5)
        self.material, lightest, heaviest = SACK_CONTENTS[rng.integers(5)]
        self.rows, self.density = fit_rows(rng, section, self.depth, lightest, heaviest)
        self.depths = draw_depths(rng, section, self.rows, self.depth)
        self.on_pallets = rng.random() < .5
        if section.attenuation < ATTENUATION_PER_METRE * self.density * self.rows * self.depth * .7:
            self.density *= .8
        self.stack_height = rng.uniform(.4, .9) * section.height

    def unit(self, column, layer, row):
        """Name of one sack."""
        return self.section.index, column, layer, row

    def add_on_pallets(self, rng, bodies):
        """Two sacks side by side on each pallet; every second layer is shifted."""
        section, pallet_width = self.section, self.width * 2 + .06
        for pallet, x in enumerate(draw_columns(rng, section, pallet_width, .05)):
            y = add_pallet(bodies, x, pallet_width, self.depths[0], self.rows * self.depth, section.y0)
            layers = int(min(self.stack_height * rng.uniform(.9, 1.05), section.y1 - y - .05) / self.height)
            for layer in range(layers):
                for side in range(2):
                    self.add_pallet_row(rng, bodies, x, y, 4 * pallet, layer, side)

    def add_pallet_row(self, rng, bodies, x, y, first_column, layer, side):
        """The sacks behind one another on one side of a layer."""
        shift = self.width * .12 if layer % 2 else 0
        for row, z in enumerate(self.depths):
            width = self.width * rng.normal(1, .02)
            left = x + side * self.width + shift * (1 if side == 0 else -.3) + rng.normal(0, .015)
            bodies.sack(self.material, self.density * rng.normal(1, .03), (left, left + width),
                        (y + layer * self.height, y + layer * self.height + self.height * .98), (z, z + self.depth),
                        self.unit(first_column + side, layer, row))

    def add_loose(self, rng, bodies):
        """Sacks in bond, without pallets; stacks sink and differ in height."""
        section = self.section
        heights = draw_heights(rng, 80, self.stack_height * .7, self.stack_height * 1.08, .25)
        columns = draw_columns(rng, section, self.width, .008)
        for column, x in enumerate(columns):
            layers = int(min(heights[column], section.height - .05) / self.height)
            sink = rng.uniform(.9, 1.0)
            is_last = column == len(columns) - 1
            for layer in range(layers):
                shift = self.width * .4 * (layer % 2) * (not is_last) + rng.normal(0, .02)
                y = section.y0 + layer * self.height * sink
                for row, z in enumerate(self.depths):
                    bodies.sack(self.material, self.density * rng.normal(1, .04),
                                (x + shift, x + shift + self.width * rng.normal(1, .02)), (y, y + self.height * .99),
                                (z, z + self.depth), self.unit(column, layer, row))


def add_sacks(rng, bodies, section):
    """Sacks on pallets or loose."""
    sacks = Sacks(rng, section)
    if sacks.on_pallets:
        sacks.add_on_pallets(rng, bodies)
    else:
        sacks.add_loose(rng, bodies)


def add_bales(rng, bodies, section):
    """Bales in columns."""
    width, height, depth = rng.uniform(.6, 1.1), rng.uniform(.45, .75), rng.uniform(.5, 1.1)
    rows, density = fit_rows(rng, section, depth, .15, .55)
    depths = draw_depths(rng, section, rows, depth)
    material = choose_material(rng, [CELLULOSE, CELLULOSE, ORGANIC])
    fill = rng.uniform(.5, .98)
    for column, x in enumerate(draw_columns(rng, section, width, .025)):
        layers = max(1, int(section.height * fill / height) - int(rng.random() < .12))
        pressed = height * rng.uniform(.96, 1.03)
        for layer in range(layers):
            if section.y0 + (layer + 1) * pressed > section.y1:
                break
            for row in range(rows):
                corner = x + rng.normal(0, .015), section.y0 + layer * pressed, depths[row]
                unit = section.index, column, layer, row
                add_bale(rng, bodies, material, density * rng.normal(1, .06), corner, (width, pressed, depth), unit)


def add_bale(rng, bodies, material, density, corner, size, unit):
    """A bale, perhaps with a denser or lighter layer; those at the front show their wires."""
    (x, y, z), (width, height, depth) = corner, size
    bodies.sack(material, density, (x, x + width * rng.normal(1, .015)), (y + .004, y + height * .99),
                (z, z + depth * .98), unit)
    if rng.random() < .5:
        place = rng.uniform(.2, .8)
        bodies.box(material, density * rng.uniform(-.15, .15), (x + .02, x + width - .02),
                   (y + height * place * .5, y + height * (place * .5 + .3)), (z + .1, z + depth * .9), unit)
    is_front = unit[3] == 0
    if is_front:
        for place in (.2, .4, .6, .8):
            wire = x + width * place
            bodies.box(STEEL, STEEL_DENSITY, (wire, wire + .016), (y, y + height), (z, z + .0015), unit)

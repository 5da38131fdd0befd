"""Fruit in open crates on pallets."""
import numpy as np

from ..bodies import BottleRow
from ..physics import CELLULOSE, ORGANIC, WATER
from .section import add_pallet, draw_columns, draw_depths, fit_rows

CRATES_SIDE_BY_SIDE = 2


def add_fruit(rng, bodies, section):
    """Pallets of crates, two crates wide."""
    width, height, depth = rng.uniform(.38, .6), rng.uniform(.14, .3), rng.uniform(.3, .5)
    rng.uniform(.4, .62)  # not used; seeds depend on it
    rows, density = fit_rows(rng, section, depth, .3, .62)
    depths = draw_depths(rng, section, rows, depth)
    diameter = rng.uniform(.05, .1)
    most_layers = int(np.clip((section.height - .2) / height * rng.uniform(.6, .98), 2, 14))
    crate_material = ORGANIC if rng.random() < .4 else CELLULOSE
    pitch = (width - .03) / max(2, round((width - .03) / diameter))
    crates = Crates(width, height, depth, crate_material, density, pitch)
    pallet_width = CRATES_SIDE_BY_SIDE * width
    first_column = 0
    for x in draw_columns(rng, section, pallet_width, .03):
        y = add_pallet(bodies, x, pallet_width, depths[0], rows * depth, section.y0)
        lean = rng.normal(0, .003)
        for layer in range(most_layers - int(rng.random() < .15)):
            for side in range(CRATES_SIDE_BY_SIDE):
                left = x + side * width + lean * layer + rng.normal(0, .003)
                for row, z in enumerate(depths):
                    crates.add(rng, bodies, left, y, z, (section.index, first_column + side, layer, row))
            y += height
        if rng.random() < .7:
            add_corner_boards(bodies, x, pallet_width, (section.y0 + .14, y), depths[0])
        first_column += CRATES_SIDE_BY_SIDE + 2


class Crates:
    """Crates of one kind: size in m, and the distance between the fruits in them."""

    def __init__(self, width, height, depth, material, density, pitch):
        self.width, self.height, self.depth = width, height, depth
        self.material, self.density, self.pitch = material, density, pitch

    def add(self, rng, bodies, x, y, z, unit):
        """Adds a crate: fruits, bottom and two ends."""
        behind = z, z + self.depth
        bodies.bottles(WATER, self.density * 1.15 * rng.normal(1, .05), (x + .015, x + self.width - .015),
                       (y + .015, y + self.height * rng.normal(.86, .02)), (z + .01, z + self.depth - .01),
                       BottleRow(self.pitch, 0, rng.choice([0, .5])), unit)
        bodies.box(self.material, .5, (x, x + self.width), (y, y + .008), behind, unit)
        for end in (x, x + self.width - .01):
            bodies.box(self.material, .4, (end, end + .01), (y, y + self.height - .003), behind, unit)


def add_corner_boards(bodies, x, width, y, z):
    """Cardboard at the two front corners."""
    for left in (x, x + width - .04):
        bodies.box(CELLULOSE, .9, (left, left + .04), y, (z, z + .006))

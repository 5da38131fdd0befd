"""Cartons in columns, of one to three kinds, each kind with its own filling."""
from dataclasses import dataclass
from typing import Callable, NamedTuple

import numpy as np

from ..draws import choose_material, log_uniform
from ..physics import ALUMINIUM, CELLULOSE, ORGANIC, SILICA, STEEL, WATER
from .section import ATTENUATION_PER_METRE, PALLET_HEIGHT, add_pallet, draw_columns, draw_depths, fit_rows

GAP = .006
"""Between the filling and the faces of a carton in depth, m."""


class Item(NamedTuple):
    """A denser thing in a carton: material, density relative to the carton's, and place as shares of its size."""
    material: int
    relative_density: float
    x: float
    y: float


@dataclass(frozen=True)
class CartonKind:
    """Size in m, filling, and how the cartons of a kind are stacked."""
    width: float
    height: float
    depth: float
    material: int
    density: float
    fill: Callable
    density_spread: float
    lean: float
    item: Item
    depths: np.ndarray
    on_pallets: bool

    def box(self, bodies, density, x, y, z, unit):
        """Filling between places along the vehicle and heights."""
        bodies.box(self.material, density, x, y, (z + GAP, z + self.depth - GAP), unit)


def fill_full(bodies, kind, density, x, y, z, unit):
    """One even filling."""
    kind.box(bodies, density, (x + .004, x + kind.width - .004), (y + .002, y + kind.height - .006), z, unit)


def fill_with_headspace(bodies, kind, density, x, y, z, unit):
    """A filling that ends below the lid."""
    width, height = kind.width, kind.height
    kind.box(bodies, density * 1.1, (x + .008, x + width - .008), (y + .004, y + height * .9), z, unit)
    bodies.box(CELLULOSE, .15, (x, x + width), (y + height * .96, y + height - .002), (z, z + kind.depth), unit)


def fill_with_two_packs(bodies, kind, density, x, y, z, unit):
    """Two packs side by side."""
    width = kind.width
    for half in (0, 1):
        pack = x + .006 + half * width / 2, x + width / 2 - .006 + half * width / 2
        kind.box(bodies, density * 1.1, pack, (y + .004, y + kind.height - .012), z, unit)


def fill_with_item(bodies, kind, density, x, y, z, unit):
    """Packing, and a denser thing in it."""
    width, height, depth, item = kind.width, kind.height, kind.depth, kind.item
    kind.box(bodies, density * .7, (x + .004, x + width - .004), (y + .003, y + height - .008), z, unit)
    bodies.box(item.material, item.relative_density * kind.density,
               (x + width * item.x * .6, x + width * (item.x * .6 + .3)),
               (y + height * item.y * .5, y + height * (item.y * .5 + .4)), (z + depth * .2, z + depth * .7), unit)


def fill_in_two_layers(bodies, kind, density, x, y, z, unit):
    """Two layers, the upper one lighter."""
    inside = x + .004, x + kind.width - .004
    kind.box(bodies, density, inside, (y + .002, y + kind.height * .48), z, unit)
    kind.box(bodies, density * .8, inside, (y + kind.height * .52, y + kind.height - .006), z, unit)


FILLINGS = [fill_full, fill_with_headspace, fill_with_two_packs, fill_with_item, fill_in_two_layers]


def add_cartons(rng, bodies, section):
    """Cartons of one to three kinds, one kind after the other."""
    first_column = 0
    for start, end in draw_cuts(rng, section):
        width, height, depth = rng.uniform(.32, .62), rng.uniform(.24, .5), rng.uniform(.35, .6)
        part = section.part(start, end, section.attenuation * rng.uniform(.6, 1.3))
        rows, density = fit_cartons(rng, part, depth)
        depths = draw_depths(rng, part, rows, depth)
        material = choose_material(rng, [ORGANIC, CELLULOSE, CELLULOSE, WATER])
        fill = FILLINGS[int(rng.integers(0, 5))]
        stack_height = rng.uniform(.55, .98) * section.height
        spread, lean = log_uniform(rng, .01, .08), rng.normal(0, .006)
        item = draw_item(rng)
        columns = draw_columns(rng, part, width, rng.uniform(.004, .02))
        kind = CartonKind(width, height, depth, material, density, fill, spread, lean, item, depths,
                          on_pallets=rng.random() < .35)
        add_columns(rng, bodies, section, kind, columns, stack_height, first_column)
        first_column += len(columns) + 3


def draw_cuts(rng, section):
    """Start and end in m of each kind's part of the section."""
    count = 1 + int(rng.integers(0, 3)) if section.length > 4 else 1
    if count == 1:
        return [(section.x0, section.x1)]
    inner = rng.uniform(section.x0 + 1, section.x1 - 1, count - 1)
    cuts = np.sort(np.r_[section.x0, inner, section.x1])
    return list(zip(cuts[:-1], cuts[1:]))


def fit_cartons(rng, section, depth):
    """(rows in depth, density in g/cm3); mostly the rows fill the depth, and the cartons are lighter instead."""
    rows, density = fit_rows(rng, section, depth, .07, .6)
    if rows < section.depth / depth - 1 and rng.random() < .6:
        rows = int(section.depth / depth)
        density = max(.05, min(density, section.attenuation / (ATTENUATION_PER_METRE * rows * depth)))
    return rows, density


def draw_item(rng):
    """The denser thing that some cartons contain. Half of the draws are not used; seeds depend on them."""
    (x, _, y), _ = [(rng.uniform(.1, .6), rng.uniform(.3, .7), rng.uniform(.1, .6)) for _ in range(2)]
    material = choose_material(rng, [ORGANIC, ALUMINIUM, STEEL, SILICA, WATER])
    return Item(material, rng.uniform(.2, 1.2) * (2 if material == STEEL else 1), x, y)


def add_columns(rng, bodies, section, kind, columns, stack_height, first_column):
    """Columns of cartons; now and then a column and those after it have another height."""
    rows = len(kind.depths)
    for index, x in enumerate(columns):
        y = section.y0
        if kind.on_pallets:
            if index % 2 == 0:
                width = min(2 * kind.width, section.x1 - x)
                add_pallet(bodies, x, width, kind.depths[0], max(.8, rows * kind.depth * .98), y)
            y += PALLET_HEIGHT
        if rng.random() < .08:
            stack_height = rng.uniform(.5, .98) * section.height
        layers = max(1, int(min(stack_height, section.y1 - y) / kind.height))
        add_column(rng, bodies, kind, x, y, layers, (section.index, first_column + index))


def add_column(rng, bodies, kind, x, y, layers, column):
    """A column that leans; its top layer may be incomplete."""
    rows = len(kind.depths)
    drift = rng.normal(0, .004)
    offset = 0.
    for layer in range(layers):
        offset += rng.normal(0, .003) + drift + kind.lean
        offset = np.clip(offset, -.05, .05)
        missing = 0
        if layer == layers - 1:
            missing = int(rng.integers(0, max(1, rows // 2)) * (rng.random() < .2))
        for row in range(rows - missing):
            left = x + offset + rng.normal(0, .003)
            density = kind.density * (1 + kind.density_spread * rng.standard_normal())
            kind.fill(bodies, kind, density, left, y + layer * kind.height, kind.depths[row], (*column, layer, row))

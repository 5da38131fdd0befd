"""A section of the hold, and how goods are placed in it: rows in depth, columns along the vehicle, pallets."""
from dataclasses import dataclass

import numpy as np

from ..draws import log_uniform
from ..physics import CELLULOSE, ORGANIC

ATTENUATION_PER_METRE = 4.7
"""Rough -ln T of one metre at 1 g/cm3: 0.047 cm2/g, near 2 MeV. Only for decisions about loads."""

PALLET_HEIGHT = .145
"""Height of a pallet in m, nominal."""


@dataclass(frozen=True)
class Section:
    """A part of the hold in m, the -ln T that its goods should have, and its number."""
    x0: float
    x1: float
    y0: float
    y1: float
    z0: float
    z1: float
    attenuation: float
    index: int = 0

    @property
    def depth(self):
        """Depth in m, away from the source."""
        return self.z1 - self.z0

    @property
    def height(self):
        """Height in m."""
        return self.y1 - self.y0

    @property
    def length(self):
        """Length along the vehicle in m."""
        return self.x1 - self.x0

    def part(self, x0, x1, attenuation):
        """The section between two places, with another attenuation."""
        return Section(x0, x1, self.y0, self.y1, self.z0, self.z1, attenuation, self.index)


def count_rows(attenuation, per_row, most):
    """How many rows in depth give the attenuation, from 1 to `most`."""
    return int(np.clip(round(attenuation / per_row), 1, most))


def fit_rows(rng, section, depth, lightest, heaviest, per_metre=ATTENUATION_PER_METRE):
    """(number of rows in depth, density in g/cm3) with which goods of this depth in m attenuate as they should."""
    most = max(1, int(section.depth / depth))
    density = log_uniform(rng, lightest, heaviest)
    rows = count_rows(section.attenuation, per_metre * density * depth, most)
    return rows, float(np.clip(section.attenuation / (per_metre * rows * depth), lightest, heaviest))


def draw_depths(rng, section, rows, depth):
    """Where each row begins, in m from the source: in the middle, at either wall, or spread evenly."""
    free = section.depth - rows * depth
    place = rng.integers(4)
    if place == 0:
        return section.z0 + free / 2 + depth * np.arange(rows)
    if place == 1:
        return section.z0 + .01 + depth * np.arange(rows)
    if place == 2:
        return section.z1 - .01 - depth * (rows - np.arange(rows))
    return section.z0 + (free / (rows + 1)) * (1 + np.arange(rows)) + depth * np.arange(rows)


def draw_columns(rng, section, width, gap):
    """Where each column of goods begins along the vehicle, with gaps of about `gap` m and a few large ones."""
    x = section.x0 + rng.uniform(.0, .06)
    columns = []
    while x + width <= section.x1:
        columns.append(x)
        x += width + abs(rng.normal(0, gap)) + gap * .3
        if rng.random() < .02:
            x += rng.uniform(.03, .2)
    return columns


def draw_heights(rng, count, lowest, highest, change_share):
    """Heights in m of neighbouring stacks; each differs from the one before with the given probability."""
    heights = np.full(count, rng.uniform(lowest, highest))
    for index in range(1, count):
        if rng.random() < change_share:
            heights[index:] = rng.uniform(lowest, highest)
    return heights


def add_pallet(bodies, x, width, z, depth, y, plastic=False):
    """Adds a pallet at x, y, z in m; returns the height of its top."""
    material, density = (ORGANIC, .9) if plastic else (CELLULOSE, .5)
    top = PALLET_HEIGHT
    bodies.box(material, density * .8, (x, x + width), (y + top - .022, y + top), (z, z + depth))
    bodies.box(material, density, (x, x + width), (y + top - .044, y + top - .022), (z, z + depth * .3))
    for place in (0, .44, .88):
        left = x + width * place
        right = left + width * .12
        bodies.box(material, density, (left, right), (y + .022, y + top - .044), (z, z + depth * .35))
        bodies.box(material, density * .8, (left, right), (y, y + .022), (z, z + depth))
    return y + top

"""What a scene is made of: a list of shapes with their materials, and which of them make up a unit of goods."""
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from .box import Box
from .outlines import Stamp
from .physics import BASES, MATERIALS
from .shapes import Block

INDEX = {name: (BASES.index(base), density) for name, (base, density) in MATERIALS.items()}


class Part(NamedTuple):
    base: int
    grams: float  # g/cm2 for each mm of chord
    shape: object


class Unit(NamedTuple):
    """One piece of a regular load: the parts from first to last, and where they are."""
    first: int
    last: int
    box: Box


class Parts:
    def __init__(self):
        self.items, self.units = [], []

    def add(self, material, shape, fill=1.0):
        """fill: share of the material's density; negative takes material away."""
        base, density = INDEX[material]
        self.items.append(Part(base, density * fill * 0.1, shape))

    def block(self, material, x0, x1, y0, y1, z0, z1, fill=1.0):
        if x1 > x0 and y1 > y0 and z1 > z0:
            self.add(material, Block(x0, x1, y0, y1, z0, z1), fill)

    def box(self, material, box, fill=1.0):
        self.block(material, *box, fill=fill)

    def shell(self, material, box, wall, fill=1.0):
        """A hollow box with walls of this many mm."""
        self.block(material, *box, fill=fill)
        self.block(material, *box.inset(wall), fill=-fill)

    @contextmanager
    def unit(self, box):
        first = len(self.items)
        yield
        self.units.append(Unit(first, len(self.items), box))

    def of(self, unit):
        return self.items[unit.first:unit.last]


class Pattern:
    """Parts of one unit drawn once, to be placed many times. Seen straight on, at `cell` mm a value."""

    def __init__(self, parts, box, cell=8.0):
        self.box, self.cell, self.layers = box, cell, {}
        columns, rows = max(1, round(box.width / cell)), max(1, round(box.height / cell))
        x = box.x0 + (np.arange(columns) + 0.5) * box.width / columns
        y = box.y0 + (np.arange(rows) + 0.5) * box.height / rows
        for base, grams, shape in parts.items:
            if base not in self.layers:
                self.layers[base] = np.zeros((rows, columns), np.float32)
            self.layers[base] += (grams * shape.chord(x, y, cell)).astype(np.float32)

    def place(self, parts, x, y, z, mirror=False, fill=1.0):
        for base, field in self.layers.items():
            shape = Stamp(field[:, ::-1] if mirror else field, self.cell, x, y, z, z + self.box.depth)
            parts.items.append(Part(base, fill, shape))

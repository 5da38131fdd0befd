"""Engines and other machine parts on pallets, some of them in racks."""
import numpy as np

from ..draws import choose_material
from ..physics import ALUMINIUM, CELLULOSE, COPPER, ORGANIC, STEEL, STEEL_DENSITY
from .engine import add_engine
from .section import add_pallet

ENGINES, OTHER_PARTS, MIXED = range(3)


def add_machines(rng, bodies, section):
    """One or two rows of pallets, stacked where there are racks."""
    x = section.x0 + .05
    heaviness = float(np.clip(section.attenuation / 2.5, .4, 1.3))
    contents = rng.integers(3)
    has_racks = rng.random() < .5
    while x < section.x1 - 1.0:
        width = rng.uniform(.9, 1.3)
        depth = min(section.depth * .45, .95)
        for row in range(int(rng.integers(1, 3))):
            z = section.z0 + .05 + row * section.depth * .5
            stack = MachineStack(x, z, width, depth, heaviness, contents, has_racks)
            stack.add(rng, bodies, section)
        x += width + abs(rng.normal(.05, .08))


class MachineStack:
    """Pallets above one another; sizes in m."""

    def __init__(self, x, z, width, depth, heaviness, contents, has_racks):
        self.x, self.z, self.width, self.depth = x, z, width, depth
        self.heaviness, self.contents, self.has_racks = heaviness, contents, has_racks

    def add(self, rng, bodies, section):
        """Adds the pallets, as many as are drawn and fit below the roof."""
        y = section.y0
        for _ in range(int(rng.integers(1, 4 if self.has_racks else 2))):
            if y + .9 > section.y1:
                break
            top = add_pallet(bodies, self.x, self.width, self.z, self.depth, y)
            if self.has_racks:
                self.add_rack(bodies, top)
            self.add_content(rng, bodies, top)
            if rng.random() < .3:
                end = self.x + self.width * .8, top + .7
                bodies.bar(ORGANIC, 1.2, (self.x, top), end, .02, (self.z - .01, self.z))
            y = top + rng.uniform(.66, .8)

    def add_rack(self, bodies, y):
        """Four posts and a beam."""
        x, z = self.x, self.z
        for left in (x, x + self.width - .05):
            for near in (z, z + self.depth - .05):
                bodies.box(STEEL, 2.2, (left, left + .05), (y, y + .62), (near, near + .05))
        bodies.box(STEEL, 2.2, (x, x + self.width), (y + .58, y + .62), (z, z + .04))

    def add_content(self, rng, bodies, y):
        """An engine, or something else."""
        if self.contents == ENGINES or (self.contents == MIXED and rng.random() < .5):
            add_engine(rng, bodies, (self.x + .1, y + .03, self.z + .15), rng.uniform(.8, 1.15), self.heaviness)
        else:
            contents = [self.add_castings, self.add_crate, self.add_shafts, self.add_machine]
            contents[rng.integers(4)](rng, bodies, y)

    def add_castings(self, rng, bodies, y):
        """Gearboxes or pumps: a housing, a shaft and a flange each."""
        near = self.z + .15
        for _ in range(int(rng.integers(1, 4))):
            x = self.x + rng.uniform(.2, self.width - .2)
            radius = rng.uniform(.1, .22)
            centre = x, y + radius
            bodies.disc(STEEL, 3.0 * self.heaviness, centre, radius, (near, self.z + .5), rng.uniform(.3, .8), 2)
            bodies.disc(STEEL, 6 * self.heaviness, centre, radius * .35, (self.z + .1, self.z + .65), 0, 2)
            bodies.disc(STEEL, 6, centre, radius * 1.15, (near, self.z + .175), .6)

    def add_crate(self, rng, bodies, y):
        """A wooden crate with metal parts."""
        x, z, width = self.x, self.z, self.width
        bodies.box(CELLULOSE, .5, (x, x + width), (y, y + .6), (z, z + .02))
        bodies.box(CELLULOSE, .5, (x, x + width), (y, y + .6), (z + self.depth - .02, z + self.depth))
        for _ in range(int(rng.integers(10, 30))):
            left, low = rng.uniform(x, x + width - .2), y + rng.uniform(0, .45) ** 1.3
            material = choose_material(rng, [STEEL, STEEL, ALUMINIUM, COPPER])
            bodies.box(material, rng.uniform(1.5, 6) * self.heaviness, (left, left + rng.uniform(.03, .2)),
                       (low, low + rng.uniform(.03, .15)), (z + .1, z + .1 + rng.uniform(.04, .3)))

    def add_shafts(self, rng, bodies, y):
        """Shafts and tubes, four side by side in depth."""
        for index in range(int(rng.integers(4, 14))):
            x = self.x, self.x + self.width * rng.uniform(.7, 1)
            centre = y + .05 + .1 * (index // 4), self.z + .15 + .16 * (index % 4)
            bodies.lying_cylinder(STEEL, STEEL_DENSITY, x, centre, rng.uniform(.015, .045), rng.choice([0, .7]))

    def add_machine(self, rng, bodies, y):
        """A cabinet with parts in it, and a motor beside it."""
        x, z, width, depth = self.x, self.z, self.width, self.depth
        height = rng.uniform(.5, .62)
        for wall in (z + .1, z + depth - .1):
            bodies.box(STEEL, STEEL_DENSITY, (x + .05, x + width * .5), (y, y + height), (wall, wall + .003))
        axis = y + .2, z + depth / 2
        bodies.lying_cylinder(STEEL, 4 * self.heaviness, (x + width * .5, x + width * .85), axis, .15, .3)
        bodies.lying_cylinder(COPPER, 5 * self.heaviness, (x + width * .55, x + width * .8), axis, .12, .6)
        for _ in range(12):
            left, low = rng.uniform(x + .08, x + width * .4), y + rng.uniform(.03, height - .15)
            material = choose_material(rng, [STEEL, COPPER, ALUMINIUM, ORGANIC])
            bodies.box(material, rng.uniform(1, 4), (left, left + .08), (low, low + .1),
                       (z + .2, z + .2 + rng.uniform(.03, .2)))

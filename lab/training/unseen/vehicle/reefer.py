"""A refrigerated container: foam between sheets of aluminium and steel, and a cooling unit at the front."""
import numpy as np

from ..bodies import Space
from ..draws import choose_material
from ..physics import ALUMINIUM, ALUMINIUM_DENSITY, COPPER, ORGANIC, STEEL, STEEL_DENSITY
from .container import add_casting

WALL = .07
"""Thickness of the side walls in m."""


class Reefer:
    """Parts of a refrigerated container, added in the order of the methods."""

    def __init__(self, bodies, outline):
        self.bodies, self.outline = bodies, outline
        self.base, self.top, self.middle = outline.base, outline.top, outline.middle

    def add_steel(self, x, y, z):
        """Adds a steel box."""
        self.bodies.box(STEEL, STEEL_DENSITY, x, y, z)

    def add_aluminium(self, x, y, z):
        """Adds an aluminium box."""
        self.bodies.box(ALUMINIUM, ALUMINIUM_DENSITY, x, y, z)

    def add_side(self, near):
        """A side wall: foam, outer and inner sheet, ribs, rails and posts."""
        outline, y = self.outline, (self.base + .1, self.top)
        self.bodies.box(ORGANIC, .045, outline.x, y, (near, near + WALL))
        self.add_aluminium(outline.x, y, (near, near + .001))
        self.add_steel(outline.x, y, (near + WALL - .001, near + WALL - .0002))
        for left in np.arange(outline.left + .3, outline.right, .6):
            self.add_aluminium((left, left + .04), y, (near, near + .004))
        for low, height, thickness in ((self.base, .16, .005), (self.top - .09, .09, .004)):
            self.add_steel(outline.x, (low, low + height), (near, near + thickness))
        for left in (outline.left, outline.right - .15):
            self.add_steel((left, left + .15), (self.base, self.top), (near, near + .012))
            for low in (self.base, self.top - .118):
                add_casting(self.bodies, left, low, near)

    def add_roof(self):
        """Foam between two sheets."""
        x, z, top = self.outline.x, self.outline.z, self.top
        self.bodies.box(ORGANIC, .045, x, (top - .1, top - .01), z)
        self.add_aluminium(x, (top - .01, top - .0085), z)
        self.add_steel(x, (top - .1, top - .0992), z)

    def add_floor(self):
        """Foam, a floor of T bars through which air flows, and cross members."""
        outline, base = self.outline, self.base
        self.bodies.box(ORGANIC, .05, outline.x, (base + .05, base + .14), outline.z)
        for bar in np.arange(outline.near + .1, outline.far - .1, .06):
            self.add_aluminium((outline.left + .5, outline.right), (base + .14, base + .2), (bar, bar + .003))
        self.add_aluminium(outline.x, (base + .14, base + .143), outline.z)
        for left in np.arange(outline.left + .25, outline.right - .2, .5):
            self.add_steel((left, left + .011), (base, base + .1), (self.middle, self.middle + .014))

    def add_cooling_unit(self, rng):
        """Parts at random, a compressor, two fans and the wall behind them."""
        outline, base, top = self.outline, self.base, self.top
        left, right = ((outline.right - .42, outline.right - .02) if outline.faces_right
                       else (outline.left + .02, outline.left + .42))
        for _ in range(26):
            self.add_cooling_part(rng, left, right)
        self.bodies.disc(STEEL, 4.5, ((left + right) / 2, base + .5), .14, (self.middle - .4, self.middle), 0, 2)
        for side in (-.4, .4):
            fan = self.middle + side
            self.bodies.box(ALUMINIUM, .9, (left, right), (top - .75, top - .6), (fan - .35, fan + .35))
        wall = (left - .01, left) if outline.faces_right else (right, right + .01)
        self.add_steel(wall, (base + .2, top - .1), (self.middle, self.middle + .02))

    def add_cooling_part(self, rng, left, right):
        """A pipe, valve, motor or box."""
        outline = self.outline
        x = rng.uniform(left, right - .1)
        y = rng.uniform(self.base + .2, self.top - .3)
        z = rng.uniform(outline.near + .2, outline.far - .4)
        self.bodies.box(choose_material(rng, [STEEL, ALUMINIUM, COPPER]), rng.uniform(1, 5),
                        (x, x + rng.uniform(.03, .2)), (y, y + rng.uniform(.05, .3)), (z, z + rng.uniform(.02, .2)))

    def add_doors(self):
        """Foam, and steel as a plate in the middle plane."""
        left = self.outline.left if self.outline.faces_right else self.outline.right - .08
        y = self.base + .14, self.top - .1
        self.bodies.box(ORGANIC, .05, (left, left + .08), y, self.outline.z)
        self.add_steel((left + .03, left + .045), y, (self.middle, self.middle + .03))

    def hold(self):
        """The space for goods."""
        outline = self.outline
        x = ((outline.left + .12, outline.right - .5) if outline.faces_right
             else (outline.left + .5, outline.right - .12))
        return Space(*x, self.base + .2, self.top - .16, outline.near + .09, outline.far - .09)


def add_reefer(rng, bodies, outline):
    """Adds a refrigerated container; returns its hold."""
    reefer = Reefer(bodies, outline)
    for near in (outline.near, outline.far - WALL):
        reefer.add_side(near)
    reefer.add_roof()
    reefer.add_floor()
    reefer.add_cooling_unit(rng)
    reefer.add_doors()
    return reefer.hold()

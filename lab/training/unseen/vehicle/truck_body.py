"""The box body of a truck: walls of aluminium, or of plywood with glass fibre."""
import numpy as np

from ..bodies import Space
from ..physics import ALUMINIUM, ALUMINIUM_DENSITY, CELLULOSE, SILICA, STEEL, STEEL_DENSITY


class TruckBody:
    """Parts of a box body, added in the order of the methods."""

    def __init__(self, bodies, outline):
        self.bodies, self.outline = bodies, outline
        self.base, self.top, self.middle = outline.base, outline.top, outline.middle

    def add_aluminium(self, x, y, z):
        """Adds an aluminium box."""
        self.bodies.box(ALUMINIUM, ALUMINIUM_DENSITY, x, y, z)

    def add_side(self, near, is_plywood, pitch):
        """A side wall with its frame. `pitch` is the distance of the posts in m."""
        outline = self.outline
        if is_plywood:
            self.add_plywood_wall(near)
        else:
            self.add_aluminium_wall(near, pitch)
        self.add_aluminium(outline.x, (self.base, self.base + .12), (near, near + .005))
        self.add_aluminium(outline.x, (self.top - .1, self.top), (near, near + .005))
        for left in (outline.left, outline.right - .08):
            self.add_aluminium((left, left + .08), (self.base, self.top), (near, near + .02))

    def add_plywood_wall(self, near):
        """Plywood, with glass fibre on it."""
        x, y = self.outline.x, (self.base + .1, self.top)
        self.bodies.box(CELLULOSE, .65, x, y, (near, near + .018))
        self.bodies.box(SILICA, 1.6, x, y, (near + .018, near + .021))

    def add_aluminium_wall(self, near, pitch):
        """Sheet on posts, with plywood in the lower part."""
        outline, y = self.outline, (self.base + .1, self.top)
        self.add_aluminium(outline.x, y, (near, near + .0015))
        self.bodies.box(CELLULOSE, .65, outline.x, (self.base + .1, self.base + 1.3), (near + .02, near + .027))
        for left in np.arange(outline.left + pitch, outline.right - .1, pitch):
            self.add_aluminium((left, left + .06), y, (near, near + .003))
            self.add_aluminium((left, left + .006), y, (near, near + .03))

    def add_roof(self, pitch):
        """Sheet on bows."""
        outline, top = self.outline, self.top
        self.add_aluminium(outline.x, (top - .003, top - .0015), outline.z)
        for left in np.arange(outline.left + .3, outline.right - .1, pitch):
            self.add_aluminium((left, left + .03), (top - .03, top - .027), outline.z)

    def add_floor(self, rng):
        """Plywood on cross members."""
        outline, base = self.outline, self.base
        self.bodies.box(CELLULOSE, .7, outline.x, (base + .1, base + .125), (outline.near + .03, outline.far - .03))
        for left in np.arange(outline.left + .2, outline.right - .1, rng.uniform(.35, .5)):
            self.bodies.box(STEEL, STEEL_DENSITY, (left, left + .011), (base + .01, base + .1),
                            (self.middle, self.middle + rng.uniform(.008, .02)))
            self.bodies.box(STEEL, STEEL_DENSITY, (left, left + .05), (base + .096, base + .1),
                            (outline.near + .05, outline.far - .05))

    def add_ends(self):
        """Front wall and doors: plywood, and a frame as a plate in the middle plane."""
        y = self.base + .1, self.top
        for left in (self.outline.left, self.outline.right - .035):
            self.bodies.box(CELLULOSE, .65, (left, left + .025), y, self.outline.z)
            self.add_aluminium((left, left + .03), y, (self.middle, self.middle + .06))

    def add_tail_lift(self):
        """A folded tail lift behind the doors."""
        left = self.outline.left - .1 if self.outline.faces_right else self.outline.right + .02
        self.add_aluminium((left, left + .07), (self.base - .1, self.base + 1.6), (self.middle, self.middle + .1))

    def hold(self):
        """The space for goods."""
        outline = self.outline
        return Space(outline.left + .05, outline.right - .05, self.base + .125, self.top - .05, outline.near + .04,
                     outline.far - .04)


def add_truck_body(rng, bodies, outline):
    """Adds a box body; returns its hold."""
    body = TruckBody(bodies, outline)
    is_plywood = rng.random() < .5
    pitch = rng.uniform(.4, .65)
    for near in (outline.near, outline.far - .03):
        body.add_side(near, is_plywood, pitch)
    body.add_roof(pitch)
    body.add_floor(rng)
    body.add_ends()
    if rng.random() < .3:
        body.add_tail_lift()
    return body.hold()

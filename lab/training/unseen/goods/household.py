"""Pieces of household goods. Each function fills a room of given size: f(rng, bodies, room)."""
from typing import NamedTuple

import numpy as np

from ..draws import choose_material, log_uniform
from ..physics import ALUMINIUM, CELLULOSE, ORGANIC, SILICA, STEEL, STEEL_DENSITY


class Room(NamedTuple):
    """The room for one piece, in m, and a factor for densities. `width` is that between neighbours."""
    left: float
    right: float
    y: float
    height: float
    z: float
    depth: float
    width: float
    scale: float

    @property
    def top(self):
        """Height of its upper side."""
        return self.y + self.height

    @property
    def x_range(self):
        """From left to right."""
        return self.left, self.right

    @property
    def y_range(self):
        """From the base to the top."""
        return self.y, self.y + self.height

    @property
    def z_range(self):
        """From the front to the back."""
        return self.z, self.z + self.depth


def add_cabinet(rng, bodies, room):
    """Front and back, uprights and shelves of chipboard."""
    for wall in (room.z + .02, room.z + room.depth - .02):
        bodies.box(CELLULOSE, .7, room.x_range, room.y_range, (wall, wall + .012))
    for upright in np.linspace(room.left, room.right - .018, int(rng.integers(2, 5))):
        bodies.box(CELLULOSE, .7, (upright, upright + .018), room.y_range, room.z_range)
    for shelf in np.linspace(room.y, room.top - .02, int(rng.integers(2, 5))):
        bodies.box(CELLULOSE, .7, room.x_range, (shelf, shelf + .018), room.z_range)


def add_sofa(rng, bodies, room):
    """Foam, a wooden frame and springs."""
    left, right, y, height, z, _, _, scale = room
    bodies.box(ORGANIC, .05 * scale, (left, right), (y + height * .3, y + height * .6), room.z_range)
    bodies.box(ORGANIC, .06 * scale, (left, left + .15), (y + .1, y + height), room.z_range)
    bodies.box(CELLULOSE, .5, (left, right), (y + height * .2, y + height * .26), (z, z + .06))
    for _ in range(12):
        x = rng.uniform(left, right - .06)
        bodies.disc(STEEL, 2, (x + .03, y + height * .4), .03, (z + .2, z + .23), .8)


def add_boxes(rng, bodies, room):
    """Boxes with books or clothes."""
    x = room.left
    while x < room.right - .2:
        width = min(rng.uniform(.2, .5), room.right - x)
        y = room.y
        while y < room.top - .1:
            height = min(rng.uniform(.2, .4), room.top - y)
            bodies.box(CELLULOSE, log_uniform(rng, .05, .5) * room.scale, (x, x + width - .01),
                       (y, y + height - .01), room.z_range)
            y += height
        x += width


def add_mattress(_, bodies, room):
    """A mattress with springs, on its edge."""
    left, right, y, height, z, _, width, _ = room
    bodies.box(ORGANIC, .06, (left, right), (y, y + height), (z, z + .25))
    for spring in range(int(width * 12)):
        x = left + spring * .08
        bodies.box(STEEL, .25, (x + .02, x + .05), (y + .04, y + height - .04), (z + .08, z + .16))


def add_table(rng, bodies, room):
    """A table or a chair: legs, top and brace."""
    left, right, y, height, z, _, _, _ = room
    for leg in range(4):
        x = rng.uniform(left, right - .05)
        bodies.box(CELLULOSE, .65, (x, x + .04), (y, y + height * .9), (z + .1 * leg, z + .1 * leg + .04))
    bodies.box(CELLULOSE, .65, (left, right), (y + height * .86, y + height * .9), room.z_range)
    bodies.bar(CELLULOSE, .65, (left, y + .1), (right, y + height * .7), .04, (z, z + .05))


def add_bicycle(rng, bodies, room):
    """Two wheels, a frame of five tubes, and a chain wheel."""
    left, right, y, height, z, _, width, _ = room
    radius = min(.32, height * .45, width * .24)
    for x in (left + radius, right - radius):
        bodies.disc(ORGANIC, 1.1, (x, y + radius), radius, (z + .2, z + .235), .9)
        bodies.disc(ALUMINIUM, 2.5, (x, y + radius), radius * .9, (z + .2, z + .22), .94)
    for _ in range(5):
        start = rng.uniform(left + radius, right - radius), y + rng.uniform(radius, height)
        end = rng.uniform(left + radius, right - radius), y + rng.uniform(radius, height)
        bodies.bar(STEEL, 1.8, start, end, .03, (z + .2, z + .23))
    bodies.disc(STEEL, 5, ((left + right) / 2, y + radius), .09, (z + .2, z + .21), .5)


def add_appliance(_, bodies, room):
    """A small appliance: two sheets of steel, a motor and a heat exchanger."""
    left, _, y, height, z, depth, width, _ = room
    for wall in (z + .05, z + depth * .9):
        bodies.box(STEEL, STEEL_DENSITY, (left, left + min(width, .6)), (y, y + height), (wall, wall + .001))
    bodies.ellipsoid(STEEL, 3.5, (left + .2, y + .12, z + depth / 2), (.1, .1, .1))
    bodies.box(ALUMINIUM, .5, (left + .1, left + .4), (y + height * .4, y + height * .8),
               (z + depth * .6, z + depth * .7))


def add_carpets(rng, bodies, room):
    """Rolled carpets."""
    for roll in range(int(rng.integers(2, 6))):
        radius = rng.uniform(.06, .12)
        centre = room.y + radius + .15 * (roll // 2), room.z + .15 + .3 * (roll % 2)
        bodies.lying_cylinder(ORGANIC, .4 * room.scale, room.x_range, centre, radius, .2)


def add_small_things(rng, bodies, room):
    """Pots, toys and tools."""
    for _ in range(int(rng.integers(8, 25))):
        add_small_thing(rng, bodies, room)


def add_small_thing(rng, bodies, room):
    """A round or an angular thing somewhere in the room."""
    z = room.z
    material = choose_material(rng, [ORGANIC, ORGANIC, CELLULOSE, STEEL, ALUMINIUM, SILICA])
    factor = 4 if material == STEEL else 1.5 if material in (ALUMINIUM, SILICA) else 1
    density = rng.uniform(.1, .6) * room.scale * factor
    x = rng.uniform(room.left, max(room.left + .01, room.right - .2))
    y = room.y + rng.uniform(0, max(.01, room.height - .2))
    size = rng.uniform(.03, .2)
    if rng.random() < .4:
        bodies.disc(material, density, (x + size / 2, y + size / 2), size / 2, (z + .1, z + .1 + size),
                    rng.choice([0, .8]))
    else:
        bodies.box(material, density, (x, x + size), (y, y + rng.uniform(.03, .2)),
                   (z + .1, z + .1 + rng.uniform(.03, .3)))


PIECES = [add_cabinet, add_cabinet, add_sofa, add_boxes, add_boxes, add_boxes, add_mattress, add_table, add_bicycle,
          add_appliance, add_appliance, add_carpets, add_small_things, add_small_things]
"""The pieces; one that is named twice is twice as likely. The order matters: draws pick a piece by its place."""

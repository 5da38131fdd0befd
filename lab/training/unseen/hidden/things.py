"""Things that are hidden in a load, one function for each kind.

f(rng, load, is_faint) gives a Change; None if it cannot be made. It raises NoPlace if no goods cover the thing. Faint
things are smaller or thinner, so that some are hard to see.
"""
from typing import NamedTuple

import numpy as np

from ..bodies import BOX, Bodies, Space
from ..draws import choose_material, log_uniform
from ..physics import (ALUMINIUM, ALUMINIUM_DENSITY, CELLULOSE, COPPER, LEAD, LEAD_DENSITY, ORGANIC, STEEL,
                       STEEL_DENSITY, WATER)
from .change import Change, carve
from .place import draw_place
from .weapons import Arrangement

MOST_BODIES = 600
"""Bodies in a sample of the goods."""

BRICK_GAP_Y, BRICK_GAP = .003, .004
"""Between bricks in m: in height, and along the other axes."""

DENSE_MATERIALS = [(STEEL, STEEL_DENSITY), (LEAD, LEAD_DENSITY), (COPPER, 8.9), (STEEL, 4.0),
                   (ALUMINIUM, ALUMINIUM_DENSITY), (STEEL, STEEL_DENSITY)]
FAINT_MATERIALS = DENSE_MATERIALS[3:5]
"""Materials of dense blocks, and densities in g/cm3, nominal. Steel of 4 g/cm3 stands for machine parts."""


class LoadedHold(NamedTuple):
    """All goods, a sample of them near which things are hidden, and the hold."""
    goods: list
    sample: list
    hold: Space

    def draw_place(self, rng, size):
        """A covered space of the given size in m; raises NoPlace."""
        return draw_place(rng, self.sample, self.hold, size)


def sample_goods(rng, goods):
    """Bodies that belong to units, or all if none does; at most so many, to save time."""
    sample = [body for body in goods if body.unit is not None] or goods
    if len(sample) > MOST_BODIES:
        sample = [sample[index] for index in rng.choice(len(sample), MOST_BODIES, replace=False)]
    return sample


def hide_weapons(rng, load, is_faint):
    """One to six rifles or pistols."""
    weapons = Arrangement(rng, load.sample, load.hold, is_faint)
    removed, pieces = [], []
    if rng.random() < .35 and all(body.shape == BOX for body in load.goods):
        space = weapons.space
        removed, pieces = carve(load.goods, space._replace(z1=space.z0 + .15))
    hidden = weapons.bodies(rng)
    return Change(removed, pieces, hidden) if len(hidden) >= 5 else None


def hide_dense_block(rng, load, is_faint):
    """A block, cylinder or disc of metal."""
    width, height = rng.uniform(.1, .4, 2)
    depth = rng.uniform(.08, .4)
    if is_faint:
        width, height, depth = width * .6 + .03, height * .6 + .03, rng.uniform(.03, .12)
    if rng.random() < .5:
        height = width * rng.uniform(.7, 1.3)
    space = load.draw_place(rng, (width, height, depth))
    removed, pieces = carve(load.goods, space)
    materials = FAINT_MATERIALS if is_faint else DENSE_MATERIALS
    material, density = materials[rng.integers(len(materials))]
    if width > .25 and depth > .25:
        density *= rng.uniform(.5, 1)
    return Change(removed, pieces, draw_block(rng, material, density, space, (width, height, depth)))


def draw_block(rng, material, density, space, size):
    """A block, an upright cylinder or a disc in the space."""
    width, height, depth = size
    bodies, shape = Bodies(), rng.random()
    x, y, z = (space.x0 + space.x1) / 2, (space.y0 + space.y1) / 2, (space.z0 + space.z1) / 2
    if shape < .6:
        bodies.box(material, density, space.x, space.y, space.z)
    elif shape < .8:
        bodies.upright_cylinder(material, density, (x, z), min(width, depth) / 2, space.y)
    else:
        bodies.disc(material, density, (x, y), min(width, height) / 2, space.z, 0, 2)
    return bodies


class Brick(NamedTuple):
    """Size in m, material and density in g/cm3 of packets of 1 kg."""
    width: float
    height: float
    depth: float
    material: int
    density: float


def hide_bricks(rng, load, is_faint):
    """Twenty to a hundred packets of 1 kg in a block."""
    width, _, depth = rng.uniform(.16, .25), rng.uniform(.04, .08), rng.uniform(.12, .18)
    density = rng.uniform(.95, 1.25)
    height = 1. / (density * 1000 * width * depth)
    count = log_uniform(rng, 20, 100)
    deep = 1 if is_faint else int(rng.integers(1, 6))
    if is_faint:
        count = log_uniform(rng, 20, 40)
    wide = int(rng.integers(1, 5))
    if rng.random() < .5:
        width, depth = depth, width
    high = int(np.clip(round(count / deep / wide), 1, 1.2 / height))
    size = wide * (width + BRICK_GAP), high * (height + BRICK_GAP_Y), deep * (depth + BRICK_GAP)
    if size[2] > load.hold.z1 - load.hold.z0 - .1:
        return None
    space = load.draw_place(rng, size)
    removed, pieces = carve(load.goods, space)
    brick = Brick(width, height, depth, choose_material(rng, [ORGANIC, CELLULOSE, WATER]), density)
    return Change(removed, pieces, stack_bricks(rng, brick, space, (wide, high, deep), count))


def stack_bricks(rng, brick, space, numbers, most):
    """Bricks in layers; the top layer may be incomplete."""
    wide, high, deep = numbers
    bodies, count = Bodies(), 0
    for layer in range(high):
        for column in range(wide):
            for row in range(deep):
                if count >= most and layer == high - 1:
                    continue
                count += 1
                x = space.x0 + column * (brick.width + BRICK_GAP) + rng.normal(0, .002)
                y = space.y0 + layer * (brick.height + BRICK_GAP_Y)
                z = space.z0 + row * (brick.depth + BRICK_GAP)
                bodies.box(brick.material, brick.density * rng.normal(1, .02), (x, x + brick.width),
                           (y, y + brick.height), (z, z + brick.depth))
    return bodies


def hide_shielded_box(rng, load, is_faint):
    """A box of lead or steel, mostly with something in it."""
    size = rng.uniform(.18, .6), rng.uniform(.15, .5), rng.uniform(.18, .5)
    material, density = (LEAD, LEAD_DENSITY) if rng.random() < .5 else (STEEL, STEEL_DENSITY)
    wall = log_uniform(rng, .003, .02) if material == LEAD else log_uniform(rng, .006, .03)
    if is_faint:
        wall *= .4
    space = load.draw_place(rng, size)
    removed, pieces = carve(load.goods, space)
    bodies = Bodies()
    add_hollow_box(bodies, material, density, space, wall)
    if rng.random() < .7:
        add_content(rng, bodies, space, wall)
    return Change(removed, pieces, bodies)


def add_hollow_box(bodies, material, density, space, wall):
    """Six walls: front and back, bottom and top, left and right."""
    (x0, x1), (y0, y1), (z0, z1) = space.x, space.y, space.z
    bodies.box(material, density, (x0, x1), (y0, y1), (z0, z0 + wall))
    bodies.box(material, density, (x0, x1), (y0, y1), (z1 - wall, z1))
    inside = z0 + wall, z1 - wall
    bodies.box(material, density, (x0, x1), (y0, y0 + wall), inside)
    bodies.box(material, density, (x0, x1), (y1 - wall, y1), inside)
    bodies.box(material, density, (x0, x0 + wall), (y0 + wall, y1 - wall), inside)
    bodies.box(material, density, (x1 - wall, x1), (y0 + wall, y1 - wall), inside)


def add_content(rng, bodies, space, wall):
    """Something light on the bottom of a hollow box."""
    (x0, x1), (y0, y1), (z0, z1) = space.x, space.y, space.z
    bottom = y0 + wall
    bodies.box(choose_material(rng, [ORGANIC, WATER, CELLULOSE]), rng.uniform(.4, 1.2),
               (x0 + wall, x1 - wall - rng.uniform(0, .05)),
               (bottom, bottom + (y1 - y0 - 2 * wall) * rng.uniform(.4, 1)), (z0 + wall, z1 - wall))

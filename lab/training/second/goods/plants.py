"""Food and plants: fruit crates, frozen meat, carcasses, fish blocks, flowers, plants in pots."""
import numpy as np

from ..box import Box, cells
from ..outlines import Textured
from ..parts import Parts, Pattern
from ..shapes import Ball, Bar, Block, Turned, Upright
from .sacks import field


def crate(draw, box, radius):
    """An open crate of round fruit, as a pattern."""
    inside = Parts()
    inside.shell(draw.pick(('wood', 'plastic', 'card')), box, draw.between(2, 7))
    y, row = box.y0 + radius + 5, 0
    while y + radius < box.y1:
        x = box.x0 + radius * (1 + row % 2)
        while x + radius < box.x1:
            layers = max(1, int(box.depth // (2 * radius)))
            own = radius * draw.between(.85, 1)
            inside.add('fruit',
                       Ball(x + draw.normal(radius * .1), y, 0, own, own * draw.between(.8, 1.1), own * layers * .9))
            x += 2 * radius
        y, row = y + 1.75 * radius, row + 1
    return Pattern(inside, box, 7)


def fruit(draw, space, parts):
    """Crates of fruit or vegetables on pallets, with air between the crates."""
    width, height, depth = draw.between(400, 600), draw.between(140, 320), draw.between(300, 500)
    radius = draw.log_between(22, 90)
    box = Box(0, width, 0, height - 15, 0, depth)
    patterns = [crate(draw, box, radius) for _ in range(3)]
    for at in cells(draw, space, width, height, depth, draw.between(2, 20), draw.pick((0, 0, .4))):
        with parts.unit(at):
            draw.pick(patterns).place(parts, at.x0 + draw.normal(5), at.y0, at.z0, draw.chance(.5))


def frozen_blocks(draw, space, parts):
    """Cartons of frozen meat or fish, tight, almost without structure."""
    width, height, depth = draw.between(380, 620), draw.between(120, 220), draw.between(350, 600)
    fill, rough = draw.between(.55, .95), field(draw, draw.between(.02, .15))
    for at in cells(draw, space, width, height, depth * 2, draw.between(0, 6), draw.pick((0, 0, .5))):
        with parts.unit(at):
            box = at.inset(draw.between(3, 10))
            parts.add('meat', Textured(Block(*box), rough, draw.between(35, 60)), fill=fill * draw.between(.95, 1.05))


def carcasses(draw, space, parts):
    """Halves of animals on hooks below the roof: flesh with bones, air between."""
    long = min(draw.between(1000, 1900), space.height - 150)
    for _ in range(int(space.width / 420 * draw.integer(2, 4))):
        x, z, size = draw.between(space.x0 + 250, space.x1 - 250), draw.between(space.z0 + 200,
                                                                                space.z1 - 200), draw.near(1, .15)
        top, tall = space.y1 - 130, long * size * .98
        with parts.unit(Box(x - 200, x + 200, top - tall, top, z - 150, z + 150)):
            lean = draw.normal(.04)
            parts.add('meat', Ball(x, top - tall * .62, z, 210 * size, tall * .36, 120, lean), fill=.7)
            parts.add('meat', Ball(x + 20, top - tall * .22, z, 120 * size, tall * .2, 100, lean), fill=.9)
            parts.add('sand', Bar(x, top - tall * .1, x + 60, top - tall * .8, 22, z), fill=1)
            for rib in range(7):
                y = top - tall * (.45 + rib * .05)
                parts.add('sand', Turned(x, y, 300 * size, 14, .3, z, z + 14), fill=.9)
            parts.add('steel', Bar(x, top, x + 15, space.y1 - 30, 7, z))
    for z in np.linspace(space.z0 + 200, space.z1 - 200, 4):
        parts.block('steel', space.x0, space.x1, space.y1 - 50, space.y1 - 15, z, z + 12)


def flowers(draw, space, parts):
    """Cut flowers in flat boxes, or buckets on trolleys; very light."""
    for at in cells(draw, space, draw.between(900, 1300), draw.between(180, 420), 500, draw.between(10, 60),
                    draw.pick((0, .4))):
        with parts.unit(at):
            parts.shell('card', at.inset(5), 4, fill=4)
            parts.add('leaf', Textured(Block(*at.inset(20)), field(draw, .5), 28), fill=draw.between(.5, 1.2))
            for _ in range(12):
                y = draw.between(at.y0 + 20, at.y1 - 20)
                parts.add('leaf',
                          Bar(at.x0 + 40, y, at.x1 - 100, y + draw.normal(25), draw.between(6, 20), sum(at[4:]) / 2),
                          fill=8)


def potted_plants(draw, space, parts):
    """Pots of soil with stems and leaves, on shelves."""
    radius = draw.between(60, 220)
    tall = min(draw.between(450, 1500), space.height)
    for at in cells(draw, space, 2.3 * radius, tall, 2.3 * radius, draw.between(0, 60), 0):
        x, _, z = at.centre
        with parts.unit(at):
            parts.block('wood', at.x0, at.x1, at.y0, at.y0 + 18, at.z0, at.z1)
            soil = at.y0 + 18 + radius * draw.between(1, 1.7)
            parts.add('plastic', Upright(x, z, radius, at.y0 + 18, soil + 20, inner=radius - 3))
            parts.add('soil', Upright(x, z, radius - 3, at.y0 + 20, soil))
            crown = max(60, (at.y1 - soil) * .35)
            parts.add('wood', Bar(x, soil, x + draw.normal(25), at.y1 - crown, draw.between(5, 18), z))
            for _ in range(4):
                parts.add('leaf',
                          Ball(x + draw.normal(radius * .4), at.y1 - crown * draw.between(.9, 1.4), z,
                               radius * draw.between(.5, 1.1), crown * .7, radius, draw.between(0, 3)),
                          fill=draw.between(.3, 1))

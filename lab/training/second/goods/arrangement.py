"""Ways to arrange goods: on pallets, in sections, in layers, in part of the hold, leaning; and what secures them."""
import numpy as np

from ..box import Box
from ..shapes import Ball, Turned


def pallet(draw, parts, box):
    """A wooden pallet; box: its limits."""
    for share in (0, .44, .88):
        x = box.x0 + share * box.width
        parts.block('wood', x, x + .12 * box.width, box.y0 + 22, box.y1 - 22, box.z0, box.z1, fill=.5)
    parts.block('wood', box.x0, box.x1, box.y1 - 22, box.y1, box.z0, box.z1, fill=.85)
    parts.block('wood', box.x0, box.x1, box.y0, box.y0 + 22, box.z0, box.z1, fill=.4)


def palletised(draw, space, parts, kind, key):
    """The same goods on each pallet, two pallets across, one or two high, with gaps and film around."""
    wide, gap = draw.pick((800, 1000, 1200)), draw.between(10, 140)
    high = min(draw.between(900, 2100), space.height)
    levels = 2 if high * 2 < space.height and draw.chance(.8) else 1
    x = space.x0 + draw.between(0, 100)
    while x + wide <= space.x1:
        for z0, z1 in ((space.z0 + 20, -20), (20, space.z1 - 20)):
            for level in range(levels):
                if draw.chance(0.06):
                    continue
                y = space.y0 + level * high
                box = Box(x, x + wide, y + 144, y + high * draw.pick((1, 1, .85, .6)) - 10, z0, z1)
                with parts.unit(box.slab(y=(y, box.y1))):
                    pallet(draw, parts, Box(x, x + wide, y, y + 144, z0, z1))
                    if box.height > 250:
                        kind(draw.child(key, 0 if draw.chance(.8) else int(x)), box, parts)
                    parts.shell('plastic', box, .2)
        x += wide + gap


def straps(draw, space, parts):
    for _ in range(draw.integer(1, 6)):
        x = draw.between(space.x0, space.x1 - 60)
        if draw.chance(.5):
            parts.block('textile', x, x + 50, space.y0, space.y1, space.z1 - 6, space.z1, fill=2.5)
            parts.block('steel', x - 10, x + 60, space.y0 + 500, space.y0 + 620, space.z1 - 30, space.z1, fill=.5)
        else:
            parts.add('steel',
                      Turned(x, sum(space[2:4]) / 2, space.height, 12, draw.normal(.3) + 1.57, space.z1 - 12,
                             space.z1), fill=.8)


def load_bars(draw, space, parts):
    for _ in range(draw.integer(1, 3)):
        x, y = draw.between(space.x0, space.x1 - 60), draw.between(space.y0 + 300, space.y1 - 100)
        parts.shell('aluminium' if draw.chance(.6) else 'steel', Box(x, x + 45, y, y + 45, space.z0, space.z1), 2.5)


def air_bags(draw, space, parts):
    for _ in range(draw.integer(1, 3)):
        x, y = draw.between(space.x0 + 150, space.x1 - 150), space.y0 + space.height * draw.between(.3, .6)
        parts.add('paper', Ball(x, y, 0, draw.between(60, 140), space.height * .3, 450), fill=.004)
        parts.block('paper', x - 4, x + 4, y - space.height * .3, y + space.height * .3, -450, 450, fill=.02)


def dunnage(draw, space, parts):
    for _ in range(draw.integer(3, 14)):
        x, long = draw.between(space.x0, space.x1 - 120), draw.between(300, 2000)
        if draw.chance(.5):
            parts.block('wood', x, min(x + long, space.x1), space.y0, space.y0 + 90,
                        *sorted((draw.between(-1000, 1000), draw.between(-1000, 1000))))
        else:
            parts.block('wood', x, x + 100, space.y0, space.y0 + min(long, space.height), -draw.between(100, 1000),
                        draw.between(100, 1000))


def toppled(draw, space, parts):
    """Pieces that have fallen on each other at one place on the floor."""
    x, size, material = draw.between(space.x0,
                                     space.x1), draw.between(200, 500), draw.pick(('paper', 'food', 'textile',
                                                                                   'plastic', 'wood'))
    for i in range(draw.integer(3, 18)):
        at = min(max(x + draw.normal(500), space.x0 + size), space.x1 - size)
        y = space.y0 + size * .5 + abs(draw.normal(250)) * (i > 4)
        z = draw.between(space.z0, space.z1 - size)
        parts.add(material,
                  Turned(at, min(y, space.y1 - size), size, size * draw.between(.4, 1), draw.between(0, 3.1), z,
                         z + size), fill=draw.between(.1, .8))


SECURING = (straps, load_bars, air_bags, dunnage, toppled)


def sections(draw, space, least=900):
    """Parts of a space along x, of random length."""
    count = max(1, min(draw.integer(2, 6), int(space.width // least)))
    shares = np.cumsum(draw.rng.dirichlet(np.full(count, 2.5)))[:-1]
    edges = [space.x0, *(space.x0 + space.width * shares), space.x1]
    return [space.slab(x=(a, b)) for a, b in zip(edges, edges[1:]) if b - a > least * .6]

"""Sacks, big bags and bales."""
import numpy as np

from ..box import cells
from ..outlines import Prism, Textured
from ..shapes import Ball, Block

FILLINGS = ('flour', 'cement', 'salt', 'food', 'plastic', 'sand', 'coal')


def field(draw, strength, rows=23, columns=31):
    """Factors near 1 for uneven goods."""
    return np.clip(1 + strength * draw.rng.standard_normal((rows, columns)), 0.05, 3).astype(np.float32)


def sacks(draw, space, parts):
    """Filled sacks lying on each other, bulging, some slumped."""
    content, fill = draw.pick(FILLINGS), draw.between(0.6, 1)
    width, height, depth = draw.between(450, 900), draw.between(110, 240), draw.between(600, 1200)
    lean, bulge = draw.normal(0.05), draw.between(0.9, 1.12)
    for at in cells(draw, space, width, height, depth, 5, draw.pick((0, 0.2, 0.6))):
        x, y, z = at.centre
        x += (y - space.y0) * lean + draw.normal(15)
        if not space.x0 < x - width * 0.4 < x + width * 0.4 < space.x1:
            continue
        with parts.unit(at):
            parts.add(content, Ball(x, y, z, width / 2 * 1.05, height / 2 * bulge, depth / 2, draw.normal(0.04)),
                      fill=fill)
            parts.block(content, x - width * .42, x + width * .42, at.y0 + 12, at.y1 - 12, z - depth * .12,
                        z + depth * .12, fill=fill)


def big_bags(draw, space, parts):
    content, fill = draw.pick(FILLINGS + ('scrap', 'ore')), draw.between(0.5, 0.9)
    height = min(draw.between(850, 1400), space.height)
    for at in cells(draw, space, draw.between(900, 1100), height, 1100, 20, draw.pick((0, .5))):
        x, y, z = at.centre
        half, top = at.width / 2, at.y0 + height * draw.between(0.7, 0.92)
        belly = min(half * draw.between(0.96, 1.04), half + 10)
        with parts.unit(at):
            outline = [(x - half * .9, at.y0), (x + half * .9, at.y0), (x + belly, at.y0 + height * .35),
                       (x + half * .86, top - 60), (x + draw.normal(80), top + 40), (x - half * .86, top - 60),
                       (x - belly, at.y0 + height * .35)]
            parts.add(content, Textured(Prism(outline, at.z0, at.z1), field(draw, .04), 70), fill=fill)
            for side in (-1, 1):
                parts.block('plastic', x + side * half * .8, x + side * half * .8 + 45, top - 50, at.y1 - 10, z - 40,
                            z + 40, fill=.3)


def bales(draw, space, parts):
    """Waste paper, rags, hay, cotton or plastic, pressed and tied with wire."""
    content, fill = draw.pick(('paper', 'textile', 'plastic', 'leaf')), draw.between(0.35, 1)
    fill *= {'paper': 0.8, 'plastic': 0.4, 'leaf': 1.8}.get(content, 1)
    rough, wires = draw.between(0.05, 0.3), draw.integer(2, 6)
    width, height = draw.between(900, 1700), draw.between(500, 1150)
    for at in cells(draw, space, width, min(height, space.height), 1100, draw.between(0, 30), draw.pick((0, 0.4))):
        with parts.unit(at):
            box = at.inset(draw.between(3, 15))
            parts.add(content, Textured(Block(*box), field(draw, rough), draw.between(25, 90)), fill=fill)
            for i in range(wires):
                x = box.x0 + (i + 0.5) * box.width / wires
                parts.block('steel', x, x + 3, box.y0, box.y1, box.z0, box.z0 + 4)
                for edge in (box.y0, box.y1 - 3):
                    parts.block('steel', x, x + 3, edge, edge + 3, box.z0, box.z1)

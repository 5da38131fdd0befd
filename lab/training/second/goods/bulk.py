"""Loose bulk: grain, sand, ore, coal, scrap, wood chips and stones, with the slopes of their heap."""
import numpy as np

from ..outlines import Heap
from ..shapes import Along, Ball, Bar, Disk, Turned
from .sacks import field


def surface(draw, space, low, high):
    """Knots of a heap's top that never rise above the space: xs, tops."""
    knots = draw.integer(4, 14)
    xs = np.linspace(space.x0, space.x1, knots)
    level, wave = draw.between(low, high), draw.between(0, 0.3)
    shares = level + wave * draw.rng.uniform(-1, 1, knots)
    if draw.chance(0.4):
        shares[-1 if draw.chance(0.5) else 0] *= 0.3
    if draw.chance(0.25):
        shares = level * (1.2 - np.abs(np.linspace(-1, 1, knots)))
    fine = np.linspace(space.x0, space.x1, 60)
    place = np.interp(fine, xs, np.arange(knots))
    low, part = np.minimum(place.astype(int), knots - 2), place % 1
    part[-1] = 1
    smooth = shares[low] + (shares[low + 1] - shares[low]) * (1 - np.cos(np.pi * part)) / 2
    return fine, space.y0 + space.height * np.clip(smooth, 0.04, 0.97)


def heap(draw, space, parts, content, fill, rough, cell, levels=(0.25, 0.85)):
    xs, tops = surface(draw, space, *levels)
    parts.add(content, Heap(xs, tops, space.y0, space.z0 + 10, space.z1 - 10, field(draw, rough, 41, 53), cell),
              fill=fill)
    return xs, tops


def grain(draw, space, parts):
    heap(draw, space, parts, draw.pick(('flour', 'food', 'plastic', 'salt')), draw.between(0.5, 0.9), 0.01, 60)


def minerals(draw, space, parts):
    content = draw.pick(('sand', 'ore', 'coal', 'cement', 'stone'))
    heap(draw, space, parts, content, draw.between(0.4, 0.7), draw.between(0.03, 0.15), draw.between(30, 90),
         (0.1, 0.5))


def chips(draw, space, parts):
    content = draw.pick(('wood', 'leaf', 'rubber', 'plastic', 'foam'))
    heap(draw, space, parts, content, draw.between(0.3, 0.8), draw.between(0.05, 0.3), draw.between(25, 60),
         (.4, .95))


def stones(draw, space, parts):
    """Boulders or root crops on each other."""
    content, size = draw.pick(('stone', 'fruit', 'coal', 'hardwood')), draw.log_between(60, 260)
    fill, (xs, tops) = draw.between(0.5, 1), surface(draw, space, 0.2, 0.7)
    for _ in range(int(min(900, space.width * space.height * 0.5 / size ** 2 * 3))):
        x = draw.between(space.x0 + size, space.x1 - size)
        top = np.interp(x, xs, tops) - size
        if top > space.y0 + size:
            parts.add(content,
                      Ball(x, draw.between(space.y0 + size * .6, top), draw.between(space.z0 + size, space.z1 - size),
                                    size * draw.between(.5, 1), size * draw.between(.5, .9), size,
                           draw.between(0, 3)), fill=fill)


def scrap_piece(draw, x, y, z, size):
    kind = draw.integer(0, 4)
    angle, thick = draw.between(0, 3.14), draw.log_between(4, 60)
    if kind == 0:
        return Turned(x, y, size * 2, size * draw.between(.1, 1), angle, z, z + thick)
    if kind == 1:
        return Disk(x, y, size, z, z + thick * 2, inner=size * draw.between(0.3, 0.9))
    if kind == 2:
        return Bar(x - size * np.cos(angle), y - size * np.sin(angle), x + size * np.cos(angle),
                   y + size * np.sin(angle),
                   thick / 2 + 6, z, inner=thick / 3)
    if kind == 3:
        return Along(y, z, thick, x - size, x + size, inner=thick * draw.between(0, .9))
    return Ball(x, y, z, size, size * draw.between(.2, .8), thick, angle)


def scrap(draw, space, parts):
    """Metal scrap: a rough heap with pieces of every form in it."""
    metal = draw.pick(('steel', 'aluminium', 'copper', 'steel'))
    fill = {'steel': 1, 'aluminium': 0.5, 'copper': 1}[metal]
    xs, tops = heap(draw, space, parts, 'scrap', draw.log_between(0.08, 0.5) * fill, draw.between(.2, .6),
                    draw.between(30, 120), (.15, .6))
    for _ in range(int(min(700, space.width * space.height / 25_000))):
        size = draw.log_between(50, 500)
        x = draw.between(space.x0 + size, space.x1 - size) if space.width > 2 * size else sum(space[:2]) / 2
        top = np.interp(x, xs, tops)
        y = draw.between(space.y0 + min(size, 100), max(space.y0 + 110, top - size * .5))
        parts.add(metal, scrap_piece(draw, x, y, draw.between(space.z0 + 100, space.z1 - 200), size), fill=0.8)

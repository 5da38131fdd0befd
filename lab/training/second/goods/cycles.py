"""Motorcycles and bicycles."""
import numpy as np

from ..box import Box, cells
from ..shapes import Ball, Bar, Disk, Turned
from .machines import casting


def motorcycle(draw, parts, x, y, long, z):
    radius = draw.between(250, 340)
    front, rear, seat = x + radius, x + long - radius, y + draw.between(720, 850)
    for at in (front, rear):
        parts.add('rubber', Disk(at, y + radius, radius, z, z + 120, inner=radius * .75), fill=.5)
        parts.add('aluminium', Disk(at, y + radius, radius * .76, z, z + 80, inner=radius * .68), fill=.5)
        parts.add('steel', Disk(at, y + radius, radius * .4, z, z + 8, inner=radius * .2))
        parts.add('aluminium', Disk(at, y + radius, 60, z, z + 140))
    parts.add('steel', Bar(front, y + radius, front + 260, y + 950, 26, z + 60, inner=18), fill=2)
    parts.add('steel', Bar(front + 230, y + 900, rear, y + radius, 30, z + 60, inner=26), fill=2)
    parts.add('steel', Bar(front + 230, y + 900, rear - 100, seat, 24, z + 60, inner=20), fill=2)
    casting(draw, parts, Box(front + 330, front + 330 + long * .22, y + 250, y + 600, z - 150, z + 250))
    parts.add('steel', Ball(front + long * .28, seat + 60, z + 60, long * .13, 120, 150), fill=.03)
    parts.add('oil', Ball(front + long * .28, seat + 40, z + 60, long * .12, 80, 130), fill=draw.between(0.01, 1))
    parts.add('foam', Turned(rear - 180, seat + 20, 500, 90, .05, z - 80, z + 180), fill=3)
    parts.add('steel', Bar(front + 500, y + 260, rear + 80, y + 330, 50, z + 150, inner=46))


def motorcycles(draw, space, parts):
    crated = draw.chance(0.5)
    for at in cells(draw, space, draw.between(1700, 2200), min(1250, space.height), 780, draw.between(20, 120),
                    draw.pick((0, .6))):
        with parts.unit(at):
            motorcycle(draw, parts, at.x0 + 40, at.y0 + 60, at.width - 80, (at.z0 + at.z1) / 2 - 50)
            if crated:
                for x in (at.x0, at.x1 - 40):
                    parts.shell('steel', Box(x, x + 40, at.y0, at.y1, at.z0, at.z0 + 40), 2.5)
                for y in (at.y0, at.y1 - 40):
                    parts.shell('steel', Box(at.x0, at.x1, y, y + 40, at.z0, at.z0 + 40), 2.5)


def bicycle(draw, parts, x, y, long, z):
    radius, metal = long * .2, draw.pick(('steel', 'aluminium'))
    front, rear, top = x + radius, x + long - radius, y + long * draw.between(.46, .55)
    crank, head = (x + long * .55, y + radius * .85), (front + long * .1, top - 30)
    for at in (front, rear):
        parts.add('rubber', Disk(at, y + radius, radius, z, z + 40, inner=radius - 28), fill=.3)
        parts.add('aluminium', Disk(at, y + radius, radius - 26, z, z + 20, inner=radius - 42))
        for spoke in range(5):
            angle = spoke * .63 + draw.between(0, .3)
            dx, dy = (radius - 30) * np.cos(angle), (radius - 30) * np.sin(angle)
            parts.add('steel', Turned(at, y + radius, 2 * (radius - 30), 4, angle, z, z + 4))
        parts.add('steel', Disk(at, y + radius, 22, z, z + 90))
    for a, b in (((front, y + radius), head), (head, crank), (head, (rear - long * .22, top - 20)),
                 (crank, (rear - long * .25, top + 60)),
                 (crank, (rear, y + radius)), ((rear - long * .22, top - 20), (rear, y + radius)),
                 (head, (head[0] + 30, top + 90))):
        parts.add(metal, Bar(*a, *b, draw.between(13, 22), z + 20, inner=12))
    parts.add('steel', Disk(*crank, 85, z, z + 8, inner=50))


def bicycles(draw, space, parts):
    """Bicycles side by side and hanging above each other, at random offsets."""
    levels = max(1, int(space.height // 1050))
    for level in range(levels):
        for _ in range(int(space.width / 1700 * draw.integer(2, 6))):
            x, z = draw.between(space.x0, space.x1 - 1700), draw.between(space.z0, space.z1 - 100)
            y = space.y0 + level * 1050
            with parts.unit(Box(x, x + 1650, y, y + 1000, z, z + 100)):
                bicycle(draw, parts, x, y, draw.between(1300, 1680), z)

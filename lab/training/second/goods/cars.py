"""Cars, tyres and parts of cars."""
import numpy as np

from ..box import Box, cells
from ..outlines import Prism
from ..shapes import Ball, Bar, Disk, Turned, Upright
from .machines import casting


def tyre(parts, x, y, radius, z, wide, rim=None):
    """A tyre seen from its side; rim: a material or None."""
    parts.add('rubber', Disk(x, y, radius, z, z + wide, inner=radius * .8), fill=.55)
    parts.add('rubber', Disk(x, y, radius * .82, z, z + wide, inner=radius * .6), fill=.14)
    parts.add('steel', Disk(x, y, radius * .97, z, z + wide, inner=radius * .93), fill=.07)
    if rim:
        parts.add(rim, Disk(x, y, radius * .6, z, z + wide, inner=radius * .56), fill=.5)
        parts.add(rim, Disk(x, y, radius * .57, z + 60, z + 74, inner=radius * .12), fill=.8)
        parts.add('iron', Disk(x, y, radius * .42, z + 40, z + 62))


def seats(parts, at, y, z, sign):
    """Two rows of two seats. at: x in mm of a share of the car's length."""
    for share in (.42, .66):
        for seat in (z - 650, z + 150):
            parts.add('foam', Turned(at(share), y + 520, 480, 140, 0.1, seat, seat + 480), fill=2.5)
            parts.add('foam', Turned(at(share + .07), y + 830, 150, 600, -.2 * sign, seat, seat + 460), fill=2.5)
            parts.add('steel', Turned(at(share + .07), y + 830, 40, 600, -.2 * sign, seat, seat + 20))


def car(draw, parts, x, y, long, sign, z=0):
    """A car on its wheels. x: front, y: ground, sign: 1 if it stretches to the right."""
    roof, hood = y + draw.between(1380, 1850), y + draw.between(800, 1050)
    at = lambda share: x + sign * share * long
    rear = draw.between(.72, .98)
    side = [(at(.01), y + 300), (at(0), hood - 150), (at(.25), hood), (at(.42), roof), (at(rear - .1), roof),
            (at(rear), hood),
            (at(1), hood - 50), (at(1), y + 300)]
    window = [(at(.32), hood + 20), (at(.43), roof - 60), (at(rear - .12), roof - 60), (at(rear - .05), hood + 20)]
    for half in (z - 850, z + 840):
        parts.add('steel', Prism(side, half, half + draw.between(1.8, 3)))
        parts.add('steel', Prism(window, half, half + 1.8), fill=-1)
        parts.add('glass', Prism(window, half, half + 3.5))
    for low, high in ((roof - 4, roof), (y + 270, y + 274)):
        parts.block('steel', *sorted((at(.42), at(rear - .1))), low, high, z - 800, z + 800, fill=.5)
    parts.block('steel', *sorted((at(.05), at(.95))), y + 230, y + 330, z - 700, z - 620, fill=.1)
    front, tail = draw.between(.15, .2), draw.between(.78, .84)
    radius = draw.between(290, 380)
    for share in (front, tail):
        for wheel_z in (z - 850, z + 640):
            tyre(parts, at(share), y + radius, radius, wheel_z, 210, draw.pick(('aluminium', 'steel')))
        parts.add('steel', Disk(at(share), y + radius, 35, z - 640, z + 640))
    if draw.chance(0.92):
        casting(draw, parts, Box(*sorted((at(.08), at(.22))), y + 330, y + 800, z - 300, z + 250))
        parts.add('aluminium', Ball(at(.24), y + 430, z, 200, 150, 180), fill=.5)
    seats(parts, at, y, z, sign)
    parts.block('plastic', *sorted((at(.29), at(.34))), y + 700, y + 950, z - 700, z + 700, fill=.15)
    parts.add('steel', Bar(at(.25), y + 240, at(.97), y + 260, 32, z, inner=29))
    parts.block('plastic', *sorted((at(.68), at(.78))), y + 250, y + 450, z - 450, z + 300, fill=draw.between(.1, .7))
    parts.block('lead', *sorted((at(.05), at(.1))), y + 600, y + 780, z + 300, z + 470, fill=.35)


def cars(draw, space, parts):
    """Cars in line; some on a raised rack; goods or nothing in them."""
    x = space.x0 + draw.between(50, 300)
    while x + 3500 < space.x1:
        long = draw.between(3500, min(4900, space.x1 - x))
        y = space.y0 + (draw.between(0, 500) if draw.chance(.2) and space.height > 2450 else 0)
        with parts.unit(Box(x, x + long, y, y + 1500, -900, 900)):
            sign = draw.pick((-1, 1))
            car(draw, parts, x if sign > 0 else x + long, y, long, sign)
            for _ in range(draw.integer(0, 6)):
                size, left = draw.between(150, 500), x + long * draw.between(.4, .8)
                parts.block(draw.pick(('textile', 'paper', 'plastic', 'scrap')), left, left + size, y + 450,
                            y + 450 + size * .8, -400, -400 + size, fill=.3)
        x += long + draw.between(80, 600)


def tyres(draw, space, parts):
    """Tyres lying in columns, standing on their tread, or thrown; some on rims."""
    radius, wide, rim = draw.between(260, 560), draw.between(150, 320), draw.pick((None, None, 'steel', 'aluminium'))
    if draw.chance(0.5):
        for at in cells(draw, space, 2 * radius, wide, 2 * radius, 5, draw.pick((0, .5))):
            x, _, z = at.centre
            x += draw.normal(25)
            with parts.unit(at):
                parts.add('rubber', Upright(x, z, radius, at.y0, at.y1 - 6, inner=radius * .82), fill=.5)
                for y in (at.y0, at.y1 - 30):
                    parts.add('rubber', Upright(x, z, radius * .96, y, y + 24, inner=radius * .6), fill=.5)
                if rim:
                    parts.add(rim, Upright(x, z, radius * .6, at.y0 + 10, at.y1 - 16, inner=radius * .56))
        return
    for at in cells(draw, space, 2 * radius, 1.8 * radius, wide, 4, draw.pick((.1, .6))):
        x, y, _ = at.centre
        with parts.unit(at):
            tyre(parts, x + draw.normal(30), y, radius, at.z0, wide, rim)


def car_parts(draw, space, parts):
    """Doors, bumpers, springs, axles, engines and exhausts, thrown on each other in layers."""
    for _ in range(int(space.width / 1000 * draw.integer(14, 40))):
        x, z = draw.between(space.x0 + 500, max(space.x0 + 501, space.x1 - 500)), draw.between(space.z0,
                                                                                               space.z1 - 450)
        y, kind = space.y0 + 200 + (space.height - 450) * draw.between(0, 1) * draw.between(.4, 1), draw.integer(0, 5)
        with parts.unit(Box(x - 400, x + 400, y - 200, y + 200, z, z + 300)):
            if kind == 0:
                parts.add('steel', Turned(x, y, 900, 380, draw.normal(.4), z, z + draw.between(2, 5)))
            elif kind == 1:
                parts.add('steel', Disk(x, y, draw.between(120, 190), z, z + draw.between(15, 60), inner=60))
            elif kind == 2:
                angle = draw.between(0, 3)
                parts.add('steel',
                          Bar(x - 400 * np.cos(angle), y - 180 * np.sin(angle), x + 400 * np.cos(angle),
                              y + 180 * np.sin(angle), draw.between(15, 40), z, inner=13))
            elif kind == 3:
                casting(draw, parts, Box(x - 250, x + 250, y - 180, y + 180, z, z + 400))
            elif kind == 4:
                parts.add('plastic', Turned(x, y, 950, 160, draw.normal(.5), z, z + 60), fill=.3)
            else:
                tyre(parts, x, y, 190, z, 150, 'aluminium')

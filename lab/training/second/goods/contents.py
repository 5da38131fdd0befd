"""What is inside a carton. Each function fills a box with one product, its own sizes drawn each time."""
from ..box import Box
from ..shapes import Ball, Disk, Turned, Upright
from .hardware import batteries, bearings, hardware, lamps, toys, tubes


def _uprights(draw, parts, box, radius, gap):
    """Places for upright round things: x and z of each."""
    step = 2 * radius + gap
    for i in range(max(1, int(box.width // step))):
        for k in range(max(1, int(box.depth // step))):
            yield box.x0 + radius + gap / 2 + i * step, box.z0 + radius + gap / 2 + k * step


def bottles(draw, parts, box):
    glass, liquid = draw.pick(('glass', 'plastic')), draw.pick(('water', 'oil', 'water'))
    radius, wall = min(draw.between(30, 55), box.width / 4), draw.between(1.5, 4)
    top, level, cap = box.y1 - 15, draw.between(0.7, 0.95), draw.pick(('plastic', 'aluminium', 'steel'))
    shoulder = box.y0 + 5 + (top - box.y0) * draw.between(0.5, 0.72)
    for x, z in _uprights(draw, parts, box, radius, draw.between(1, 8)):
        parts.add(glass, Upright(x, z, radius, box.y0 + 5, shoulder, inner=radius - wall))
        parts.add(liquid, Upright(x, z, radius - wall, box.y0 + 8, box.y0 + 8 + (shoulder - box.y0) * level))
        parts.add(glass, Upright(x, z, radius * 0.38, shoulder, top, inner=radius * 0.38 - wall))
        parts.add(cap, Upright(x, z, radius * 0.4, top - 12, top), fill=0.4)


def cans(draw, parts, box):
    metal, content = draw.pick(('aluminium', 'steel')), draw.pick(('water', 'food', 'oil', 'resin'))
    radius, tall = draw.between(28, 55), draw.between(60, 170)
    for x, z in _uprights(draw, parts, box, radius, 1):
        for level in range(max(1, int(box.height // tall))):
            y = box.y0 + level * tall
            parts.add(metal, Upright(x, z, radius, y, y + tall, inner=radius - draw.between(0.2, 0.35)))
            parts.add(content, Upright(x, z, radius - 1, y + 2, y + tall * draw.between(0.85, 0.97)))


def electronics(draw, parts, box):
    parts.shell('foam', box.inset(4), draw.between(15, 45))
    case = box.inset(draw.between(30, 55))
    if case.width < 60 or case.height < 60 or case.depth < 60:
        case = box.inset(15)
    parts.shell(draw.pick(('plastic', 'steel', 'aluminium')), case, draw.between(0.8, 3))
    for _ in range(draw.integer(1, 4)):
        y = draw.between(case.y0, case.y1 - 5)
        parts.block('board', case.x0 + 5, case.x1 - 5, y, y + 2, case.z0 + 5, case.z1 - 5, fill=1.2)
    for _ in range(draw.integer(3, 9)):
        x, y, size = draw.between(case.x0, case.x1 - 30), draw.between(case.y0, case.y1 - 30), draw.log_between(8, 60)
        size = min(size, case.x1 - x, case.y1 - y)
        parts.block(draw.pick(('copper', 'steel', 'aluminium', 'plastic')), x, x + size, y, y + size * .8, 0, size,
                    fill=.5)


def shoes(draw, parts, box):
    tall, wide = draw.between(95, 130), draw.between(180, 330)
    for i in range(max(1, int(box.width // wide))):
        for j in range(max(1, int(box.height // tall))):
            x, y = box.x0 + i * wide, box.y0 + j * tall
            parts.shell('card', Box(x, x + wide, y, y + tall, box.z0, box.z1), 2, fill=5)
            for _ in range(draw.integer(1, 3)):
                lift = draw.between(10, tall * 0.4)
                parts.add('rubber', Turned(x + wide / 2, y + lift, wide * .85, 18, draw.normal(0.08), 0, 110),
                          fill=.6)
                parts.add('leather', Ball(x + wide * draw.between(.3, .7), y + lift + 28, 50, wide * .3, 28, 45),
                          fill=.5)


def books(draw, parts, box):
    y, fill = box.y0, draw.between(0.8, 1.1)
    while y < box.y1 - 8:
        thick = min(draw.log_between(8, 70), box.y1 - y)
        right = box.x1 - draw.between(0, box.width * 0.15)
        parts.block('paper', box.x0 + draw.between(0, 20), right, y, y + thick - 1, box.z0, box.z1, fill=fill)
        y += thick


def clothes(draw, parts, box):
    y = box.y0
    while y < box.y1 - 10:
        thick = min(draw.between(25, 90), box.y1 - y)
        parts.block('textile', box.x0 + 5, box.x1 - 5, y, y + thick - draw.between(0, 6), box.z0, box.z1,
                    fill=draw.between(0.5, 1.2))
        y += thick
    for _ in range(draw.integer(0, 4)):
        parts.add('zinc', Disk(draw.between(box.x0, box.x1), draw.between(box.y0, box.y1), 8, 0, 8))


def cosmetics(draw, parts, box):
    """Tubes, jars and sprays, several sizes in one box."""
    y = box.y0
    while y < box.y1 - 50:
        tall, radius = min(draw.between(50, 180), box.y1 - y), draw.between(15, 38)
        content = draw.pick(('water', 'oil', 'resin'))
        for x, z in _uprights(draw, parts, box, radius, draw.between(2, 14)):
            parts.add('plastic', Upright(x, z, radius, y, y + tall - 3, inner=radius - 2))
            parts.add(content, Upright(x, z, radius - 2, y + 2, y + tall * draw.between(.5, .9)))
        y += tall


def tins_of_powder(draw, parts, box):
    content = draw.pick(('flour', 'cement', 'salt', 'food', 'drug'))
    y, fill = box.y0, draw.between(0.5, 1)
    tall, wide = draw.between(80, 260), draw.between(60, 200)
    while y + 30 < box.y1:
        x = box.x0
        while x + 30 < box.x1:
            parts.block(content, x + 2, min(x + wide, box.x1) - 2, y + 2,
                        min(y + tall * draw.between(.8, .98), box.y1),
                        box.z0 + 3, box.z1 - 3, fill=fill)
            x += wide
        y += tall


CONTENTS = {f.__name__: f for f in (bottles, cans, electronics, shoes, books, toys, hardware, clothes, cosmetics,
                                    batteries, lamps, bearings, tubes, tins_of_powder)}

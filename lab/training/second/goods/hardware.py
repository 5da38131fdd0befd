"""What is inside a carton: things of metal, glass or mixed materials, at any angle."""
from ..shapes import Ball, Bar, Disk, Turned, Upright


def toys(draw, parts, box):
    for _ in range(draw.integer(5, 14)):
        x, y, z = draw.between(box.x0 + 30, box.x1 - 30), draw.between(box.y0 + 30, box.y1 - 30), 100
        size = draw.log_between(20, 75)
        kind = draw.integer(0, 3)
        if kind == 0:
            parts.add('plastic', Ball(x, y, z, size, size * draw.between(.4, 1), size, draw.between(0, 3)),
                      fill=draw.between(.05, .5))
        elif kind == 1:
            parts.add('plastic', Disk(x, y, size, 20, 60, inner=size * .7))
        elif kind == 2:
            parts.add('plastic', Turned(x, y, size * 2, size * .4, draw.between(0, 3), 0, size), fill=.6)
        else:
            parts.add('steel', Turned(x, y, size * .6, size * .4, draw.between(0, 3), 0, 25), fill=.6)


def hardware(draw, parts, box):
    """Screws, hinges, tools: small pieces of metal at any angle."""
    metal = draw.pick(('steel', 'brass', 'zinc', 'aluminium'))
    for _ in range(draw.integer(15, 40)):
        x, y = draw.between(box.x0 + 20, box.x1 - 20), draw.between(box.y0 + 10, box.y1 - 10)
        length = draw.log_between(20, min(160, box.width * 0.6))
        parts.add(metal,
                  Turned(x, y, length, length * draw.between(.08, .4), draw.between(0, 3.1), 0,
                         draw.log_between(4, 30)))


def batteries(draw, parts, box):
    count = max(1, int(box.width // draw.between(60, 160)))
    for i in range(count):
        x0, x1 = box.x0 + i * box.width / count, box.x0 + (i + 1) * box.width / count - 5
        parts.block('plastic', x0, x1, box.y0, box.y1 - 20, box.z0, box.z1, fill=0.12)
        cellwide = (x1 - x0) / draw.integer(2, 6)
        at = x0 + 3
        while at + cellwide < x1 + 3:
            parts.block('lead', at, at + cellwide - 6, box.y0 + 8, box.y1 - 60, box.z0 + 8, box.z1 - 8, fill=.14)
            at += cellwide
        parts.add('lead', Upright((x0 + x1) / 2, box.z0 + 30, 9, box.y1 - 60, box.y1))


def lamps(draw, parts, box):
    for i in range(max(1, int(box.width // 110))):
        for j in range(max(1, int(box.height // 130))):
            x, y = box.x0 + 55 + i * 110, box.y0 + 65 + j * 130
            parts.add('glass', Ball(x, y + 15, 50, 38), fill=0.04 * draw.between(.5, 2))
            parts.add('aluminium', Turned(x, y - 40, 28, 36, 0, 0, 28), fill=0.3)
            parts.add('copper', Turned(x, y - 38, 14, 18, 0, 0, 14), fill=0.4)


def bearings(draw, parts, box):
    """Rings and gears, flat or on edge."""
    radius = draw.log_between(25, min(box.width, box.height) / 2.2)
    for i in range(max(1, int(box.width // (2 * radius)))):
        for j in range(max(1, int(box.height // (2 * radius)))):
            x, y = box.x0 + (2 * i + 1) * radius, box.y0 + (2 * j + 1) * radius
            parts.add('steel',
                      Disk(x, y, radius * .96, 0, box.depth * draw.between(.15, .5),
                           inner=radius * draw.between(.4, .75)))


def tubes(draw, parts, box):
    for _ in range(draw.integer(6, 16)):
        y0, y1 = draw.between(box.y0 + 20, box.y1 - 20), draw.between(box.y0 + 20, box.y1 - 20)
        radius = draw.between(8, 20)
        parts.add(draw.pick(('plastic', 'aluminium', 'steel')),
                  Bar(box.x0 + 20, y0, box.x1 - 20, y1, radius, 60, inner=radius * .8))

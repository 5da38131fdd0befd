"""Timber: logs, sawn boards and panels."""
from ..box import Box, cells
from ..shapes import Bar, Disk


def logs(draw, space, parts):
    """Round timber along the hold or across it, of uneven thickness, some hollow or crooked."""
    density, radius = draw.between(0.8, 1.4), draw.between(80, 300)
    if draw.chance(0.5):
        for at in cells(draw, space, space.width * draw.pick((1, .49)), 1.8 * radius, 2 * radius, 5,
                        draw.pick((.1, .7))):
            own, z = radius * draw.between(0.7, 1), (at.z0 + at.z1) / 2
            y, right = at.y0 + radius, at.x1 - draw.between(0, 400)
            if y + own < space.y1:
                with parts.unit(at):
                    parts.add('hardwood',
                              Bar(at.x0 + own, y + draw.normal(12), right - own, y + draw.normal(12), own, z),
                              fill=density)
        return
    for at in cells(draw, space, 2 * radius, 1.8 * radius, draw.pick((space.depth, space.depth / 2)), 3,
                    draw.pick((.1, .7))):
        x, y, _ = at.centre
        own = radius * draw.between(0.6, 1)
        with parts.unit(at):
            parts.add('hardwood', Disk(x, y, own, at.z0 + draw.between(0, 200), at.z1 - draw.between(0, 200)),
                      fill=density)
            parts.add('hardwood', Disk(x, y, own * .3, at.z0 + 200, at.z1 - 200), fill=density * .15)


def boards(draw, space, parts):
    """Packs of sawn timber: layers of boards with thin laths between."""
    density, thick = draw.between(0.75, 1.2), draw.between(18, 70)
    height, wide = min(draw.between(500, 1150), space.height), draw.between(900, 1150)
    long = min(draw.between(2000, 6000), space.width)
    lath, dense = draw.pick((0, 15, 25)), draw.between(0.85, 1)
    for at in cells(draw, space, long, height, wide, 40, draw.pick((0, .5))):
        with parts.unit(at):
            y = at.y0 + 70
            while y + thick < at.y1:
                parts.block('wood', at.x0 + draw.between(0, 40), at.x1 - draw.between(0, 200), y, y + thick, at.z0,
                            at.z1, fill=density * dense)
                for i in range(6 if lath else 0):
                    x = at.x0 + (i + .5) * at.width / 6
                    parts.block('wood', x, x + 40, y + thick, y + thick + lath, at.z0, at.z1, fill=density)
                y += thick + lath + 1
            for share in (.1, .5, .9):
                x = at.x0 + share * at.width
                parts.block('wood', x, x + 90, at.y0, at.y0 + 70, at.z0, at.z1)


def panels(draw, space, parts):
    """Stacks of plywood, doors or laminate, flat or on edge."""
    density, x = draw.between(0.9, 1.6), space.x0
    edge = draw.chance(0.4)
    while x + 600 < space.x1:
        long = min(draw.between(1200, 2600), space.x1 - x)
        height = space.height * draw.between(0.25, 0.9)
        for z in (space.z0, sum(space[4:]) / 2 + 20):
            y, deep = space.y0 + 90, space.depth / 2 - 40
            parts.block('wood', x, x + long, space.y0, y, z, z + deep, fill=.35)
            if edge:
                parts.block('wood', x, x + long, y, y + height * .8, z, z + deep * draw.between(.4, 1), fill=density)
                continue
            while y < space.y0 + height - 60:
                thick = min(draw.between(100, 500), space.y0 + height - y)
                box = Box(x, x + long, y, y + thick - 12, z, z + deep)
                with parts.unit(box):
                    parts.box('wood', box, fill=density)
                y += thick
        x += long + draw.between(20, 150)

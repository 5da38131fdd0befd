"""White goods and televisions, one in a box."""
from ..box import Box
from ..shapes import Ball, Disk
from .machines import motor


def washing_machine(draw, parts, box):
    parts.shell('steel', box.inset(8), 1)
    x, y, _ = box.centre
    radius = min(box.width, box.height) * .38
    parts.add('steel', Disk(x, y + 20, radius, box.z0 + 80, box.z1 - 80, inner=radius - 1.5))
    parts.add('plastic', Disk(x, y + 20, radius + 30, box.z0 + 60, box.z1 - 60, inner=radius + 25))
    parts.block('cement', x - radius, x + radius, box.y1 - 130, box.y1 - 60, box.z0 + 150, box.z1 - 150, fill=1.4)
    parts.block('cement', x - radius * .7, x + radius * .7, box.y0 + 60, box.y0 + 130, box.z0 + 60, box.z0 + 160,
                fill=1.4)
    motor(draw, parts, Box(x - 130, x + 130, box.y0 + 30, box.y0 + 190, box.z1 - 240, box.z1 - 60))


def fridge(draw, parts, box):
    parts.shell('steel', box.inset(6), .7)
    parts.shell('foam', box.inset(8), draw.between(40, 65), fill=1.3)
    for share in (.3, .5, .7):
        y = box.y0 + share * box.height
        parts.block('glass', box.x0 + 60, box.x1 - 60, y, y + 4, box.z0 + 60, box.z1 - 60)
    parts.add('iron', Ball(sum(box[:2]) / 2, box.y0 + 110, box.z0 + 130, 110, 90, 100), fill=.35)
    parts.block('copper', box.x0 + 40, box.x1 - 40, box.y0 + 200, box.y1 - 60, box.z0 + 4, box.z0 + 6, fill=.3)


def oven(draw, parts, box):
    parts.shell('steel', box.inset(6), 1)
    parts.shell('steel', box.inset(70), 1.2)
    parts.shell('foam', box.inset(20), 45, fill=2)
    for i in range(4):
        y = box.y0 + 100 + i * box.height * .15
        parts.block('steel', box.x0 + 75, box.x1 - 75, y, y + 6, box.z0 + 75, box.z1 - 75, fill=.2)
    parts.block('glass', box.x0 + 60, box.x1 - 60, box.y0 + 80, box.y1 - 120, box.z1 - 20, box.z1 - 12)


def television(draw, parts, box):
    parts.shell('foam', box.inset(5), 35)
    parts.block('glass', box.x0 + 40, box.x1 - 40, box.y0 + 40, box.y1 - 40, box.z0 + 50, box.z0 + 54)
    parts.block('steel', box.x0 + 45, box.x1 - 45, box.y0 + 45, box.y1 - 45, box.z0 + 60, box.z0 + 61)
    parts.block('board', box.x0 + box.width * .35, box.x0 + box.width * .6, box.y0 + box.height * .3,
                box.y0 + box.height * .6, box.z0 + 65, box.z0 + 72)


APPLIANCES = (washing_machine, fridge, oven, television)

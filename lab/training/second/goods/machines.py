"""Machines: castings with cavities, shafts, gears, motors, pumps, tool machines, transformers and panels."""
from ..box import Box
from ..outlines import Prism
from ..shapes import Along, Bar, Disk, Upright


def casting(draw, parts, box):
    """A thick-walled case with ribs, bores and a flange."""
    metal, wall = draw.pick(('iron', 'aluminium', 'iron')), draw.between(12, 45)
    parts.shell(metal, box, min(wall, box.width / 4, box.height / 4, box.depth / 4))
    for _ in range(draw.integer(1, 4)):
        x = draw.between(box.x0, box.x1 - 20)
        parts.block(metal, x, x + draw.between(12, 40), *box[2:])
    for _ in range(draw.integer(1, 3)):
        radius = draw.between(0.12, 0.3) * min(box.width, box.height)
        x, y = draw.between(box.x0 + radius, box.x1 - radius), draw.between(box.y0 + radius, box.y1 - radius)
        parts.add('steel',
                  Disk(x, y, radius, *sorted((box.z0, box.z0 + box.depth * draw.between(.3, 1))),
                       inner=radius * draw.between(.3, .8)))
    y = draw.between(box.y0 + box.height * .2, box.y1 - box.height * .2)
    parts.add('steel',
              Along(y, (box.z0 + box.z1) / 2, min(box.height, box.depth) * draw.between(.05, .12), box.x0, box.x1))


def motor(draw, parts, box):
    """Stator, windings, rotor, shaft, cooling ribs, box of terminals; lies along x."""
    radius, y, z = min(box.height, box.depth) * .42, (box.y0 + box.y1) / 2, (box.z0 + box.z1) / 2
    x0, x1 = box.x0 + box.width * .1, box.x1 - box.width * .15
    parts.add('iron', Along(y, z, radius, x0, x1, inner=radius * .9))
    parts.add('steel', Along(y, z, radius * .88, x0 + 60, x1 - 60, inner=radius * .55), fill=.7)
    parts.add('copper', Along(y, z, radius * .8, x0 + 20, x1 - 20, inner=radius * .6), fill=.25)
    parts.add('steel', Along(y, z, radius * .5, x0 + 60, x1 - 60), fill=.8)
    parts.add('steel', Along(y, z, radius * .13, box.x0, box.x1))
    parts.block('iron', x0, x1, box.y0, y - radius * .9, z - radius, z + radius, fill=.15)


def gearbox(draw, parts, box):
    casting(draw, parts, box)
    x = box.x0
    while x < box.x1:
        radius = min(draw.between(.15, .4) * box.height, (box.x1 - x) / 2)
        if radius < 25:
            break
        y = draw.between(box.y0 + radius, box.y1 - radius)
        parts.add('steel',
                  Disk(x + radius, y, radius, box.z0 + box.depth * .3, box.z0 + box.depth * draw.between(.4, .6),
                       inner=radius * .2))
        x += radius * draw.between(1.2, 2)


def pump(draw, parts, box):
    radius = min(box.width * .4, box.height) * .42
    x, y = box.x0 + radius, box.y0 + radius * 1.2
    parts.add('iron', Disk(x, y, radius, box.z0 + 60, box.z0 + 60 + radius, inner=radius * .82))
    parts.add('brass', Disk(x, y, radius * .7, box.z0 + 90, box.z0 + 150, inner=radius * .2))
    parts.add('iron',
              Upright(x + radius * .6, box.z0 + 150, radius * .35, y, min(box.y1, y + 2 * radius),
                      inner=radius * .28))
    motor(draw, parts, Box(x + radius, box.x1, y - radius, y + radius, box.z0, box.z1))


def cabinet(draw, parts, box):
    """An electric cabinet or transformer: sheet case, rails, windings or devices."""
    parts.shell('steel', box, draw.between(1.5, 3))
    if draw.chance(0.5):
        third = box.width / 3
        for i in range(3):
            x, y0, y1 = box.x0 + (i + .5) * third, box.y0 + box.height * .15, box.y1 - box.height * .2
            parts.add('steel', Upright(x, sum(box[4:]) / 2, third * .2, y0, y1), fill=.9)
            parts.add('copper', Upright(x, sum(box[4:]) / 2, third * .4, y0 + 60, y1 - 60, inner=third * .26),
                      fill=.4)
        parts.box('oil', box.inset(8).slab(y=(box.y0 + 8, box.y1 - box.height * .1)), fill=draw.pick((0.001, .6)))
        return
    for level in range(draw.integer(2, 7)):
        y = box.y0 + 80 + level * (box.height - 150) / 7
        parts.block('steel', box.x0, box.x1, y, y + 35, box.z0 + 100, box.z0 + 103)
        x = box.x0 + 40
        while x < box.x1 - 60:
            wide = min(draw.between(40, 220), box.x1 - x)
            parts.block(draw.pick(('plastic', 'copper', 'steel')), x, x + wide, y, y + 90, box.z0 + 100, box.z0 + 220,
                        fill=draw.between(.05, .5))
            x += wide + draw.between(3, 80)


def tool_machine(draw, parts, box):
    """Bed, column, head, table, spindle and a sheet cover."""
    third = box.height * draw.between(.25, .4)
    casting(draw, parts, box.slab(y=(box.y0, box.y0 + third)))
    left = box.x0 + box.width * draw.between(.05, .5)
    column = Box(left, left + box.width * .3, box.y0 + third, box.y1 - 60, box.z0 + box.depth * .3,
                 box.z1 - box.depth * .2)
    casting(draw, parts, column)
    head = Box(column.x0 - box.width * .05, column.x1 + box.width * .15, box.y1 - box.height * .35,
               box.y1 - box.height * .15, box.z0 + box.depth * .2, box.z1 - box.depth * .3)
    casting(draw, parts, head)
    parts.add('steel', Upright(head.x1 - 120, sum(head[4:]) / 2, 70, box.y0 + third + 200, head.y1))
    parts.block('iron', box.x0 + 60, box.x1 - 60, box.y0 + third, box.y0 + third + 70, box.z0 + 200, box.z1 - 200,
                fill=.7)
    if draw.chance(0.7):
        parts.shell('steel', box, 1.5)


def frame_machine(draw, parts, box):
    """Conveyors, packing and farm machines: a frame of tube with rollers, plates, wheels and a motor."""
    for _ in range(draw.integer(6, 18)):
        xa, xb = draw.between(box.x0 + 40, box.x1 - 40), draw.between(box.x0 + 40, box.x1 - 40)
        ya = draw.between(box.y0 + 40, box.y1 - 40)
        yb = ya if draw.chance(.5) else draw.between(box.y0 + 40, box.y1 - 40)
        parts.add('steel',
                  Bar(xa, ya, xb, yb, draw.between(20, 40), draw.between(box.z0 + 50, box.z1 - 50), inner=16))
    for _ in range(draw.integer(2, 9)):
        radius = draw.log_between(40, min(box.height, box.width) * .25)
        x, y = draw.between(box.x0 + radius, box.x1 - radius), draw.between(box.y0 + radius, box.y1 - radius)
        parts.add('steel', Disk(x, y, radius, box.z0 + 80, box.z1 - 80, inner=radius * .9), fill=draw.between(.1, .8))
    size = min(box.width, box.height) * .35
    x = draw.between(box.x0, box.x1 - size)
    motor(draw, parts, Box(x, x + size, box.y0, box.y0 + size * .6, box.z0 + 200, box.z0 + 200 + size * .6))
    parts.add('steel',
              Prism([(box.x0, box.y0 + box.height * .4), (box.x0 + box.width * .4, box.y1),
                     (box.x0 + box.width * .6, box.y1), (box.x1, box.y0 + box.height * .3)],
                             box.z0, box.z0 + draw.between(2, 8)))


MACHINES = (casting, motor, gearbox, pump, cabinet, tool_machine, frame_machine)


def machines(draw, space, parts):
    """Machines of one or more sorts on skids or in crates."""
    makers, x = [draw.pick(MACHINES) for _ in range(draw.integer(1, 3))], space.x0 + draw.between(20, 400)
    while x + 500 < space.x1:
        long = min(draw.log_between(500, 3000), space.x1 - x)
        tall = min(draw.log_between(450, 2100), space.height - 130, long * 1.5)
        for z0, z1 in draw.pick((((-900, 900),), ((-1050, -60), (60, 1050)))):
            box = Box(x, x + long, space.y0 + 120, space.y0 + 120 + tall * draw.between(.7, 1), z0, z1)
            with parts.unit(box):
                draw.pick(makers)(draw, parts, box)
            parts.block('hardwood', x, x + long, space.y0 + 60, space.y0 + 120, z0, z1, fill=.5)
            parts.block('hardwood', x, x + 100, space.y0, space.y0 + 60, z0, z1)
            parts.block('hardwood', x + long - 100, x + long, space.y0, space.y0 + 60, z0, z1)
        if draw.chance(0.4):
            parts.shell('wood', Box(x - 10, x + long + 10, space.y0, space.y0 + tall + 130, -1080, 1080), 18)
        x += long + draw.log_between(60, 1500)

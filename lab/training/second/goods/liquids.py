"""Drums, intermediate bulk containers, jerrycans, gas cylinders, flexible tanks and tank fillings."""
from ..box import Box, cells
from ..outlines import Prism
from ..parts import Parts, Pattern
from ..shapes import Along, Ball, Bar, Upright

CONTENTS = ('water', 'oil', 'acid', 'resin', 'food', 'salt')


def drums(draw, space, parts):
    """Steel or plastic drums, one to three high, filled to their own levels."""
    wall_material, wall = draw.pick((('steel', 1.1), ('plastic', 4), ('card', 6)))
    content, radius = draw.pick(CONTENTS), draw.between(185, 300)
    height, level = radius * draw.between(2.6, 3.3), draw.between(0.3, 0.97)
    for at in cells(draw, space, 2 * radius + 4, min(height, space.height), 2 * radius + 4, 4, draw.pick((0, 0, .6))):
        x, _, z = at.centre
        with parts.unit(at):
            parts.add(wall_material, Upright(x, z, radius, at.y0, at.y1 - 3, inner=radius - wall))
            full = level if draw.chance(0.85) else draw.between(0, 1)
            parts.add(content, Upright(x, z, radius - wall, at.y0 + 5, at.y0 + 5 + (at.height - 12) * full))
            for share in (0, 0.33, 0.66, 0.97):
                y = at.y0 + share * at.height
                parts.add(wall_material, Upright(x, z, radius + 5, y, y + 14, inner=radius - 3))


def ibcs(draw, space, parts):
    """Cubes of plastic in a cage of steel tube, on a pallet."""
    content, level = draw.pick(CONTENTS), draw.between(0.2, 0.95)
    for at in cells(draw, space, 1200, min(1160, space.height), 1000, 30, draw.pick((0, .6))):
        with parts.unit(at):
            parts.block('wood' if draw.chance(.5) else 'steel', at.x0, at.x1, at.y0, at.y0 + 140, at.z0, at.z1,
                        fill=.1)
            tank = Box(at.x0 + 25, at.x1 - 25, at.y0 + 145, at.y1 - 50, at.z0 + 25, at.z1 - 25)
            parts.shell('plastic', tank, 3)
            full = level if draw.chance(0.8) else draw.between(0, 1)
            parts.box(content, tank.inset(3).slab(y=(tank.y0, tank.y0 + tank.height * full)))
            for i in range(9):
                x = at.x0 + i * (at.width - 20) / 8
                parts.block('steel', x, x + 18, at.y0 + 140, at.y1 - 40, at.z0, at.z0 + 5)
                parts.block('steel', x, x + 18, at.y0 + 140, at.y1 - 40, at.z1 - 5, at.z1)
            for i in range(5):
                y = at.y0 + 140 + i * (at.height - 190) / 4
                parts.shell('steel', Box(at.x0, at.x1, y, y + 18, at.z0, at.z1), 3)


def jerrycans(draw, space, parts):
    content, level = draw.pick(CONTENTS), draw.between(0.5, 0.95)
    width, height, depth = draw.between(200, 300), draw.between(280, 460), draw.between(280, 390)
    inside, box = Parts(), Box(0, width, 0, height, 0, depth)
    body = Box(3, width - 3, 2, height * 0.86, 3, depth - 3)
    inside.shell('plastic', body, 2.5)
    inside.box(content, body.inset(3).slab(y=(5, height * 0.84 * level)))
    inside.add('plastic', Bar(width * .25, height * .93, width * .75, height * .93, 13, 100))
    inside.add('plastic', Upright(width * .8, 60, 25, height * .86, height))
    pattern = Pattern(inside, box, 7)
    for at in cells(draw, space, width, height, depth, draw.between(0, 8), draw.pick((0, 0.4))):
        with parts.unit(at):
            pattern.place(parts, at.x0, at.y0, at.z0, draw.chance(0.3))


def gas_cylinders(draw, space, parts):
    """Steel bottles, upright in frames or lying."""
    radius, wall, long = draw.between(70, 150), draw.between(4, 9), draw.between(700, 1600)
    if draw.chance(0.5):
        for at in cells(draw, space, 2 * radius + 5, min(long, space.height), 2 * radius + 5, draw.between(4, 120),
                        0):
            x, _, z = at.centre
            with parts.unit(at):
                parts.add('steel', Upright(x, z, radius, at.y0, at.y1 - 170, inner=radius - wall))
                parts.add('steel', Ball(x, at.y1 - 170, z, radius, radius * .8), fill=.15)
                parts.add('brass', Upright(x, z, 25, at.y1 - 130, at.y1 - 20))
        return
    for at in cells(draw, space, long + 60, 2 * radius, 2 * radius, 40, draw.pick((0, .6))):
        with parts.unit(at):
            parts.add('steel',
                      Along((at.y0 + at.y1) / 2, (at.z0 + at.z1) / 2, radius, at.x0 + 40, at.x1 - 60,
                            inner=radius - wall))
            parts.add('brass', Along((at.y0 + at.y1) / 2, (at.z0 + at.z1) / 2, 22, at.x1 - 60, at.x1 - 5))


def flexitank(draw, space, parts):
    """A large bag of liquid on the floor, behind boards."""
    content, top = draw.pick(CONTENTS[:4]), space.y0 + space.height * draw.between(0.35, 0.62)
    x0, x1, slope = space.x0 + 60, space.x1 - 60, min(draw.between(100, 500), space.width / 3)
    outline = [(x0, space.y0), (x1, space.y0), (x1 - 20, top - slope * .4), (x1 - slope, top), (x0 + slope, top),
               (x0 + 20, top - slope * .4)]
    parts.add(content, Prism(outline, space.z0 + 20, space.z1 - 20))
    for x in (space.x0 + 10, space.x1 - 40):
        parts.block('wood', x, x + 25, space.y0, min(top + 300, space.y1), space.z0, space.z1)
        for y in range(4):
            parts.shell('steel',
                        Box(x, x + 40, space.y0 + 100 + y * 250, space.y0 + 140 + y * 250, space.z0, space.z1), 3)


def tank_filling(draw, box, parts):
    """The liquid of a lying round tank; box: from its lowest point to its level."""
    radius = box.depth / 2
    middle = box.y0 + radius
    content = draw.pick(CONTENTS + ('cement', 'flour'))
    steps = 24
    for i in range(steps):
        low = box.y0 + box.height * i / steps
        away = abs(low + box.height / steps / 2 - middle)
        half = max(0.0, radius * radius - away * away) ** 0.5
        parts.block(content, box.x0, box.x1, low, low + box.height / steps, -half, half, fill=draw.between(.999, 1))

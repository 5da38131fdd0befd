"""ISO containers: walls of folded sheet, posts, castings, floor and doors; also tanks, flat racks and reefers."""
from ..box import Box
from ..outlines import Corrugated
from ..shapes import Along, Bar, Ball, Upright

LENGTH = {20: 6058, 40: 12192}
HALF = 1219  # half of the outer width, mm


def frame(draw, parts, x, y, length, height):
    """Corner posts, castings, rails at the top and bottom of both sides."""
    wall, post = draw.between(4, 8), draw.between(90, 160)
    for side in (-1, 1):
        z0, z1 = sorted((side * HALF, side * (HALF - 100)))
        for left in (x, x + length - post):
            parts.shell('steel', Box(left, left + post, y, y + height, z0, z1), wall)
            for bottom in (y, y + height - 118):
                parts.shell('steel', Box(left, left + 178, bottom, bottom + 118, z0 - 30, z1 + 30), 14)
        parts.shell('steel', Box(x, x + length, y, y + draw.between(120, 165), z0, z0 + 48), 4.5)
        parts.shell('steel', Box(x, x + length, y + height - 65, y + height, z0, z0 + 60), 3.5)


def floor(draw, parts, x, y, length):
    """Cross members below boards; returns the height of the floor in mm."""
    pitch, wall = draw.between(220, 420), draw.between(3.5, 5)
    at = x + pitch / 2
    while at < x + length - 100:
        parts.block('steel', at, at + wall, y + 20, y + 140, -HALF + 60, HALF - 60)
        for low in (y + 20, y + 140 - wall):
            parts.block('steel', at, at + 45, low, low + wall, -HALF + 60, HALF - 60)
        at += pitch
    parts.block('hardwood', x + 50, x + length - 50, y + 140, y + 168, -HALF + 50, HALF - 50)
    return y + 170


def doors(draw, parts, x, y, height, sign):
    """The end with two doors, their bars and handles. sign: 1 if the doors are at the right end."""
    parts.block('steel', x, x + 45, y + 150, y + height - 60, -HALF, HALF, fill=draw.between(0.1, 0.2))
    for z in (-900, -350, 350, 900):
        parts.add('steel', Upright(x + sign * 45, z, 17, y + 100, y + height - 60, inner=12))


def walls(draw, parts, x, y, length, height):
    sheet, period = draw.between(1.5, 2.2), draw.between(180, 300)
    slant, gain = draw.between(0.15, 0.4), draw.between(0.2, 1.2)
    for side in (-1, 1):
        box = Box(x + 80, x + length - 80, y + 140, y + height - 60, side * (HALF - 20) - 18, side * (HALF - 20) + 18)
        parts.add('steel', Corrugated(box, sheet, period, slant, gain, draw.between(0, period)))
    parts.block('steel', x, x + length, y + height - 22, y + height - 20 + sheet, -HALF, HALF)
    parts.block('steel', x, x + 36, y + 150, y + height - 60, -HALF, HALF, fill=draw.between(0.06, 0.12))


def dry(draw, parts, x, y, feet):
    """A dry container; returns its hold. x: left end, y: lower side, mm."""
    length, height = LENGTH[feet], draw.pick((2591, 2896), (0.55, 0.45) if feet == 40 else (0.95, 0.05))
    frame(draw, parts, x, y, length, height)
    bottom = floor(draw, parts, x, y, length)
    walls(draw, parts, x, y, length, height)
    right = draw.chance(0.5)
    doors(draw, parts, x + length - 50 if right else x + 5, y, height, 1 if right else -1)
    return Box(x + 90, x + length - 90, bottom, y + height - 110, -1170, 1170)


def reefer(draw, parts, x, y, feet):
    """A refrigerated container: foam in aluminium, a T-bar floor, the cooling unit at one end."""
    length, height, wall = LENGTH[feet], 2896 if feet == 40 else 2591, draw.between(55, 85)
    frame(draw, parts, x, y, length, height)
    outer = Box(x + 20, x + length - 20, y + 130, y + height - 20, -HALF + 10, HALF - 10)
    parts.shell('foam', outer, wall, fill=1.5)
    parts.shell('aluminium', outer, draw.between(1.2, 2.2))
    parts.shell('steel', outer.inset(wall), 0.8)
    parts.block('aluminium', outer.x0, outer.x1, outer.y0 + wall, outer.y0 + wall + 60, -1130, 1130, fill=0.18)
    unit = Box(x + 25, x + 430, y + 180, y + height - 60, -1100, 1100)
    parts.box('steel', unit, fill=0.012)
    parts.box('steel', Box(unit.x0, unit.x1 - 80, unit.y0, unit.y0 + 600, -500, 300), fill=draw.between(0.03, 0.12))
    parts.add('iron', Upright(x + 230, draw.between(-400, 400), 110, y + 240, y + 640, inner=60))
    for level in (0.45, 0.62, 0.8):
        parts.block('copper', unit.x0 + 60, unit.x1 - 60, y + level * height, y + level * height + 170, -800, 800,
                    fill=.012)
    return Box(x + 480, x + length - 110, y + 140 + wall + 65, y + height - wall - 120, -1120, 1120)


def flat(draw, parts, x, y, feet):
    """A flat rack: a strong floor and two ends; what is on it stands free."""
    length = LENGTH[feet]
    parts.shell('steel', Box(x, x + length, y, y + draw.between(300, 600), HALF - 120, HALF), 9)
    parts.shell('steel', Box(x, x + length, y, y + draw.between(300, 600), -HALF, -HALF + 120), 9)
    bottom = floor(draw, parts, x, y + 250, length)
    for left in (x, x + length - 260):
        for z in (-HALF, HALF - 200):
            parts.shell('steel', Box(left, left + 260, bottom, y + 2591, z, z + 200), 9)
        parts.block('steel', left, left + 100, bottom, y + 2500, -HALF, HALF, fill=0.03)
    return Box(x + 290, x + length - 290, bottom, y + draw.between(2000, 2700), -1150, 1150)


def tank(draw, parts, x, y, feet):
    """A tank in a frame: shell, dished ends, insulation, filled with a liquid or a powder to some level."""
    length, height = LENGTH[feet], 2591
    frame(draw, parts, x, y, length, height)
    radius, wall = draw.between(1050, 1150), draw.between(4, 8)
    middle, left, right = y + height / 2, x + 350, x + length - 350
    parts.add('steel', Along(middle, 0, radius, left, right, inner=radius - wall))
    for end in (left, right):
        parts.add('steel', Ball(end, middle, 0, 230, radius, radius), fill=0.02)
        parts.add('steel', Bar(x if end == left else x + length, y + 200, end, middle - 500, 60, 900, inner=52))
    for at in range(1, draw.integer(1, 5)):
        baffle = left + (right - left) * at / 5 + draw.between(-200, 200)
        parts.block('steel', baffle, baffle + 7, middle - radius * .9, middle + radius * .9, -radius * .7,
                    radius * .7)
    parts.shell('steel', Box(x + length / 2 - 250, x + length / 2 + 250, middle + radius, y + height - 30, -250, 250),
                8)
    level = middle + radius * draw.between(-0.7, 0.95)
    return Box(left, right, middle - radius, level, -radius + wall, radius - wall)

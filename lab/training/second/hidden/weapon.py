"""Kind 2: pistols, rifles, their parts, ammunition and grenades, alone or several, from any side.

Outlines are drawn about (0, 0) and are then turned, shortened and moved. Each is a list of
(material, fill, points, thickness in mm).
"""
import numpy as np

from ..outlines import Prism
from ..parts import Parts
from ..shapes import Block
from .place import Change, find


def bar(x0, y0, x1, y1, thick):
    """A straight bar as a polygon."""
    run = np.array([x1 - x0, y1 - y0], float)
    side = np.array([-run[1], run[0]]) / max(1, np.hypot(*run)) * thick / 2
    a, b = np.array([x0, y0]), np.array([x1, y1])
    return [a + side, b + side, b - side, a - side]


def pistol(draw):
    long, grip = draw.between(150, 240), draw.between(90, 130)
    tilt = draw.between(10, 30)
    slide = [(0, 0), (long, 0), (long, 30), (0, 30)]
    handle = [(-2, 0), (45, 0), (45 - tilt, -grip), (-5 - tilt, -grip)]
    guard = bar(45, -25, 90, -25, 8)
    return [('steel', draw.between(.5, .9), slide, 26), ('steel', draw.between(.3, .8), handle, 24),
            ('steel', .9, guard, 8),
            ('brass', .5, [(5, -10), (35, -10), (20, -grip + 5), (-10, -grip + 5)], 14)]


def revolver(draw):
    long = draw.between(60, 200)
    drum = [(25 * np.cos(a), 5 + 22 * np.sin(a)) for a in np.linspace(0, 6.28, 9)[:-1]]
    return [('steel', .8, [(-30, -15), (40, -15), (40, 30), (-30, 30)], 14),
            ('steel', .9, bar(40, 20, 40 + long, 20, 18), 18),
            ('steel', .75, drum, 36), ('wood', 1, [(-30, 0), (-5, -15), (-40, -95), (-75, -85)], 30)]


def rifle(draw):
    barrel, stock = draw.between(280, 620), draw.between(180, 320)
    curve = draw.between(0, 70)
    mag = [(40, -20), (85, -20), (100 + curve * .5, -100), (105 + curve, -180), (60 + curve, -190),
           (50 + curve * .4, -100)]
    wood = draw.pick(('wood', 'plastic'))
    return [('steel', draw.between(.35, .7), [(-60, -25), (200, -25), (200, 35), (-60, 35)], 36),
            ('steel', .75, bar(200, 12, 200 + barrel, 12, draw.between(17, 26)), 20),
            (wood, 1, [(200, -22), (200 + barrel * .45, -14), (200 + barrel * .45, 32), (200, 38)], 40),
            (wood, 1, [(-60, 30), (-60, -20), (-60 - stock, -85), (-60 - stock, 25)], 40),
            (wood, 1, [(-15, -25), (20, -25), (-5, -115), (-40, -110)], 32),
            ('steel', draw.between(.4, .9), mag, 26),
            ('steel', .8, bar(200 + barrel - 30, 12, 200 + barrel - 30, 50, 8), 6)]


def barrels(draw):
    """Parts of a gun taken apart."""
    found = [('steel', .75, bar(0, i * 45, draw.between(250, 550), i * 45 + draw.normal(15), draw.between(16, 28)),
              20) for i in range(draw.integer(1, 3))]
    found.append(('steel', draw.between(.4, .7), [(0, -40), (220, -40), (220, -95), (40, -95), (0, -70)], 32))
    found.append(('steel', .5, [(260, -40), (300, -45), (340, -190), (300, -195)], 24))
    return found


def grenade(draw):
    radius = draw.between(28, 38)
    shell = [(radius * np.cos(a), radius * 1.25 * np.sin(a)) for a in np.linspace(0, 6.28, 17)[:-1]]
    inner = [(x * .75, y * .75) for x, y in shell]
    return [('iron', .75, shell, 1.5 * radius), ('explosive', .3, inner, radius),
            ('steel', .7, bar(0, radius, 0, radius + 40, 20), 18),
            ('steel', .9, bar(8, radius + 35, 32, -radius * .5, 8), 14)]


def shell(draw):
    """A mortar bomb or rocket."""
    long, radius = draw.between(220, 700), draw.between(28, 60)
    body = [(0, -radius * .4), (long * .3, -radius), (long * .7, -radius), (long, 0), (long * .7, radius),
            (long * .3, radius), (0, radius * .4)]
    fins = [(-long * .3, -radius), (-long * .15, -radius), (-long * .05, 0), (-long * .15, radius),
            (-long * .3, radius)]
    return [('iron', .45, body, 1.6 * radius),
            ('explosive', .5, [(x * .8 + long * .1, y * .7) for x, y in body], radius), ('aluminium', .6, fins, 12),
            ('steel', .8, bar(-long * .3, 0, 0, 0, 16), 16)]


def place_outline(parts, outline, at, angle, squash):
    """Adds an outline and returns its shapes. at: x, y, z in mm; angle: radians; squash: factors along and across."""
    x, y, z = at
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.mean(np.concatenate([np.asarray(points, float) for _, _, points, _ in outline]), 0)
    shapes = []
    for material, fill, points, thick in outline:
        flat = (np.asarray(points, float) - middle) * squash
        shape = Prism(flat @ turn.T + (x, y), z, z + thick)
        parts.add(material, shape, fill=fill / max(min(squash), 0.3))
        shapes.append(shape)
    return shapes


def ammunition(draw, parts, box):
    """Rounds in rows, in a tin or loose, as their mean material with gaps."""
    if draw.chance(0.6):
        parts.shell('steel', box, 1)
    radius, long = draw.between(5, 8), draw.between(35, 90)
    y = box.y0 + 3
    while y + long < box.y1:
        deep = box.depth - 8
        parts.block('brass', box.x0 + 4, box.x1 - 4, y, y + long * .7, box.z0 + 4, box.z0 + 4 + deep,
                    fill=draw.between(.1, .2))
        parts.block('lead', box.x0 + 4, box.x1 - 4, y + long * .5, y + long * .95, box.z0 + 4, box.z0 + 4 + deep,
                    fill=draw.between(.15, .3))
        y += long + radius
    if not parts.items or y < box.y0 + 5:
        parts.box('brass', box, fill=.25)
    return [Block(*box)]


MAKERS = {pistol: (260, 170), revolver: (260, 170), rifle: (1150, 300), barrels: (560, 320), grenade: (110, 130),
          shell: (900, 130)}


def hide(draw, site):
    return (hide_ammunition if draw.chance(0.18) else hide_guns)(draw, site)


def hide_ammunition(draw, site):
    box, gives_way = find(draw, site, (draw.between(120, 450), draw.between(100, 300), draw.between(100, 350)))
    if box is None:
        return None
    parts = Parts()
    shapes = ammunition(draw, parts, box)
    return Change(parts.items, [], [(Block(*box), 1.0)] if gives_way else [], shapes)


def hide_guns(draw, site):
    """One or several of one sort, flat behind each other, at any angle, seen from their side or obliquely."""
    maker = draw.pick(MAKERS)
    angle = draw.pick((0, 1.57, draw.between(0, 6.28))) + draw.normal(.05)
    wide, tall = MAKERS[maker]
    cos, sin = abs(np.cos(angle)), abs(np.sin(angle))
    count = draw.pick((1, 1, 1, 2, 3, 6))
    box, _ = find(draw, site, (wide * cos + tall * sin + 20, wide * sin + tall * cos + 20, 45 * count + 20))
    if box is None:
        return None
    parts, (x, y, _) = Parts(), box.centre
    shapes, squash = [], draw.pick(((1, 1), (1, 1), (1, draw.between(.3, .9)), (draw.between(.45, .95), 1)))
    outline, loose = maker(draw), count > 1
    for i in range(count):
        at = (x + draw.normal(15) * loose, y + draw.normal(12) * loose, box.z0 + 45 * i)
        shapes += place_outline(parts, outline, at, angle, squash)
    if draw.chance(0.2):
        parts.shell(draw.pick(('steel', 'wood', 'plastic')), box, 2)
        shapes.append(Block(*box))
    return Change(parts.items, [], [], shapes)

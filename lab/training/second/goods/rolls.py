"""Rolls: paper, carpet, textile, film, cable on reels and wire."""
import numpy as np

from ..box import cells
from ..shapes import Along, Bar, Disk, Upright


def paper_rolls(draw, space, parts):
    """Large rolls, upright or on their sides with the core along the beam."""
    radius, fill = draw.between(350, 640), draw.between(0.75, 1.2)
    core, upright = draw.between(38, 80), draw.chance(0.6)
    long = min(draw.between(700, 2300), space.height if upright else space.depth)
    if upright:
        for at in cells(draw, space, 2 * radius, long, 2 * radius, 10, draw.pick((0, .6))):
            x, _, z = at.centre
            with parts.unit(at):
                parts.add('paper', Upright(x, z, radius, at.y0, at.y1, inner=core), fill=fill)
        return
    for at in cells(draw, space, 2 * radius, 2 * radius, long, 10, draw.pick((0, .7))):
        x, y, _ = at.centre
        with parts.unit(at):
            parts.add('paper', Disk(x, y, radius, at.z0, at.z1, inner=core), fill=fill)
            parts.add('card', Disk(x, y, core, at.z0, at.z1, inner=core * .8), fill=5)


def carpets(draw, space, parts):
    """Long rolls along the hold, nested, of uneven length and thickness."""
    material, fill = draw.pick(('textile', 'plastic', 'rubber', 'textile')), draw.between(0.4, 1.2)
    radius = draw.between(90, 260)
    long = min(draw.between(2000, 5000), space.width)
    for at in cells(draw, space, long, radius * 1.78, 2 * radius, 30, draw.pick((0, .5))):
        end = at.x1 - draw.between(0, long * 0.15)
        own, y, z = radius * draw.between(0.8, 1), at.y0 + radius, (at.z0 + at.z1) / 2
        if y + own > space.y1:
            continue
        with parts.unit(at):
            parts.add(material, Along(y, z, own, at.x0, end, inner=draw.between(0, own * .3)), fill=fill)


def textile_bolts(draw, space, parts):
    """Bolts of cloth or film across the hold: many small disks with cores."""
    material, radius, fill = draw.pick(('textile', 'plastic',
                                        'aluminium')), draw.between(60, 170), draw.between(0.5, 1)
    fill *= 0.5 if material == 'aluminium' else 1
    for at in cells(draw, space, 2 * radius, 1.8 * radius, draw.between(900, 2000), 2, draw.pick((0, .4))):
        x, y, _ = at.centre
        own = radius * draw.between(0.75, 1)
        with parts.unit(at):
            parts.add(material, Disk(x, y, own, at.z0, at.z1 - draw.between(0, 150), inner=draw.between(12, 30)),
                      fill=fill)


def cable_reels(draw, space, parts):
    """Wooden reels with cable, standing with the axis across the hold or along it."""
    radius = min(draw.between(350, 1100), space.height / 2)
    core, metal = radius * draw.between(0.3, 0.55), draw.pick(('copper', 'aluminium', 'steel'))
    full, wide = draw.between(0.6, 0.95), min(draw.between(500, 1100), space.depth)
    fill = draw.between(0.12, 0.35) * (1.5 if metal == 'aluminium' else 0.8)
    for at in cells(draw, space, 2 * radius, 2 * radius, wide, draw.between(10, 200), .4):
        x, y, _ = at.centre
        with parts.unit(at):
            for z in (at.z0, at.z1 - 50):
                parts.add('wood', Disk(x, y, radius, z, z + 50, inner=40))
                for spoke in range(6):
                    angle = spoke * np.pi / 6 + draw.between(0, .2)
                    dx, dy = radius * .95 * np.cos(angle), radius * .95 * np.sin(angle)
                    parts.add('wood', Bar(x - dx, y - dy, x + dx, y + dy, 22, z), fill=.5)
            parts.add(metal, Disk(x, y, radius * full, at.z0 + 55, at.z1 - 55, inner=core), fill=fill)
            parts.add('wood', Disk(x, y, core, at.z0 + 50, at.z1 - 50, inner=core - 35))
            parts.add('steel', Disk(x, y, 40, at.z0, at.z1, inner=30))


def wire_coils(draw, space, parts):
    """Coils of wire or hose, lying on each other or standing."""
    radius, metal = draw.between(300, 600), draw.pick(('steel', 'copper', 'plastic', 'aluminium'))
    tall, inner = draw.between(150, 500), radius * draw.between(0.5, 0.75)
    fill = draw.between(0.15, 0.4)
    for at in cells(draw, space, 2 * radius, min(tall, space.height), 2 * radius, 20, draw.pick((0.2, .8))):
        x, _, z = at.centre
        with parts.unit(at):
            parts.add(metal, Upright(x + draw.normal(12), z, radius, at.y0 + 4, at.y1 - 4, inner=inner), fill=fill)

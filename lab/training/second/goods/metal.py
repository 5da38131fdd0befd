"""Metal: coils of sheet, pipes, bars, profiles, plates, ingots and castings."""
import numpy as np

from ..box import Box, cells
from ..outlines import Prism
from ..shapes import Along, Disk, Turned


def coils(draw, space, parts):
    """A few heavy coils in cradles, their eyes across or along the hold, with wide gaps."""
    metal = draw.pick(('steel', 'aluminium', 'steel', 'copper'))
    radius = min(draw.between(380, 850), space.height / 2 - 100)
    x, along = space.x0 + radius + draw.between(50, 600), draw.chance(0.35)
    long, inner = draw.between(500, 1500), draw.between(230, 300)
    while x + radius < space.x1:
        y, z0 = space.y0 + 120 + radius, -long / 2 + sum(space[4:]) / 2
        box = Box(x - radius, x + radius, y - radius, y + radius, max(z0, space.z0), min(z0 + long, space.z1))
        with parts.unit(box):
            if along:
                parts.add(metal,
                          Along(y, sum(space[4:]) / 2, radius, x - min(long / 2, radius), x + min(long / 2, radius),
                                inner=inner))
            else:
                parts.add(metal, Disk(x, y, radius * draw.between(.92, 1), box.z0, box.z1, inner=inner))
        for side in (-1, 1):
            wedge = x + side * radius * .7
            parts.add('hardwood',
                      Prism([(wedge - 150, space.y0), (wedge + 150, space.y0), (wedge + side * 100, space.y0 + 220)],
                                        space.z0 + 100, space.z1 - 100))
        parts.block('hardwood', x - radius, x + radius, space.y0, space.y0 + 100, space.z0 + 200, space.z1 - 200,
                    fill=.5)
        x += 2 * radius + draw.log_between(60, 2500)


def pipes(draw, space, parts):
    """Pipes along the hold in bundles, or across it, on battens."""
    metal = draw.pick(('steel', 'plastic', 'copper', 'aluminium', 'iron'))
    radius = draw.log_between(20, 320)
    wall = max(1.5, radius * draw.between(0.03, 0.15))
    level = space.y0 + space.height * draw.between(0.15, 0.9)
    room = space.slab(y=(space.y0 + 60, max(level, space.y0 + 70 + 2 * radius)))
    if draw.chance(0.55):
        step = max(2 * radius, room.height / 14)
        for at in cells(draw, room, room.width, step, max(2 * radius, 300), 3, 0):
            y, z = at.y0 + radius, (at.z0 + at.z1) / 2
            with parts.unit(at):
                times = step / (2 * radius) * at.depth / (2 * radius)
                pipe = Along(at.y0 + step / 2, z, step / 2, at.x0 + draw.between(0, 150), at.x1 - draw.between(0, 300),
                             inner=step / 2 * (1 - wall / radius))
                parts.add(metal, pipe, fill=min(1.5, times * .7))
    else:
        scale = max(radius, (room.width * room.height / 3600) ** 0.5)
        for at in cells(draw, room, 2 * scale, 1.8 * scale, room.depth, 1, draw.pick((0, .4))):
            x, y, _ = at.centre
            with parts.unit(at):
                parts.add(metal,
                          Disk(x, y, scale, at.z0 + draw.between(0, 200), at.z1 - draw.between(0, 200),
                               inner=scale * (1 - wall / radius)),
                          fill=draw.between(.5, .7))
    for i in range(4):
        x = room.x0 + (i + .5) * room.width / 4
        parts.block('wood', x, x + 90, space.y0, space.y0 + 60, space.z0, space.z1)


def profiles(draw, space, parts):
    """Bundles of extruded profiles or bars along the hold, with straps and battens between the layers."""
    metal, height = draw.pick(('aluminium', 'steel', 'aluminium')), draw.between(120, 350)
    fill = draw.between(0.1, 0.5) * (0.5 if metal == 'steel' else 1)
    long = min(draw.between(3000, 7000), space.width)
    for at in cells(draw, space, long, height + 50, draw.between(350, 700), 30, draw.between(.2, .9)):
        with parts.unit(at):
            y = at.y0 + 50
            count = draw.integer(3, 8)
            for i in range(count):
                thick = height / count
                parts.block(metal, at.x0 + draw.between(0, 60), at.x1 - draw.between(0, 150), y + i * thick,
                            y + (i + draw.between(.3, .95)) * thick,
                            at.z0, at.z1, fill=fill)
            for share in (0.1, 0.5, 0.9):
                x = at.x0 + share * at.width
                parts.block('wood', x, x + 80, at.y0, at.y0 + 50, at.z0, at.z1)
                parts.block('steel', x + 30, x + 60, at.y0 + 45, at.y1, at.z0, at.z0 + 3)


def plates(draw, space, parts):
    """Packs of sheet, flat on battens, each of its own length and thickness."""
    metal, x = draw.pick(('steel', 'aluminium', 'copper', 'steel')), space.x0
    while x + 800 < space.x1:
        long, y = min(draw.between(1000, 3000), space.x1 - x), space.y0
        wide = min(draw.between(700, 1500), space.depth)
        for _ in range(draw.integer(1, 5)):
            thick = draw.log_between(20, 220) * (1 if metal == 'steel' else 1.6)
            if y + thick + 80 > space.y1:
                break
            box = Box(x, x + long - draw.between(20, 300), y + 80, y + 80 + thick, -wide / 2 + sum(space[4:]) / 2,
                      wide / 2 + sum(space[4:]) / 2)
            with parts.unit(box):
                parts.box(metal, box, fill=draw.between(.8, .98))
            for i in range(4):
                batten = box.x0 + (i + .3) * box.width / 4
                parts.block('wood', batten, batten + 90, y, y + 80, box.z0, box.z1)
            y += thick + 80
        x += long + draw.between(50, 400)


def ingots(draw, space, parts):
    """Stacks of ingots, crossed layer by layer, low and wide apart."""
    metal = draw.pick(('aluminium', 'copper', 'zinc', 'lead', 'aluminium'))
    wide, tall, long = draw.between(90, 160), draw.between(60, 120), draw.between(500, 800)
    stack = min(draw.between(300, 900) * (1 if metal == 'aluminium' else .5), space.height)
    x = space.x0 + draw.between(20, 300)
    while x + long < space.x1:
        for level in range(max(1, int(stack // tall))):
            y = space.y0 + 100 + level * tall
            for z in (space.z0 + 200, space.z1 - 200 - long):
                box = Box(x, x + long, y, y + tall, z, z + long)
                with parts.unit(box):
                    if level % 2:
                        parts.box(metal, box.slab(y=(y, y + tall - 6)), fill=.85)
                        continue
                    for i in range(max(1, int(long // (wide + 12)))):
                        left = x + i * (wide + 12)
                        parts.add(metal,
                                  Prism([(left, y), (left + wide, y), (left + wide * .85, y + tall - 3),
                                         (left + wide * .15, y + tall - 3)], z, z + long))
        parts.block('wood', x, x + long, space.y0, space.y0 + 100, space.z0 + 200, space.z1 - 200, fill=.4)
        x += long + draw.log_between(40, 1200)


def steel_frames(draw, space, parts):
    """Scaffold, racks and girders: long beams, posts and braces in several layers."""
    for _ in range(draw.integer(3, 9)):
        z, size = draw.between(space.z0, space.z1 - 150), draw.between(40, 160)
        wall, height = draw.between(3, 8), draw.between(0.3, 0.95) * space.height
        long = min(draw.between(1500, 6000), space.width)
        x = draw.between(space.x0, space.x1 - long)
        for y in (space.y0, space.y0 + height - size):
            parts.shell('steel', Box(x, x + long, y, y + size, z, z + size), wall)
        count = draw.integer(2, 9)
        for i in range(count):
            post = x + i * (long - size) / max(1, count - 1)
            parts.shell('steel', Box(post, post + size, space.y0, space.y0 + height, z, z + size), wall)
            if i + 1 < count and draw.chance(0.6):
                step = (long - size) / (count - 1)
                angle, run = np.arctan2(height - size, step), np.hypot(height - size, step)
                parts.add('steel',
                          Turned(post + step / 2, space.y0 + height / 2, run, size * .5, angle, z, z + wall * 2))

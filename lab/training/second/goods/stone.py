"""Tiles, bricks, slabs on racks, blocks of stone, sheet glass and ceramics."""
from ..box import Box, cells
from ..outlines import Prism
from ..parts import Parts, Pattern
from ..shapes import Ball, Upright


def tiles(draw, space, parts):
    """Pallets of tile boxes: low, heavy, gaps between."""
    material, tall = draw.pick(('tile', 'brick', 'stone', 'cement')), draw.between(350, 1000)
    wide, pack = draw.between(800, 1200), draw.between(60, 260)
    dense = draw.between(0.7, 0.95)
    for at in cells(draw, space, wide, min(tall, space.height), 1000, draw.between(20, 150),
                    0 if draw.chance(.6) else .5):
        with parts.unit(at):
            parts.block('wood', at.x0, at.x1, at.y0, at.y0 + 110, at.z0, at.z1, fill=.4)
            count = max(1, int(at.width // pack))
            for i in range(count):
                x = at.x0 + i * at.width / count
                parts.block(material, x + 4, x + at.width / count - 4, at.y0 + 110, at.y1 - draw.between(5, 60),
                            at.z0 + 20, at.z1 - 20, fill=dense)
            y = at.y0 + 110 + (at.height - 110) * draw.between(.4, .6)
            parts.block(material, at.x0, at.x1, y, y + 12, at.z0, at.z1, fill=-dense * .8)


def slabs(draw, space, parts):
    """Slabs leaning on A-shaped racks, seen on their faces, of different size behind each other."""
    material, x = draw.pick(('stone', 'glass', 'tile')), space.x0 + 50
    while x + 1500 < space.x1:
        long = min(draw.between(1500, 3200), space.x1 - x - 50)
        for z in (space.z0 + 500, space.z1 - 700):
            at = z
            for _ in range(draw.integer(2, 7)):
                thick, tall = draw.between(15, 40), space.height * draw.between(.5, .85)
                left = x + draw.between(0, 120)
                right = x + long - draw.between(0, long * .4)
                box = Box(left, right, space.y0 + 120, space.y0 + 120 + tall, at, at + thick)
                with parts.unit(box):
                    skew = draw.normal(25)
                    parts.add(material,
                              Prism([(box.x0, box.y0), (box.x1, box.y0), (box.x1 + min(skew, 40), box.y1),
                                     (box.x0 + max(skew, -40), box.y1)], at, at + thick))
                at += thick + 8
        for share in (.1, .45, .85):
            post = x + share * long
            parts.shell('steel', Box(post, post + 80, space.y0, space.y0 + space.height * .85, -60, 60), 5)
            parts.shell('steel', Box(post, post + 80, space.y0, space.y0 + 100, space.z0 + 100, space.z1 - 100), 5)
        x += long + draw.between(50, 400)


def stone_blocks(draw, space, parts):
    """Rough blocks of stone, few and heavy, on beams."""
    x = space.x0 + draw.between(50, 400)
    while x + 700 < space.x1:
        long, tall = min(draw.between(600, 2200), space.x1 - x), min(draw.between(400, 1300), space.height - 150)
        wide = draw.between(500, 1300)
        y = space.y0 + 120
        points = [(x, y), (x + long - draw.between(0, 90), y), (x + long, y + tall * .5),
                  (x + long - draw.between(0, 120), y + tall),
                  (x + draw.between(0, 120), y + tall - draw.between(0, 80)), (x - 20, y + tall * .4)]
        with parts.unit(Box(x, x + long, y, y + tall, -wide / 2, wide / 2)):
            parts.add('stone', Prism(points, -wide / 2, wide / 2))
        for share in (.15, .75):
            parts.block('hardwood', x + share * long, x + share * long + 140, space.y0, y, space.z0 + 200,
                        space.z1 - 200)
        x += long + draw.log_between(150, 2500)


def ceramics(draw, space, parts):
    """Wash basins, vases and bowls in crates with foam."""
    wide, tall = draw.between(450, 700), draw.between(400, 800)
    patterns = []
    for _ in range(3):
        inside = Parts()
        inside.shell('card', Box(0, wide, 0, tall, 0, 550), 6, fill=3)
        inside.box('foam', Box(8, wide - 8, 8, tall - 8, 0, 540), fill=.5)
        for _ in range(draw.integer(1, 3)):
            x, radius = wide * draw.between(.35, .65), wide * draw.between(.2, .35)
            y = draw.between(radius, max(radius + 1, tall - radius))
            inside.add('tile', Ball(x, y, 270, radius, min(radius, tall / 2.2), radius))
            inside.add('tile', Ball(x, y + 8, 270, radius - 12, min(radius, tall / 2.2) - 10, radius - 12), fill=-1)
            inside.add('tile', Upright(x, 270, radius * .35, 10, y, inner=radius * .35 - 12))
        patterns.append(Pattern(inside, Box(0, wide, 0, tall, 0, 550)))
    for at in cells(draw, space, wide, min(tall, space.height), 550, 15, draw.pick((0, .5))):
        with parts.unit(at):
            draw.pick(patterns).place(parts, at.x0, at.y0, at.z0, draw.chance(.5))

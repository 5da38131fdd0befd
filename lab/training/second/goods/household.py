"""Furniture, mattresses, removal goods and solar panels."""
from ..box import Box, cells
from ..shapes import Ball, Turned, Upright
from .appliances import APPLIANCES, fridge, television
from .contents import CONTENTS
from .cycles import bicycle


def chair(draw, parts, box):
    seat = box.y0 + box.height * .45
    for x in (box.x0, box.x1 - 40):
        for z in (box.z0, box.z1 - 40):
            parts.block('wood', x, x + 40, box.y0, seat, z, z + 40)
    parts.block('wood', box.x0, box.x1, seat, seat + 25, box.z0, box.z1)
    parts.block('foam', box.x0, box.x1, seat + 25, seat + 110, box.z0, box.z1, fill=2)
    parts.add('wood', Turned(box.x1 - 40, (seat + box.y1) / 2, 35, box.y1 - seat, draw.normal(.05), box.z0, box.z1))


def sofa(draw, parts, box):
    parts.box('foam', box.slab(y=(box.y0 + 60, box.y0 + box.height * .5)), fill=draw.between(1.2, 3))
    for x in (box.x0, box.x1 - 160):
        parts.block('foam', x, x + 160, box.y0, box.y0 + box.height * .75, box.z0, box.z1, fill=2)
    parts.block('foam', *box[:4], box.z0, box.z0 + 200, fill=2)
    parts.block('wood', box.x0, box.x1, box.y0 + 60, box.y0 + 110, box.z0, box.z1, fill=.3)
    for i in range(12):
        x = box.x0 + (i + .5) * box.width / 12
        parts.add('steel', Upright(x, sum(box[4:]) / 2, 30, box.y0 + 110, box.y0 + 230, inner=27), fill=.6)


def wardrobe(draw, parts, box):
    parts.shell('wood', box, draw.between(14, 25), fill=1.3)
    for _ in range(draw.integer(2, 8)):
        y = draw.between(box.y0, box.y1 - 20)
        parts.block('wood', box.x0, box.x1, y, y + 18, box.z0, box.z1, fill=1.3)
        if draw.chance(.5):
            parts.block('textile', box.x0 + 30, box.x1 - 30, y + 18, min(y + draw.between(60, 250), box.y1), box.z0,
                        box.z1, fill=.4)


def table(draw, parts, box):
    parts.block('wood', box.x0, box.x1, box.y1 - 35, box.y1, box.z0, box.z1, fill=1.2)
    for x in (box.x0 + 20, box.x1 - 90):
        for z in (box.z0 + 20, box.z1 - 90):
            parts.block('wood', x, x + 70, box.y0, box.y1, z, z + 70, fill=1.2)


FURNITURE = (chair, sofa, wardrobe, table)


def stacked(draw, space, parts, makers, size, ragged):
    for at in cells(draw, space, *size, draw.between(5, 40), ragged):
        if draw.chance(0.95):
            with parts.unit(at):
                draw.pick(makers)(draw, parts, at.inset(draw.between(2, 15)))


def furniture(draw, space, parts):
    makers = [draw.pick(FURNITURE) for _ in range(draw.integer(1, 3))]
    size = (draw.between(500, 2000), min(draw.between(600, 1200), space.height), draw.between(500, 1000))
    stacked(draw, space, parts, makers, size, draw.pick((0, .5)))


def white_goods(draw, space, parts):
    maker = draw.pick(APPLIANCES)
    tall = draw.between(1400, 1900) if maker is fridge else draw.between(600, 900)
    wide = draw.between(900, 1500) if maker is television else draw.between(550, 680)
    deep = draw.between(140, 220) if maker is television else draw.between(550, 680)
    stacked(draw, space, parts, [maker], (wide, min(tall, space.height), deep), draw.pick((0, .4)))


def mattresses(draw, space, parts):
    """Foam or springs, flat or on edge; very light."""
    thick, springs, fill = draw.between(120, 300), draw.chance(.5), draw.between(1, 2.5)
    for at in cells(draw, space, draw.between(1800, 2100), thick, draw.between(800, 1150), 20, draw.pick((0, .5))):
        with parts.unit(at):
            parts.box('foam', at.inset(3), fill=fill)
            for edge in (at.y0 + 10, at.y1 - 12) if springs else ():
                parts.block('steel', at.x0, at.x1, edge, edge + 2, at.z0, at.z1, fill=.06)
            for i in range(14 if springs else 0):
                x = at.x0 + (i + .5) * at.width / 14
                parts.block('steel', x - 30, x + 30, at.y0, at.y1, at.z0, at.z1, fill=.002)


def removal(draw, space, parts):
    """A household: furniture, appliances, cartons of everything, a bicycle, sacks, carpets, in several depths."""
    layers = draw.integer(2, 4)
    deep = space.depth / layers
    for layer in range(layers):
        z0, x = space.z0 + layer * deep, space.x0 + draw.between(0, 300)
        while x + 400 < space.x1:
            wide, y = min(draw.between(400, 1900), space.x1 - x), space.y0
            top = space.y0 + space.height * draw.between(.3, 1)
            while y + 300 < top:
                box = Box(x, x + wide, y, y + min(draw.between(250, 1500), top - y), z0, z0 + deep)
                with parts.unit(box):
                    household_item(draw, parts, box.inset(8))
                y = box.y1
            x += wide + draw.between(0, 80)


def household_item(draw, parts, box):
    if box.height > 600 and draw.chance(0.75):
        return draw.pick(FURNITURE + APPLIANCES)(draw, parts, box)
    if box.width > 1400 and box.height > 900 and draw.chance(.6):
        return bicycle(draw, parts, box.x0, box.y0, min(box.width, 1650), box.z0)
    half = Box(box.x0, min(box.x1, box.x0 + 550), box.y0, box.y1, box.z0, box.z1)
    parts.shell('card', half, 5, fill=4)
    CONTENTS[draw.pick(CONTENTS)](draw, parts, half.inset(8))
    if box.x1 - half.x1 > 200:
        parts.add('textile',
                  Ball((half.x1 + box.x1) / 2, (box.y0 + box.y1) / 2, sum(box[4:]) / 2, (box.x1 - half.x1) / 2,
                       box.height / 2, box.depth / 2), fill=.5)


def solar_panels(draw, space, parts):
    """Panels on edge, in packs: aluminium frames, glass; face to the beam or edge on."""
    wide, tall = draw.between(1100, 2200), min(draw.between(900, 1200), space.height)
    facing = draw.chance(0.6)
    for at in cells(draw, space, wide, tall, 1050, 30, draw.pick((0, 0, .5))):
        with parts.unit(at):
            parts.block('wood', at.x0, at.x1, at.y0, at.y0 + 100, at.z0, at.z1, fill=.35)
            box = at.slab(y=(at.y0 + 100, at.y1 - 10)).inset(5)
            count = draw.integer(15, 31)
            if facing:
                parts.block('glass', *box[:4], 0, 3.2 * count)
                for limits in ((box.x0, box.x0 + 30, box.y0, box.y1), (box.x1 - 30, box.x1, box.y0, box.y1),
                               (box.x0, box.x1, box.y0, box.y0 + 30), (box.x0, box.x1, box.y1 - 30, box.y1)):
                    parts.block('aluminium', *limits, 0, 9 * count)
                continue
            for i in range(count):
                x = box.x0 + i * box.width / count
                parts.block('glass', x, x + 3.2, box.y0, box.y1, box.z0, box.z1)
                parts.block('aluminium', x, x + 32, box.y0, box.y1, box.z0, box.z0 + 20, fill=.3)

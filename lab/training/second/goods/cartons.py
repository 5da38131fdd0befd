"""Cartons of one or several products, stacked loose or leaning, with gaps."""
from ..box import Box, cells
from ..parts import Parts, Pattern
from .contents import CONTENTS


def carton(draw, fill_content, box):
    """One carton with its content, as a pattern."""
    inside = Parts()
    inside.shell('card', box, draw.between(3, 7), fill=draw.between(2, 4))
    fill_content(draw, inside, box.inset(10))
    return Pattern(inside, box, cell=7.0)


def size(draw, space, most=700):
    """Carton size, mm; larger for a large space, so that there are at most so many cartons."""
    width, height, depth = draw.between(260, 620), draw.between(180, 480), draw.between(300, 620)
    while space.width * space.height * space.depth > most * width * height * depth:
        width, height, depth = width * 1.15, height * 1.1, depth * 1.15
    shrink = lambda want, have: min(want, have)
    return shrink(width, space.width), shrink(height, space.height), shrink(depth, space.depth)


def stack(draw, space, parts, names):
    """Fills a space with cartons of these contents, each row of cartons slightly out of line."""
    width, height, depth = size(draw, space)
    box = Box(0, width, 0, height, 0, depth)
    patterns = [carton(draw, CONTENTS[name], box) for name in names for _ in range(2)]
    gap, loose, ragged = draw.between(0, 25), draw.between(0, 12), draw.pick((0, 0, 0, 0.3, 0.8))
    sorted_by_x = draw.chance(0.5)
    for at in cells(draw, space, width, height, depth, gap, ragged):
        share = (at.x0 - space.x0) / max(1, space.width)
        pattern = patterns[int(share * len(patterns)) % len(patterns)] if sorted_by_x else draw.pick(patterns)
        with parts.unit(at):
            pattern.place(parts, at.x0 + draw.between(0, loose), at.y0, at.z0, draw.chance(0.5))


def kind(name):
    """Goods of this content alone."""
    def fill(draw, space, parts):
        stack(draw, space, parts, [name])
    fill.__name__ = f'cartons of {name.replace("_", " ")}'
    return fill


def assorted(draw, space, parts):
    stack(draw, space, parts, [draw.pick(CONTENTS) for _ in range(draw.integer(2, 4))])

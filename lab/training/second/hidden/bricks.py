"""Kind 4: packs of an organic powder in stacks, rows, walls, layers, rings or heaps."""
import numpy as np

from ..parts import Parts
from ..shapes import Block, Turned
from .place import Change, find


def places(draw, columns, rows):
    """Which places of a grid have a pack: a full stack, a stair, a row, a ring, or with some missing."""
    grid = np.ones((rows, columns), bool)
    kind = draw.integer(0, 4)
    if kind == 1:
        for column in range(columns):
            grid[max(1, round(rows * (column + 1) / columns)):, column] = False
    elif kind == 2 and rows > 2 and columns > 2:
        grid[1:-1, 1:-1] = False
    elif kind == 3:
        grid &= draw.rng.random(grid.shape) < 0.75
        grid[0] = True
    return [(row, column) for row, column in np.argwhere(grid)]


def hide(draw, site):
    wide, tall = draw.between(100, 300), draw.between(40, 200)
    deep = draw.log_between(80, 1200)
    shape = draw.pick(('stack', 'stack', 'layer', 'wall', 'single'))
    columns, rows = {'stack': (draw.integer(1, 6), draw.integer(1, 6)),
                     'layer': (draw.integer(4, 14), draw.integer(1, 2)),
                     'wall': (draw.integer(1, 2), draw.integer(4, 14)), 'single': (draw.integer(1, 2), 1)}[shape]
    columns, rows = min(columns, max(1, int(1500 / wide))), min(rows, max(1, int(1500 / tall)))
    weights = {'layer': (.35, .2, .4, .05), 'wall': (.5, .1, .38, .02)}.get(shape, (.5, .25, .1, .15))
    box, gives_way = find(draw, site, (columns * wide, rows * tall, deep), weights)
    if box is None:
        return None
    parts, shapes, fill, gap, loose = Parts(), [], draw.between(.5, 1.25), draw.between(2, 14), draw.between(0, 12)
    for row, column in places(draw, columns, rows):
        x, y = box.x0 + column * wide + draw.normal(loose), box.y0 + row * tall
        if draw.chance(0.9):
            pack = Block(x + gap / 2, x + wide - gap / 2, y + 1, y + tall - gap / 2, box.z0, box.z1)
        else:
            pack = Turned(x + wide / 2, y + tall / 2, wide - gap, tall - gap, draw.normal(.15), box.z0, box.z1)
        parts.add('drug', pack, fill=fill)
        shapes.append(pack)
    return Change(parts.items, [], [(pack, draw.between(.8, 1)) for pack in shapes] if gives_way else [], shapes)

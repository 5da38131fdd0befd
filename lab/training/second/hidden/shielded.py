"""Kind 1: a box lined with lead or steel, with or without content."""
from ..parts import Parts
from ..shapes import Ball, Block, Upright
from .place import Change, find


def hide(draw, site):
    wide = draw.log_between(100, 900)
    size = (wide, min(wide * draw.between(0.5, 1.3), 1000), wide * draw.between(0.5, 1.5))
    box, gives_way = find(draw, site, size)
    if box is None:
        return None
    parts, metal = Parts(), draw.pick(('lead', 'steel', 'steel'))
    wall = draw.log_between(2, 25 if metal == 'lead' else 40)
    wall = min(wall, box.width / 3, box.height / 3, box.depth / 3)
    x, y, z = box.centre
    if draw.chance(0.25):
        radius = min(box.width, box.depth) / 2
        outer = Upright(x, z, radius, box.y0, box.y1)
        parts.add(metal, Upright(x, z, radius, box.y0, box.y1, inner=max(1, radius - wall)))
        for low in (box.y0, box.y1 - wall):
            parts.add(metal, Upright(x, z, max(1, radius - wall), low, low + wall))
    else:
        outer = Block(*box)
        parts.shell(metal, box, wall)
    content = draw.pick((None, 'drug', 'paper', 'gold', 'lead', 'explosive', 'water', 'silver'))
    if content:
        share = draw.between(0.15, 0.3) if content in ('gold', 'lead', 'silver') else draw.between(0.4, 0.95)
        inner = min(box.width, box.height, box.depth) / 2 - wall
        if inner > 5:
            parts.add(content, Ball(x, box.y0 + wall + inner * share, z, inner * share))
    return Change(parts.items, [], [(outer, 1.0)] if gives_way else [], [outer])

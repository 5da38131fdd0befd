"""Kind 3: a dense block, bar, cylinder or ingots among other goods."""
from ..parts import Parts
from ..shapes import Ball, Block, Disk, Turned
from .place import Change, find

MATERIALS = ('drug', 'explosive', 'paper', 'water', 'food', 'stone', 'salt', 'steel', 'lead', 'copper', 'aluminium',
             'gold', 'silver', 'rubber')


def hide(draw, site):
    material = draw.pick(MATERIALS)
    metal = material in ('steel', 'lead', 'copper', 'gold', 'silver')
    wide = draw.log_between(90, 450 if metal else 1300)
    tall = min(max(60, wide * draw.log_between(.25, 1.6)), 1300)
    deep = draw.log_between(15, 160) if metal else draw.log_between(100, 1200)
    box, gives_way = find(draw, site, (wide, tall, deep))
    if box is None:
        return None
    parts, shapes = Parts(), []
    x, y, z = box.centre
    kind = draw.integer(0, 5)
    if kind <= 1:
        shapes.append(Block(*box))
    elif kind == 2:
        shapes.append(Turned(x, y, box.width * .75, box.height * .75, draw.between(0, 3.1), box.z0, box.z1))
    elif kind == 3:
        shapes.append(Disk(x, y, min(box.width, box.height) / 2, box.z0, box.z1))
    elif kind == 4:
        shapes.append(Ball(x, y, z, box.width / 2, box.height / 2, box.depth / 2))
    else:
        count = draw.integer(2, 6)
        for i in range(count):
            left = box.x0 + i * box.width / count
            shapes.append(Block(left, left + box.width / count * draw.between(.6, .98), box.y0,
                                box.y1 - draw.between(0, box.height * .3), box.z0, box.z1))
    for shape in shapes:
        parts.add(material, shape, fill=draw.between(.7, 1.1))
    return Change(parts.items, [], [(shape, 1.0) for shape in shapes] if gives_way else [], shapes)

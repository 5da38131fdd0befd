"""Kind 6: a hole or a thinner place in a load, a false wall, a hollow in one unit, a chamber in a tank."""
from ..box import Box
from ..parts import Parts
from ..shapes import Ball, Block, Disk
from .place import Change, find


def hollow(draw, site):
    """A hole among the goods, perhaps with something light in it, perhaps lined with boards."""
    wide, tall = draw.log_between(110, 1400), draw.log_between(110, 1300)
    box, _ = find(draw, site, (wide, tall, draw.log_between(250, 2300)), (1, 0, 0, 0))
    if box is None:
        return None
    x, y, z = box.centre
    shape = draw.pick((Block(*box), Block(*box), Disk(x, y, min(wide, tall) / 2, box.z0, box.z1),
                       Ball(x, y, z, wide / 2, tall / 2, box.depth / 2)))
    parts = Parts()
    if draw.chance(0.35) and isinstance(shape, Block):
        parts.shell(draw.pick(('wood', 'steel', 'aluminium')), box, draw.between(2, 18))
    if draw.chance(0.3) and isinstance(shape, Block):
        parts.box(draw.pick(('textile', 'drug', 'paper')), box.inset(min(25, wide * .15, tall * .15)),
                  fill=draw.between(.1, .5))
    return Change(parts.items, [], [(shape, draw.between(.7, 1))], [shape])


def hollow_unit(draw, site):
    """The middle of one piece of goods taken out: a log, a roll, a slab, a machine."""
    large = [unit for unit in site.parts.units if unit.box.width > 180 and unit.box.height > 120]
    if not large:
        return None
    unit = draw.pick(large)
    box, share = unit.box, draw.between(.4, .85)
    x, y, z = box.centre
    half = (min(box.width * share, 1500) / 2, box.height * share / 2, box.depth * share / 2)
    inner = Box(x - half[0], x + half[0], y - half[1], y + half[1], z - half[2], z + half[2])
    shape = draw.pick((Block(*inner), Ball(x, y, z, *half)))
    return Change([], [], [(shape, 1.0)], [shape])


def false_wall(draw, site):
    """A wall before the end of a hold, an empty or filled space behind it."""
    hold = draw.pick(site.holds)
    deep, right = draw.between(150, 900), draw.chance(.5)
    x0 = hold.x1 - deep if right else hold.x0
    box = Box(x0, x0 + deep, hold.y0, hold.y1, hold.z0, hold.z1)
    if box.height > 1600:
        box = box.slab(y=(hold.y0, hold.y0 + draw.between(900, 1500))) if draw.chance(.5) else box
    parts = Parts()
    wall = x0 if right else x0 + deep - 20
    parts.block(draw.pick(('wood', 'steel', 'aluminium')), wall, wall + draw.between(3, 20), box.y0, box.y1, box.z0,
                box.z1)
    if draw.chance(.4):
        parts.box(draw.pick(('drug', 'textile', 'paper')), box.inset(25), fill=draw.between(.05, .4))
    return Change(parts.items, [], [(Block(*box), draw.between(.85, 1))], [Block(*box)])


def hide(draw, site):
    return draw.pick((hollow, hollow_unit, false_wall), (.55, .35, .1))(draw, site)

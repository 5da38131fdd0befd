"""Kind 5: a unit of a regular load is missing, or another one stands in its place."""
from ..parts import Part, Parts
from ..shapes import Block
from .place import Change


def neighbours(site, unit, reach):
    """The unit and those behind, before or beside it, so that the difference can be seen."""
    box = unit.box
    return [other for other in site.parts.units
            if -20 < other.box.x0 - box.x0 < reach[0] and abs(other.box.y0 - box.y0) < reach[1]]


def hide(draw, site):
    if len(site.parts.units) < 4:
        return None
    unit = draw.pick(site.parts.units)
    if not (60 < unit.box.width < 2600 and 60 < unit.box.height < 2400):
        return None
    chosen = [unit]
    if draw.chance(0.6):
        near = neighbours(site, unit, (unit.box.width * draw.pick((.5, .5, 1.5)), max(20, unit.box.height * .3)))
        near.sort(key=lambda other: abs(other.box.z0 - unit.box.z0))
        chosen = near[:draw.integer(1, 5)] or chosen
    removed = [item for one in chosen for item in site.parts.of(one)]
    way = draw.pick(('missing', 'other', 'lighter', 'heavier'))
    added = Parts()
    if way == 'other':
        material = draw.pick(('drug', 'sand', 'water', 'textile', 'scrap', 'paper', 'foam'))
        for one in chosen:
            added.box(material, one.box.inset(min(20, one.box.width * .1, one.box.height * .1, one.box.depth * .1)),
                      fill=draw.between(.7, 1))
    elif way != 'missing':
        factor = draw.between(0.2, 0.75) if way == 'lighter' else draw.between(1.3, 2.5)
        added.items = [Part(base, grams * factor * site.scale, shape) for base, grams, shape in removed]
    return Change(added.items, removed, [], [Block(*one.box) for one in chosen])

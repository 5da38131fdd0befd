"""The load of a vehicle: one kind of goods, or two or three in sections one after the other."""
from typing import NamedTuple

import numpy as np

from .bodies import POLYGON, Bodies
from .draws import log_uniform
from .goods.catalogue import EMPTY, GOODS, TEXTURES, USUAL_TEXTURE
from .goods.section import Section
from .physics import CELLULOSE, ORGANIC

SHORTEST_SECTION = 1.2
MIXED_SHARE = .28


class Load(NamedTuple):
    """The bodies of a load, the names of its kinds of goods, and how uneven they are (relative spread)."""
    bodies: Bodies
    kinds: list
    texture: float


def draw_load(rng, hold, kind=None, may_be_empty=True):
    """A load in the hold; of the kind that is given, perhaps with others."""
    kinds = draw_kinds(rng, kind, may_be_empty)
    bodies, texture = Bodies(), 0
    for index, (x0, x1) in enumerate(draw_ranges(rng, hold, len(kinds))):
        section = draw_section(rng, hold, index, x0, x1)
        if section.x1 - section.x0 < SHORTEST_SECTION:
            continue
        GOODS[kinds[index]](rng, bodies, section)
        texture = max(texture, TEXTURES.get(kinds[index], USUAL_TEXTURE))
    bodies = misalign(rng, bodies, hold)
    if kinds[0] != EMPTY and rng.random() < .35:
        add_dunnage(rng, bodies, hold)
    return Load(bodies, kinds, texture)


def draw_kinds(rng, kind, may_be_empty):
    """Names of one to three kinds of goods."""
    names = list(GOODS)
    if kind is None:
        weights = np.ones(len(names))
        weights[names.index('cartons')] = 2
        weights[names.index(EMPTY)] = .6 if may_be_empty else 0
        kind = names[rng.choice(len(names), p=weights / weights.sum())]
    if kind == EMPTY or rng.random() >= MIXED_SHARE:
        return [kind]
    others = [name for name in names if name not in (EMPTY, 'pipes', kind)]
    return [kind, *map(str, rng.choice(others, int(rng.integers(1, 3)), replace=False))]


def draw_ranges(rng, hold, count):
    """Start and end in m of each section; the load rarely fills the hold."""
    length = hold.x1 - hold.x0
    end = hold.x1 - (rng.uniform(.05, .3) if rng.random() < .6 else rng.uniform(.3, .35) * length * rng.random())
    start = hold.x0 + (rng.uniform(0, .1) if rng.random() < .8 else rng.uniform(0, .1) * length)
    cuts = [start + (end - start) * (index + 1 + rng.uniform(-.2, .2)) / count for index in range(count - 1)]
    return list(zip([start, *cuts], [cut - .04 for cut in cuts] + [end]))


def draw_section(rng, hold, index, x0, x1):
    """A section of the hold, with the attenuation that its goods should have."""
    attenuation = float(np.clip(np.exp(rng.normal(np.log(2.35), .55)), .45, 5.8))
    return Section(x0, x1, hold.y0 + .003, hold.y1 - .06, hold.z0 + .02, hold.z1 - .02, attenuation, index)


def misalign(rng, bodies, hold):
    """The load with stacks that lean, and with rows at different depths that do not line up."""
    lean_spread, row_spread = log_uniform(rng, .001, .012), log_uniform(rng, .003, .06)
    leans, offsets = {}, {}
    result = Bodies()
    for body in bodies:
        if body.unit is None or body.shape == POLYGON:
            result.append(body)
            continue
        section, column, _, row = body.unit
        if (section, column) not in leans:
            leans[section, column] = rng.normal(0, lean_spread)
        if (section, row) not in offsets:
            offsets[section, row] = rng.normal(0, row_spread)
        shift = leans[section, column] * (body.y0 + body.y1 - 3) / 2 + offsets[section, row]
        shift = limit_shift(shift, body, hold)
        result.append(body.with_x(body.x0 + shift, body.x1 + shift))
    return result


def limit_shift(shift, body, hold):
    """The part of a shift that leaves the body in the hold."""
    if body.x1 - body.x0 >= hold.x1 - hold.x0:
        return 0
    return min(max(shift, hold.x0 - body.x0), hold.x1 - body.x1)


def add_dunnage(rng, bodies, hold):
    """Posts, struts and straps that hold the load."""
    for _ in range(int(rng.integers(1, 4))):
        x = rng.uniform(hold.x0 + .3, hold.x1 - .3)
        shape = rng.integers(3)
        if shape == 0:
            y = hold.y0, hold.y0 + rng.uniform(.5, 2)
            bodies.box(CELLULOSE, .5, (x, x + .09), y, (hold.z0 + .3, hold.z0 + .4))
        elif shape == 1:
            end = min(x + .5, hold.x1), hold.y0 + rng.uniform(.4, 1.2)
            bodies.bar(CELLULOSE, .5, (x, hold.y0), end, .07, (hold.z0 + .6, hold.z0 + .68))
        else:
            start = x, hold.y0 + rng.uniform(.3, 2)
            end = min(hold.x1, x + rng.uniform(.3, 1.5)), hold.y0 + rng.uniform(.3, 2)
            bodies.bar(ORGANIC, 1.2, start, end, .04, (hold.z0, hold.z0 + .004))

"""Cavities, and units of goods that are missing or replaced; functions as in things.py."""
from ..bodies import DISC, ELLIPSOID, UPRIGHT_CYLINDER, Bodies
from ..draws import choose_material
from ..physics import ALUMINIUM, CELLULOSE, ORGANIC, SILICA, WATER
from .change import Change, carve, group_by_unit, space_around, take_units


def hide_cavity(rng, load, is_faint):
    """A hollow in the load, some with thin boards around it."""
    space = load.draw_place(rng, draw_cavity_size(rng, load.hold, is_faint))
    whole_units = any(body.shape in (UPRIGHT_CYLINDER, DISC, ELLIPSOID) and body.unit is not None
                      for body in load.goods) or rng.random() < .4
    removed, pieces = take_units(load.goods, space) if whole_units else carve(load.goods, space)
    if not removed:
        removed, pieces = carve(load.goods, space)
    if not whole_units and rng.random() < .3:
        pieces = [*pieces, *boards_around(space)]
    return Change(removed, pieces, []) if removed else None


def draw_cavity_size(rng, hold, is_faint):
    """Size in m (x, y, z); a third goes through the whole depth."""
    width, height = rng.uniform(.4, 1.0, 2)
    height = min(height, hold.y1 - hold.y0 - .4)
    depth = hold.z1 - hold.z0
    share = 1.0 if rng.random() < .35 else rng.uniform(.3, .9)
    if is_faint:
        share = rng.uniform(.12, .35)
    return width, height, min(depth * share, depth - .05)


def boards_around(space):
    """Two sides and a lid of plywood."""
    boards = Bodies()
    for left in (space.x0, space.x1 - .009):
        boards.box(CELLULOSE, .6, (left, left + .009), space.y, space.z)
    boards.box(CELLULOSE, .6, space.x, (space.y1 - .009, space.y1), space.z)
    return boards


def take_unit(rng, load, is_faint):
    """Units behind one another are missing; perhaps other goods are in their place."""
    units = group_by_unit(load.goods)
    rows_of = group_rows(units)
    stacks = enclosed_stacks(rows_of)
    if not stacks:
        return None
    stack = stacks[int(rng.integers(len(stacks)))]
    rows = sorted(rows_of[stack])
    count = 1 if is_faint else len(rows) if rng.random() < .5 else int(rng.integers(1, len(rows) + 1))
    first = int(rng.integers(0, len(rows) - count + 1))
    taken = {(*stack, row) for row in rows[first:first + count]}
    removed = [body for body in load.goods if body.unit in taken]
    has_substitute = rng.random() < (.8 if is_faint else .4)
    return Change(removed, draw_substitute(rng, removed, is_faint) if has_substitute else [], [])


def group_rows(units):
    """{(section, column, layer): its rows in depth}."""
    rows = {}
    for *stack, row in units:
        rows.setdefault(tuple(stack), []).append(row)
    return rows


def enclosed_stacks(rows_of):
    """Those with neighbours on both sides; only those with goods on top too, if there are any."""
    beside = [(section, column, layer) for section, column, layer in rows_of
              if (section, column - 1, layer) in rows_of and (section, column + 1, layer) in rows_of]
    below = [(section, column, layer) for section, column, layer in beside if (section, column, layer + 1) in rows_of]
    return below or beside


def draw_substitute(rng, removed, is_faint):
    """One box of another density about as large as the bodies that it replaces."""
    space = space_around(removed)
    mass = sum(body.density * (body.x1 - body.x0) * (body.y1 - body.y0) * (body.z1 - body.z0) for body in removed)
    width, height = space.x1 - space.x0, space.y1 - space.y0
    density = mass / (width * height * (space.z1 - space.z0))
    factor = rng.uniform(.7, 1.35) if is_faint else rng.choice([rng.uniform(.2, .7), rng.uniform(1.3, 2.2)])
    material = choose_material(rng, [ORGANIC, CELLULOSE, WATER, ALUMINIUM, SILICA])
    x = space.x0 + .005, space.x0 + width * rng.uniform(.85, .98)
    y = space.y0 + .002, space.y0 + height * rng.uniform(.8, .98)
    substitute = Bodies()
    substitute.box(material, min(density * factor, 3.0), x, y, space.z)
    return substitute

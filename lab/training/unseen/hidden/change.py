"""A change of a load, and how bodies are taken out of it to make room."""
from typing import NamedTuple

from ..bodies import BOTTLES, BOX, DISC, LYING_CYLINDER, POLYGON, SACK, UPRIGHT_CYLINDER, Bodies, BottleRow, Space

THIN_WALL = .9
"""Cylinders with a larger inner radius (share of the outer one) are walls; they are not cut."""


class NoPlace(LookupError):
    """Nothing in the load covers a thing of this size."""


class Change(NamedTuple):
    """Bodies that are taken out, those that are put back in their place, and those that are hidden."""
    removed: list
    pieces: list
    hidden: list


def space_around(bodies):
    """The space around all bodies."""
    return Space(min(body.x0 for body in bodies), max(body.x1 for body in bodies),
                 min(body.y0 for body in bodies), max(body.y1 for body in bodies),
                 min(body.z0 for body in bodies), max(body.z1 for body in bodies))


def group_by_unit(goods):
    """{unit: its bodies}, without those of no unit."""
    units = {}
    for body in goods:
        if body.unit is not None:
            units.setdefault(body.unit, []).append(body)
    return units


def take_units(goods, space):
    """(removed bodies, no pieces): whole units whose middle lies in the space."""
    taken = {unit for unit, bodies in group_by_unit(goods).items() if has_middle_in(space_around(bodies), space)}
    return [body for body in goods if body.unit in taken], []


def carve(goods, space):
    """(removed bodies, pieces of them that stay) where the space is emptied.

    Boxes are cut at its faces; bottles are cut along the vehicle and in depth. Other bodies are taken out whole, or cut
    along their axis, if their middle lies in the space, and stay otherwise.
    """
    removed, pieces = [], []
    for body in goods:
        if not overlaps(body, space):
            continue
        left_over = cut(body, space)
        if left_over is not None:
            removed.append(body)
            pieces += left_over
    return removed, pieces


def overlaps(body, space):
    """Whether they have space in common."""
    return not (body.x1 <= space.x0 or body.x0 >= space.x1 or body.y1 <= space.y0 or body.y0 >= space.y1
                or body.z1 <= space.z0 or body.z0 >= space.z1)


def has_middle_in(body, space):
    """Whether the middle of a body or a space lies in the space."""
    return (space.x0 < (body.x0 + body.x1) / 2 < space.x1 and space.y0 < (body.y0 + body.y1) / 2 < space.y1
            and space.z0 < (body.z0 + body.z1) / 2 < space.z1)


def cut(body, space):
    """What is left of a body that overlaps the space, as a list of bodies; None if the body stays as it is."""
    if body.shape == BOX or (body.shape == SACK and is_large(body)):
        return cut_box(body, space)
    return CUTS.get(body.shape, cut_across)(body, space)


def is_large(body):
    """Whether a sack is a bale, which is cut rather than taken out."""
    return body.x1 - body.x0 > .5 and body.y1 - body.y0 > .35


def cut_box(body, space):
    """Up to six boxes around the space."""
    pieces = Bodies()
    x = max(body.x0, space.x0), min(body.x1, space.x1)
    y = max(body.y0, space.y0), min(body.y1, space.y1)
    parts = [((body.x0, min(body.x1, space.x0)), (body.y0, body.y1), (body.z0, body.z1)),
             ((max(body.x0, space.x1), body.x1), (body.y0, body.y1), (body.z0, body.z1)),
             (x, (body.y0, min(body.y1, space.y0)), (body.z0, body.z1)),
             (x, (max(body.y0, space.y1), body.y1), (body.z0, body.z1)),
             (x, y, (body.z0, min(body.z1, space.z0))),
             (x, y, (max(body.z0, space.z1), body.z1))]
    for part in parts:
        pieces.box(body.material, body.density, *part, body.unit)
    return pieces


def cut_bottles(body, space):
    """Up to four blocks of bottles around the space, over the full height."""
    x = max(body.x0, space.x0), min(body.x1, space.x1)
    parts = [((body.x0, min(body.x1, space.x0)), (body.z0, body.z1)),
             ((max(body.x0, space.x1), body.x1), (body.z0, body.z1)),
             (x, (body.z0, min(body.z1, space.z0))),
             (x, (max(body.z0, space.z1), body.z1))]
    pitch, inner, phase = body.detail
    pieces = Bodies()
    for part_x, part_z in parts:
        if part_x[1] > part_x[0] + .01 and part_z[1] > part_z[0]:
            row = BottleRow(pitch, inner, (phase + (part_x[0] - body.x0) / pitch) % 1)
            pieces.bottles(body.material, body.density, part_x, (body.y0, body.y1), part_z, row, body.unit)
    return pieces


def ends_beyond(whole, cut, with_range):
    """The parts of a body before and behind a cut, along one axis. `with_range(start, end)` gives a part."""
    (start, end), (cut_start, cut_end) = whole, cut
    before = [with_range(start, cut_start)] if start < cut_start else []
    return before + ([with_range(cut_end, end)] if end > cut_end else [])


def cut_sack(body, space):
    """Nothing is left of a sack whose middle is in the space."""
    return [] if has_middle_in(body, space) else None


def cut_lying_cylinder(body, space):
    """The ends of a cylinder whose axis goes through the space."""
    if not (space.y0 < (body.y0 + body.y1) / 2 < space.y1 and space.z0 < (body.z0 + body.z1) / 2 < space.z1):
        return None
    return ends_beyond((body.x0, body.x1), (space.x0, space.x1), body.with_x)


def cut_upright_cylinder(body, space):
    """The lower and the upper end of a cylinder whose axis goes through the space."""
    if not (space.x0 < (body.x0 + body.x1) / 2 < space.x1 and space.z0 < (body.z0 + body.z1) / 2 < space.z1
            and body.detail < THIN_WALL):
        return None
    return ends_beyond((body.y0, body.y1), (space.y0, space.y1), body.with_y)


def cut_across(body, space):
    """Front and back of a disc or a plate whose middle is in the space, or a little beyond it; none of an ellipsoid."""
    if not has_middle_in(body, space._replace(z1=space.z1 + .2)):
        return None
    if body.shape not in (DISC, POLYGON):
        return []
    return ends_beyond((body.z0, body.z1), (space.z0, space.z1), body.with_z)


CUTS = {BOTTLES: cut_bottles, SACK: cut_sack, LYING_CYLINDER: cut_lying_cylinder,
        UPRIGHT_CYLINDER: cut_upright_cylinder}

"""Puts a vehicle together."""
from typing import NamedTuple

from ..bodies import Bodies, Space
from ..fan import Fan
from ..physics import STEEL, STEEL_DENSITY
from .cab import add_cab
from .chassis import Chassis
from .container import add_container
from .outline import REEFER, TRUCK, draw_outline
from .reefer import add_reefer
from .truck_body import add_truck_body
from .wheels import add_wheels, dual_tyres


class Vehicle(NamedTuple):
    """A vehicle without its load: the fan that looks at it, its bodies, and the space for goods."""
    fan: Fan
    bodies: Bodies
    hold: Space


def draw_vehicle(rng):
    """A random vehicle."""
    outline, fan = draw_outline(rng)
    bodies = Bodies()
    add_road(bodies, outline.middle)
    if outline.kind == TRUCK:
        hold = add_truck_body(rng, bodies, outline)
        add_truck_chassis(rng, bodies, outline)
    else:
        add_body = add_reefer if outline.kind == REEFER else add_container
        hold = add_body(rng, bodies, outline)
        add_trailer(rng, bodies, outline)
    return Vehicle(fan, bodies, hold)


def add_road(bodies, middle):
    """The lane between source and detector, as thick steel."""
    bodies.box(STEEL, STEEL_DENSITY, (-1, 20), (-.6, -.02), (middle - 2, middle + 2))


def add_truck_chassis(rng, bodies, outline):
    """Chassis with one or two rear axles, and the cab."""
    left, right = outline.x
    beams = left + .3 * outline.faces_right, right - .3 * (not outline.faces_right)
    axles = int(rng.integers(1, 3))
    Chassis(rng, bodies, beams, outline.base, outline.middle, outline.forward).add(rng, axles)
    cab = ((right + .05, right + outline.cab_length) if outline.faces_right
           else (left - outline.cab_length, left - .05))
    add_cab(rng, bodies, cab, outline.base, outline.middle, outline.forward)


def add_trailer(rng, bodies, outline):
    """The trailer below a container, and now and then the tractor's rear axle."""
    left, right = outline.x
    chassis = Chassis(rng, bodies, (left - .05, right + .05), outline.base - .01, outline.middle, outline.forward)
    chassis.add(rng)
    if rng.random() < .15:
        x = right - .4 if outline.faces_right else left + .4
        add_wheels(bodies, (x, .5), .5, dual_tyres(outline.middle))

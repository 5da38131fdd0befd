"""The cab of a truck, with its engine and the front axle."""
from ..physics import ALUMINIUM, ORGANIC, SILICA, STEEL, STEEL_DENSITY
from .ruler import Ruler
from .wheels import add_beam, add_wheels

FLOOR = .75
"""Height of the cab's floor in m."""


def add_cab(rng, bodies, x, base, middle, forward):
    """Adds a cab between two places; distances along it are measured from its nose."""
    left, right = x
    length = right - left
    from_nose = Ruler(right if forward > 0 else left, -forward)
    top = base + rng.uniform(1.5, 1.9)
    add_shell(bodies, from_nose, length, top, middle)
    add_windows(bodies, from_nose, top, middle)
    for side in (-.55, .55):
        add_seat(bodies, from_nose, middle + side)
    add_engine(rng, bodies, from_nose, middle)
    radius = rng.uniform(.46, .5)
    axle = from_nose.at(min(1.35, length * .6))
    add_wheels(bodies, (axle, radius), radius, [middle - 1.0, middle + 1.0], .3)
    for side in (-1, 1):
        add_beam(bodies, from_nose.span(.3, length + .2), (.72, .98), middle + side * .42, .08)


def add_shell(bodies, from_nose, length, top, middle):
    """Both side walls: steel with a plastic lining."""
    at = from_nose.at
    corners = [(at(0.02), FLOOR), (at(0), FLOOR + .9), (at(.22), top - .1), (at(.5), top), (at(length - .1), top),
               (at(length - .1), FLOOR + .1)]
    for wall in (middle - 1.15, middle + 1.15):
        bodies.polygon(STEEL, STEEL_DENSITY, corners, (wall, wall + .0016))
        bodies.polygon(ORGANIC, 1.0, corners, (wall, wall + .004))


def add_windows(bodies, from_nose, top, middle):
    """Side windows: glass in place of steel."""
    x, y = from_nose.span(.35, 1.15), (top - .95, top - .25)
    for wall in (middle - 1.15, middle + 1.15):
        bodies.box(STEEL, -STEEL_DENSITY, x, y, (wall, wall + .0016))
        bodies.box(SILICA, 2.5, x, y, (wall, wall + .005))


def add_seat(bodies, from_nose, middle):
    """Foam of the seat and of its back, and a steel frame."""
    at, z = from_nose.at, (middle - .25, middle + .25)
    bodies.box(ORGANIC, .06, from_nose.span(1.1, 1.6), (FLOOR + .5, FLOOR + .65), z)
    bodies.bar(ORGANIC, .07, (at(1.6), FLOOR + .6), (at(1.75), FLOOR + 1.3), .12, z)
    bodies.bar(STEEL, STEEL_DENSITY, (at(1.15), FLOOR + .52), (at(1.6), FLOOR + .5), .02, (middle - .2, middle - .15))


def add_engine(rng, bodies, from_nose, middle):
    """The engine with six pulleys or pumps, the radiator and the steering wheel."""
    left, right = from_nose.span(.4, 1.6)
    bodies.box(STEEL, 2.4, (left, right), (.75, 1.25), (middle - .25, middle + .2))
    for _ in range(6):
        x = rng.uniform(left, right - .1)
        bodies.disc(STEEL, 5, (x, rng.uniform(.8, 1.2)), rng.uniform(.05, .1), (middle - .2, middle - .1))
    bodies.box(ALUMINIUM, .9, from_nose.span(.18, .26), (.7, 1.4), (middle - .5, middle + .3))
    bodies.disc(STEEL, STEEL_DENSITY, (from_nose.at(.65), FLOOR + .95), .21, (middle - .6, middle - .575), .9)

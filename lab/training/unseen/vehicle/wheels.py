"""Wheels and beams."""
import numpy as np

from ..physics import ORGANIC, STEEL, STEEL_DENSITY

TYRE_WIDTH = .27
WIDE_TYRE_WIDTH = .36
"""In m, typical."""


def dual_tyres(middle):
    """Depths of four tyres on an axle, in m."""
    return [middle - 1.08, middle - .78, middle + .78, middle + 1.08]


def add_wheels(bodies, centre, radius, depths, width=.26):
    """The wheels of one axle with brakes, hubs and the axle itself; centre is (x, y), depths are those of the tyres."""
    for depth in depths:
        add_wheel(bodies, centre, radius, depth, width)
    rim = radius * .56
    for depth in (min(depths), max(depths)):
        bodies.disc(STEEL, 7.2, centre, rim * .72, (depth - .1, depth + .1), .9, 2)
        bodies.disc(STEEL, 7.2, centre, .11, (depth - .12, depth + .12), 0, 2)
    bodies.disc(STEEL, STEEL_DENSITY, centre, .065, (min(depths), max(depths)), .72, 4)


def add_wheel(bodies, centre, radius, depth, width):
    """Tread with steel belt, side walls, rim, and a wheel disc with eight holes."""
    near, far, rim = depth - width / 2, depth + width / 2, radius * .56
    bodies.disc(ORGANIC, 1.15, centre, radius, (near, far), .955, 2)
    bodies.disc(STEEL, STEEL_DENSITY, centre, radius * .93, (depth - width * .4, depth + width * .4), .992, 1)
    bodies.disc(ORGANIC, 1.15, centre, radius, (near, near + .014), rim / radius)
    bodies.disc(ORGANIC, 1.15, centre, radius, (far - .014, far), rim / radius)
    bodies.disc(STEEL, STEEL_DENSITY, centre, rim, (near + .03, far - .03), .96, 2)
    wheel_disc = depth - .006, depth + .005
    bodies.disc(STEEL, STEEL_DENSITY, centre, rim * .95, wheel_disc, .45)
    for hole in range(8):
        angle = hole * np.pi / 4 + .2
        place = centre[0] + .72 * rim * np.cos(angle), centre[1] + .72 * rim * np.sin(angle)
        bodies.disc(STEEL, -6.0, place, .032, wheel_disc)


def add_beam(bodies, x, y, middle, width=.13, web=.008, flange=.014):
    """An I-beam along the vehicle; x and y are ranges, all in m."""
    bodies.box(STEEL, STEEL_DENSITY, x, y, (middle - web / 2, middle + web / 2))
    flanges = middle - width / 2, middle + width / 2
    bodies.box(STEEL, STEEL_DENSITY, x, (y[0], y[0] + flange), flanges)
    bodies.box(STEEL, STEEL_DENSITY, x, (y[1] - flange, y[1]), flanges)

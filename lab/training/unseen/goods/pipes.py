"""Long steel: pipes, I-beams, and bars in bundles."""
import numpy as np

from ..draws import log_uniform
from ..physics import CELLULOSE, STEEL, STEEL_DENSITY
from .section import count_rows, draw_depths

PER_METRE = 4.2
"""Rough -ln T of one metre of steel at 1 g/cm3."""


def add_pipes(rng, bodies, section):
    """One kind of long steel, of the length of the section or in two lengths."""
    add_kind = [add_tubes, add_tubes, add_beams, add_bundles][rng.integers(4)]
    left = section.x0 + rng.uniform(.02, .1)
    length = min(section.length - .15, rng.choice([5.8, 11.7]))
    count = 2 if length < section.length / 2 else 1
    for _ in range(count):
        add_kind(rng, bodies, section, left, length)
        left += length + .1


def add_bearers(bodies, starts, thickness, y, z):
    """Squared timbers across the vehicle; y and z are ranges in m."""
    for start in starts:
        bodies.box(CELLULOSE, .55, (start, start + thickness), y, z)


def add_tubes(rng, bodies, section, left, length):
    """Round tubes in layers, each in the hollows of the one below; bearers below every fourth."""
    radius = log_uniform(rng, .025, .16)
    wall = log_uniform(rng, .003, .009)
    inner = 1 - wall / radius
    density = STEEL_DENSITY * (1 - inner * inner) * .785  # steel spread over the square around a tube
    rows = count_rows(section.attenuation, PER_METRE * density * 2 * radius, section.depth / (2 * radius) - 1)
    layers = int(np.clip(section.height * rng.uniform(.3, .8) / (1.73 * radius), 1, 14))
    depths = draw_depths(rng, section, rows, 2 * radius)
    y = section.y0
    for layer in range(layers):
        if layer % 4 == 0:
            starts = np.arange(left + .4, left + length - .3, 1.7)
            add_bearers(bodies, starts, .09, (y, y + .08), (depths[0], depths[0] + rows * 2 * radius))
            y += .08
        for row, z in enumerate(depths):
            start = left + abs(rng.normal(0, .03))
            end = start + length - abs(rng.normal(0, .03))
            centre = y + radius, z + radius + (radius if layer % 2 else 0)
            bodies.lying_cylinder(STEEL, STEEL_DENSITY, (start, end), centre, radius, inner,
                                  (section.index, 0, layer, row))
        y += 1.74 * radius if (layer + 1) % 4 else 2 * radius


def add_beams(rng, bodies, section, left, length):
    """I-beams in layers on bearers. Their number is a rough guess."""
    height = rng.uniform(.1, .3)
    width = height * rng.uniform(.5, 1)
    web, flange = height * .035 + .002, height * .06 + .002
    layers = int(np.clip(section.height * rng.uniform(.3, .8) / (height + .04), 1, 8))
    rows = count_rows(section.attenuation, PER_METRE * .78 * web * 100 / 10, min(12, section.depth / width - .5))
    depths = draw_depths(rng, section, rows, width)
    y = section.y0
    for _ in range(layers):
        starts = np.arange(left + .4, left + length - .3, 2.1)
        add_bearers(bodies, starts, .08, (y, y + .05), (depths[0], depths[0] + rows * width))
        y += .05
        for z in depths:
            start = left + abs(rng.normal(0, .04))
            x = start, start + length - abs(rng.normal(0, .05))
            bodies.box(STEEL, STEEL_DENSITY, x, (y, y + height), (z + width / 2 - web / 2, z + width / 2 + web / 2))
            bodies.box(STEEL, STEEL_DENSITY, x, (y, y + flange), (z, z + width * .3))
            bodies.box(STEEL, STEEL_DENSITY, x, (y + height - flange, y + height), (z, z + width * .3))
        y += height


def add_bundles(rng, bodies, section, left, length):
    """Bundles of bars above one another, in some rows."""
    rows = int(rng.integers(2, 6))
    lighter = min(1, section.attenuation / 4)
    for row in range(rows):
        radius = rng.uniform(.05, .1)
        z = section.z0 + section.depth * (row + .5) / rows
        for layer in range(int(rng.integers(1, 5))):
            y = section.y0 + .08 + radius + layer * (2 * radius + .07)
            start = left + abs(rng.normal(0, .06))
            add_bundle(rng, bodies, (start, start + length), (y, z), radius, lighter)
    starts = np.arange(left + .3, left + length - .2, 1.5)
    add_bearers(bodies, starts, .08, (section.y0, section.y0 + .07), (section.z0 + .1, section.z1 - .1))


def add_bundle(rng, bodies, x, centre, radius, lighter):
    """Six bars that stand out, and all others as one light cylinder."""
    (start, end), (y, z) = x, centre
    for _ in range(6):
        bar = start + abs(rng.normal(0, .03)), end - abs(rng.normal(0, .04))
        place = y + rng.uniform(-.5, .5) * radius, z + rng.uniform(-.5, .5) * radius
        bodies.lying_cylinder(STEEL, STEEL_DENSITY * .8 * lighter, bar, place, radius * .4)
    bodies.lying_cylinder(STEEL, STEEL_DENSITY * .35 * lighter, x, centre, radius)

"""Tyres, in flat stacks or standing."""
import numpy as np

from ..physics import ORGANIC, STEEL
from .section import draw_columns, draw_depths


def add_tyres(rng, bodies, section):
    """Tyres of one size."""
    radius = rng.choice([.3, .33, .36, .5]) * rng.uniform(.97, 1.03)
    width = radius * rng.uniform(.55, .75)
    density = float(np.clip(.55 * section.attenuation / 2.0, .3, 1.0))
    if rng.random() < .6:
        add_stacks(rng, bodies, section, radius, width, density)
    else:
        add_standing_rows(rng, bodies, section, radius, width, density)


def add_stacks(rng, bodies, section, radius, width, density):
    """Stacks of lying tyres, more or less pressed."""
    rows = max(1, int(section.depth / (2 * radius)))
    if section.attenuation < 1.5:
        rows = max(1, rows - 1)
    depths = draw_depths(rng, section, rows, 2 * radius)
    most = int((section.height - .05) / width * rng.uniform(.6, 1))
    for column, x in enumerate(draw_columns(rng, section, 2 * radius, .02)):
        for row, z in enumerate(depths):
            pressed = rng.uniform(.94, 1)
            for layer in range(max(1, most - int(rng.integers(0, 2)))):
                centre = x + radius + rng.normal(0, .012), z + radius
                y = section.y0 + layer * width * pressed
                add_lying_tyre(bodies, density, centre, radius, y, width, (section.index, column, layer, row))


def add_lying_tyre(bodies, density, centre, radius, y, width, unit):
    """Tread, two side walls and a steel belt."""
    bodies.upright_cylinder(ORGANIC, density * 1.0, centre, radius, (y + width * .06, y + width * .94), .78, unit)
    for wall in ((y + .004, y + width * .12), (y + width * .88, y + width * .99)):
        bodies.upright_cylinder(ORGANIC, density * 1.1, centre, radius * .95, wall, .55, unit)
    bodies.upright_cylinder(STEEL, .35, centre, radius * .97, (y + width * .1, y + width * .9), .95, unit)


def add_standing_rows(rng, bodies, section, radius, width, density):
    """Layers of standing tyres, which overlap as they do when laced."""
    pitch = radius * rng.uniform(.7, 2.0)
    rows = int(np.clip(section.depth / width * rng.uniform(.5, 1), 1, 6))
    y, layer = section.y0 + radius, 0
    near = section.z0 + (section.depth - rows * width) / 2
    z = near, near + rows * width
    while y + radius < section.y1:
        for x in np.arange(section.x0 + radius, section.x1 - radius, pitch):
            centre, unit = (x + rng.normal(0, .012), y), (section.index, 0, layer, 0)
            bodies.disc(ORGANIC, density * .9, centre, radius, z, .86, 3, unit)
            bodies.disc(ORGANIC, density * .35, centre, radius * .93, z, .58, 2, unit)
            bodies.disc(STEEL, .25, centre, radius * .6, z, .94, 2, unit)
        y += radius * rng.uniform(1.2, 2.0)
        layer += 1
        if rng.random() < .1:
            break

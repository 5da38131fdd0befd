"""Coils of sheet or wire."""
from dataclasses import dataclass

import numpy as np

from ..physics import ALUMINIUM, CELLULOSE, COPPER, STEEL, STEEL_DENSITY
from .section import add_pallet

COIL_MATERIALS = [(STEEL, 7.5), (STEEL, 3.5), (ALUMINIUM, 2.6), (COPPER, 3.5)]
"""Material and density in g/cm3: sheet, wire, sheet, wire."""

PER_METRE = 4.0
"""Rough -ln T of one metre at 1 g/cm3."""


@dataclass(frozen=True)
class Coil:
    """Radius and width in m; inner radius as a share of the outer one."""
    material: int
    density: float
    radius: float
    inner: float
    width: float


def add_coils(rng, bodies, section):
    """Coils in a row, lying across the vehicle or, less often, flat on pallets."""
    radius = rng.uniform(.3, .65)
    material, density = COIL_MATERIALS[rng.integers(4)]
    width = float(np.clip(section.attenuation / (PER_METRE * density), .06, .9))
    rows = 1
    if width < .35:
        rows = int(rng.integers(1, 4))
        width /= rows
    coil = Coil(material, density, radius, rng.uniform(.35, .6), width)
    is_flat = rng.random() < .3
    gap = rng.uniform(.05, .9) if rng.random() < .6 else .03
    tiers = 1 if radius > .5 or rng.random() < .5 else 2
    x, column = section.x0 + .1, 0
    while x + 2 * radius < section.x1:
        if is_flat:
            add_flat_coils(rng, bodies, section, coil, x, column)
        else:
            for tier in range(tiers):
                add_lying_coils(rng, bodies, section, coil, x, (column, tier), rows)
            bodies.box(CELLULOSE, .6, (x, x + 2 * radius), (section.y0, section.y0 + .07),
                       (section.z0 + .5, section.z0 + .8))
        x += 2 * radius + gap * rng.uniform(.7, 1.3)
        column += 1


def add_flat_coils(rng, bodies, section, coil, x, column):
    """One to three coils on a pallet, boards between them."""
    radius, near = coil.radius, section.z0 + .3
    y = add_pallet(bodies, x, 2 * radius, near, 2 * radius, section.y0)
    height = min(max(coil.width, .08), .4)
    lighter = min(1., section.attenuation / (PER_METRE * coil.density * 2 * radius * .6))
    for layer in range(int(rng.integers(1, 4))):
        bodies.upright_cylinder(coil.material, coil.density * lighter, (x + radius, near + radius), radius * .97,
                                (y, y + height), coil.inner, (section.index, column, layer, 0))
        y += height
        bodies.box(CELLULOSE, .5, (x, x + 2 * radius), (y, y + .03), (section.z0 + .4, section.z0 + .6))
        y += .03


def add_lying_coils(rng, bodies, section, coil, x, place, rows):
    """Coils behind one another with straps and wedges; nothing where they do not fit below the roof."""
    radius = coil.radius
    column, tier = place
    centre = x + radius, section.y0 + .06 + radius + tier * (2 * radius + .05)
    if centre[1] + radius > section.y1:
        return
    outer = min(radius * rng.normal(1, .01), radius)
    for row in range(rows):
        z = section.z0 + section.depth * (row + .5) / rows - coil.width / 2 + rng.normal(0, .03)
        bodies.disc(coil.material, coil.density, centre, outer, (z, z + coil.width), coil.inner, 3,
                    (section.index, column, tier, row))
    add_straps(bodies, section, coil, centre)
    add_wedges(bodies, section, coil, centre)


def add_straps(bodies, section, coil, centre):
    """Six straps round the coil, seen from its side."""
    (x, y), radius, hole = centre, coil.radius, coil.inner * coil.radius
    for strap in range(6):
        angle = strap * np.pi / 3
        start = x + hole * np.cos(angle), y + hole * np.sin(angle)
        end = x + radius * np.cos(angle), y + radius * np.sin(angle)
        bodies.bar(STEEL, STEEL_DENSITY, start, end, .03, (section.z0 + .1, section.z0 + .101))


def add_wedges(bodies, section, coil, centre):
    """A wooden wedge on either side."""
    (x, y), radius = centre, coil.radius
    middle = section.z0 + section.depth / 2
    for side in (-1, 1):
        start = x + side * radius * .5, y - radius * 1.05
        end = x + side * radius * .95, y - radius * .6
        bodies.bar(CELLULOSE, .6, start, end, .09, (middle - .3, middle + .3))

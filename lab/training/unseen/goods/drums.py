"""Drums of steel or plastic, in one or two tiers on boards."""
from dataclasses import dataclass

from ..physics import CELLULOSE, ORGANIC, STEEL, STEEL_DENSITY, WATER
from .section import draw_columns, draw_depths, fit_rows

CONTENTS = [(ORGANIC, .75, .95), (WATER, 1., 1.1), (CELLULOSE, .4, .7), (ORGANIC, .3, .6)]
"""Material, least and greatest density in g/cm3: oil, watery liquid, powder, granules."""


@dataclass(frozen=True)
class Drum:
    """Radius and height in m, and what is in it up to a share of its height."""
    is_steel: bool
    radius: float
    height: float
    material: int
    density: float
    level: float

    def add(self, rng, bodies, x, y, z, unit):
        """Adds a drum with its axis at x and z, and its base at y."""
        level_spread = .01 if self.material in (ORGANIC, WATER) else .03
        level = min(self.level + rng.normal(0, level_spread), 1)
        bodies.upright_cylinder(self.material, self.density * rng.normal(1, .01), (x, z), self.radius - .003,
                                (y + .02, y + .02 + (self.height - .03) * level), 0, unit)
        if self.is_steel:
            self.add_steel_shell(bodies, (x, z), y, unit)
        else:
            self.add_plastic_shell(bodies, (x, z), y, unit)

    def add_steel_shell(self, bodies, centre, y, unit):
        """A wall of 1.2 mm, four hoops, lid and bottom."""
        radius, height = self.radius, self.height
        bodies.upright_cylinder(STEEL, STEEL_DENSITY, centre, radius, (y, y + height), 1 - .0012 / radius, unit)
        for hoop in (0, height * .33, height * .66, height - .02):
            bodies.upright_cylinder(STEEL, STEEL_DENSITY, centre, radius + .008, (y + hoop, y + hoop + .018),
                                    1 - .005 / radius, unit)
        bodies.upright_cylinder(STEEL, STEEL_DENSITY, centre, radius, (y + height - .015, y + height - .0135), 0, unit)
        bodies.upright_cylinder(STEEL, STEEL_DENSITY, centre, radius, (y + .012, y + .0135), 0, unit)

    def add_plastic_shell(self, bodies, centre, y, unit):
        """A wall of 5 mm and a lid."""
        radius, top = self.radius, y + self.height
        bodies.upright_cylinder(ORGANIC, .95, centre, radius, (y, top), 1 - .005 / radius, unit)
        bodies.upright_cylinder(ORGANIC, .95, centre, radius * .9, (top - .03, top), 0, unit)


def add_drums(rng, bodies, section):
    """Columns of drums; those in the rows behind may stand in the gaps."""
    is_steel = rng.random() < .6
    radius, height = (.29, .88) if is_steel else (rng.uniform(.2, .29), rng.uniform(.55, .95))
    material, lightest, heaviest = CONTENTS[rng.integers(4)]
    pitch = radius * 2 + .01
    rows, density = fit_rows(rng, section, pitch * .8, lightest, heaviest)
    rows = min(rows, max(1, int(section.depth / pitch)))
    depths = draw_depths(rng, section, rows, pitch)
    drum = Drum(is_steel, radius, height, material, density, level=rng.uniform(.82, .98))
    tiers = 1 if rng.random() < .4 or 2 * height + .3 > section.height else 2
    is_staggered = rng.random() < .4
    for column, x in enumerate(draw_columns(rng, section, pitch, .012)):
        y = section.y0
        for tier in range(tiers):
            if tier and rng.random() < .06:
                continue
            rng.random()  # not used; seeds depend on it
            if tier or tiers == 1 and column % 2 == 0:
                bodies.box(CELLULOSE, .5, (x, x + pitch), (y, y + .02), (depths[0], depths[0] + rows * pitch))
                y += .02
            add_tier(rng, bodies, section, drum, (x, y), depths, is_staggered, (section.index, column, tier))
            y += height + .005


def add_tier(rng, bodies, section, drum, corner, depths, is_staggered, stack):
    """Drums behind one another; those of a staggered row that do not fit are left out."""
    x, y = corner
    for row, depth in enumerate(depths):
        shift = drum.radius if is_staggered and row % 2 else 0
        centre = x + drum.radius + shift + rng.normal(0, .006)
        if centre + drum.radius <= section.x1:
            drum.add(rng, bodies, centre, y, depth + drum.radius, (*stack, row))

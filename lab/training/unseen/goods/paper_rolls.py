"""Rolls of paper, standing or lying across the vehicle."""
import numpy as np

from ..physics import CELLULOSE
from .section import count_rows, draw_columns, draw_depths

PER_METRE = 4.5
"""Rough -ln T of one metre of cellulose at 1 g/cm3."""

LIGHTEST, HEAVIEST = .2, .88
"""Densities in g/cm3: tissue and coated paper."""


def add_paper_rolls(rng, bodies, section):
    """Rolls of one kind."""
    is_lying = rng.random() < .35
    radius = rng.uniform(.36, .62)
    density = rng.choice([.22, .3, .7, .8, .85]) * rng.uniform(.9, 1.1)
    if is_lying:
        add_lying_rolls(rng, bodies, section, radius, density)
    else:
        add_standing_rolls(rng, bodies, section, radius, density)


def add_lying_rolls(rng, bodies, section, radius, density):
    """Rolls on wedges, the upper ones in the hollows between the lower ones."""
    width = rng.uniform(.5, 1.1)
    rows = count_rows(section.attenuation, PER_METRE * density * width, max(1, int(section.depth / width)))
    density = float(np.clip(section.attenuation / (PER_METRE * rows * width), LIGHTEST, HEAVIEST))
    depths = draw_depths(rng, section, rows, width)
    columns = draw_columns(rng, section, 2 * radius, .015)
    tiers = 1 if rng.random() < .4 else int(section.height / (1.75 * radius)) or 1
    for tier in range(tiers):
        y = section.y0 + radius + tier * radius * 1.74
        if y + radius > section.y1:
            break
        for column, left in enumerate(columns[:len(columns) - tier]):
            x = left + radius + tier * radius
            for row, z in enumerate(depths):
                bodies.disc(CELLULOSE, density * rng.normal(1, .02), (x + rng.normal(0, .01), y), radius,
                            (z, z + width - .01), .1, 3, (section.index, column, tier, row))
    for x in section.x0 + np.arange(.4, section.length - .3, 1.6):
        bodies.bar(CELLULOSE, .5, (x, section.y0), (x + .2, section.y0 + .12), .08, (section.z0 + .2, section.z0 + .6))


def add_standing_rolls(rng, bodies, section, radius, density):
    """Rolls in tiers; now and then one is missing on top."""
    height = rng.uniform(.75, 1.3) if rng.random() < .6 else rng.uniform(1.6, 2.2)
    most = max(1, int(section.depth / (2 * radius)))
    rows = count_rows(section.attenuation, PER_METRE * density * 2 * radius * .8, most)
    density = float(np.clip(section.attenuation / (PER_METRE * rows * 2 * radius * .8), LIGHTEST, HEAVIEST))
    depths = draw_depths(rng, section, rows, 2 * radius)
    is_staggered = rng.random() < .5
    tiers = max(1, int(section.height * .97 / height))
    if rng.random() < .25:
        tiers = max(1, tiers - 1)
    for column, left in enumerate(draw_columns(rng, section, 2 * radius, .015)):
        for tier in range(tiers):
            if tier == tiers - 1 and tiers > 1 and rng.random() < .07:
                continue
            y = section.y0 + tier * height + .005, section.y0 + (tier + 1) * height - .004
            for row in range(rows):
                x = left + radius + (radius if is_staggered and row % 2 else 0) + rng.normal(0, .006)
                if x + radius <= section.x1:
                    bodies.upright_cylinder(CELLULOSE, density * rng.normal(1, .015), (x, depths[row] + radius),
                                            radius, y, .09, (section.index, column, tier, row))

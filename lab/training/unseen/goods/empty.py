"""A hold with nothing but a few empty pallets, or with nothing at all."""
from .section import add_pallet


def add_empty_pallets(rng, bodies, section):
    """No to three stacks of empty pallets."""
    for _ in range(int(rng.integers(0, 4))):
        x = rng.uniform(section.x0, section.x1 - 1.3)
        y = section.y0
        z = rng.uniform(section.z0, section.z0 + .8)
        for _ in range(int(rng.integers(1, 8))):
            y = add_pallet(bodies, x + rng.normal(0, .01), 1.2, z, 1.0, y)
            if y > section.y1 - .2:
                break

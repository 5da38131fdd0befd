"""Household goods: a removal load of pieces on and beside one another."""
import numpy as np

from .household import PIECES, Room


def add_furniture(rng, bodies, section):
    """Three or four layers in depth, each filled with pieces from below."""
    layers = int(rng.integers(3, 5))
    layer_depth = section.depth / layers
    scale = float(np.clip(section.attenuation / 1.3, .7, 3.))
    for layer in range(layers):
        x = section.x0 + rng.uniform(0, .2)
        z = section.z0 + layer * layer_depth
        while x < section.x1 - .5:
            width = min(rng.uniform(.4, 1.7), section.x1 - x)
            add_pile(rng, bodies, section, x, z, width, layer_depth, scale)
            x += width + abs(rng.normal(0, .03))


def add_pile(rng, bodies, section, x, z, width, layer_depth, scale):
    """Pieces above one another, up to a random height."""
    top = section.y0 + section.height * rng.uniform(.45, .95)
    y = section.y0
    while y < top - .2:
        height = min(rng.uniform(.25, .9), top - y)
        depth = layer_depth * rng.uniform(.5, .95)
        add_piece = PIECES[rng.integers(len(PIECES))]
        add_piece(rng, bodies, Room(x + .01, x + width - .02, y, height, z, depth, width, scale))
        y += height + .01

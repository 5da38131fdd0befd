"""Finds a place in the load for a thing."""
import numpy as np

from ..bodies import Space
from .change import NoPlace

TRIES = 15


def draw_place(rng, goods, hold, size):
    """A space of the given size (x, y, z in m) near a random body of the goods and covered by goods.

    Raises NoPlace if none is found.
    """
    for _ in range(TRIES):
        near = goods[int(rng.integers(len(goods)))]
        place = draw_place_near(rng, near, hold, size)
        if near.y1 - hold.y0 < size[1] * .7:
            continue
        top = lowest_top(goods, place.x0, size[0])
        if top > hold.y0 + size[1] * .8:
            low = max(hold.y0 + .003, min(place.y0, top - size[1] - .01))
            return place._replace(y0=low, y1=low + size[1])
    raise NoPlace


def draw_place_near(rng, body, hold, size):
    """A space in the hold, at about the middle of a body; anywhere along a long body."""
    width, height, depth = size
    if body.x1 - body.x0 > 2 * width:
        x = rng.uniform(body.x0 + width / 2, body.x1 - width / 2)
    else:
        x = (body.x0 + body.x1) / 2 + rng.normal(0, .1)
    y, z = (body.y0 + body.y1) / 2 + rng.normal(0, .08), (body.z0 + body.z1) / 2 + rng.normal(0, .1)
    left = float(np.clip(x - width / 2, hold.x0 + .02, hold.x1 - width - .02))
    low = float(np.clip(y - height / 2, hold.y0 + .005, hold.y1 - height - .06))
    near = float(np.clip(z - depth / 2, hold.z0 + .02, hold.z1 - depth - .02))
    return Space(left, left + width, low, low + height, near, near + depth)


def lowest_top(goods, left, width):
    """The lowest of the goods' heights at three places along a range; 0 where there are none."""
    return min(max((body.y1 for body in goods if body.x0 < left + width * share < body.x1), default=0)
               for share in (.12, .5, .88))

"""Where the body of the vehicle is, and the fan that looks at it."""
from dataclasses import dataclass

import numpy as np

from ..fan import PIXEL, Fan

TWENTY_FOOT, FORTY_FOOT, REEFER, TRUCK = 'twenty-foot', 'forty-foot', 'reefer', 'truck'

FEWEST_ROWS, MOST_ROWS = 380, 440
FEWEST_COLUMNS, MOST_COLUMNS = 600, 1250

CONTAINER_WIDTH = 2.44
CONTAINER_HEIGHT = 2.59
HIGH_CONTAINER_HEIGHT = 2.9
LENGTHS = {TWENTY_FOOT: 6.06, FORTY_FOOT: 12.19, REEFER: 12.19}
"""Outer sizes in m, after ISO 668, rounded. A reefer is a refrigerated container."""


@dataclass(frozen=True)
class Outline:
    """The outside of the body in m. `middle` is the distance of the middle plane from the source; `forward` is 1 where
    the vehicle's front is at the right, -1 where it is at the left."""
    kind: str
    left: float
    right: float
    base: float
    top: float
    near: float
    far: float
    middle: float
    forward: int
    cab_length: float = 0

    @property
    def faces_right(self):
        """Whether the front is at the right."""
        return self.forward > 0

    @property
    def x(self):
        """From left to right."""
        return self.left, self.right

    @property
    def z(self):
        """From the near side to the far side."""
        return self.near, self.far


@dataclass(frozen=True)
class Size:
    """Sizes of a body in m, before it is known where it is. `total` is what the scan shows, along the vehicle."""
    length: float
    height: float
    width: float
    base: float
    left: float
    total: float
    cab_length: float = 0


def draw_outline(rng):
    """(outline, fan) of a random vehicle."""
    kind = draw_kind(rng)
    middle = rng.uniform(6.5, 12.)
    source_height = rng.uniform(1.0, 2.3)
    forward = rng.choice([-1, 1])
    margins = rng.uniform(.3, .75, 2)
    size = draw_truck_size(rng, forward, *margins) if kind == TRUCK else draw_container_size(rng, kind, *margins)
    near, far = middle - size.width / 2, middle + size.width / 2
    outline = Outline(kind, size.left, size.left + size.length, size.base, size.base + size.height, near, far, middle,
                      forward, size.cab_length)
    return outline, draw_fan(rng, outline, source_height, size.total)


def draw_kind(rng):
    """One of the four kinds of bodies."""
    draw = rng.random()
    return TWENTY_FOOT if draw < .3 else FORTY_FOOT if draw < .72 else REEFER if draw < .8 else TRUCK


def draw_truck_size(rng, forward, left_margin, right_margin):
    """A truck with its cab in the scan."""
    length = rng.uniform(5.2, 8.5)
    height = rng.uniform(2.2, 2.6)
    base = rng.uniform(1.0, 1.2)
    width = rng.uniform(2.3, 2.5)
    cab_length = rng.uniform(1.9, 2.3)
    left = left_margin + (cab_length if forward < 0 else 0)
    return Size(length, height, width, base, left, length + left_margin + right_margin + cab_length, cab_length)


def draw_container_size(rng, kind, left_margin, right_margin):
    """A container on a trailer, without the tractor."""
    is_high = kind == REEFER or (kind == FORTY_FOOT and rng.random() < .6)
    height = HIGH_CONTAINER_HEIGHT if is_high else CONTAINER_HEIGHT
    base = rng.uniform(1.1, 1.25) if is_high else rng.uniform(1.15, 1.5)
    left = left_margin + rng.uniform(0, .1)
    total = left + LENGTHS[kind] + right_margin
    if kind == TWENTY_FOOT:
        total += rng.choice([0, 0, rng.uniform(.2, .5)])
    return Size(LENGTHS[kind], height, CONTAINER_WIDTH, base, left, total)


def draw_fan(rng, outline, source_height, length):
    """A fan whose scan shows the body up to the top of its near side, and as much as it can of what is below."""
    seen_top = source_height + (outline.top - source_height) * outline.middle / outline.near
    highest = max(outline.top, seen_top)
    bottom = rng.uniform(-.12, .35)
    rows = np.ceil((highest + rng.uniform(.12, .35) - bottom) / PIXEL)
    rows = int(np.clip(rows, FEWEST_ROWS, MOST_ROWS))
    bottom = min(max(bottom, highest + .08 - rows * PIXEL), .75)
    columns = int(np.clip(length / PIXEL, FEWEST_COLUMNS, MOST_COLUMNS))
    return Fan(rows, columns, source_height, outline.middle, bottom)

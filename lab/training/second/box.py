"""Boxes in the world: x along the vehicle, y up from the ground, z across it towards the source; all in mm."""
from typing import NamedTuple


class Box(NamedTuple):
    x0: float
    x1: float
    y0: float
    y1: float
    z0: float
    z1: float

    @property
    def width(self):
        return self.x1 - self.x0

    @property
    def height(self):
        return self.y1 - self.y0

    @property
    def depth(self):
        return self.z1 - self.z0

    @property
    def centre(self):
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2, (self.z0 + self.z1) / 2

    def inset(self, margin):
        return Box(self.x0 + margin, self.x1 - margin, self.y0 + margin, self.y1 - margin,
                   self.z0 + margin, self.z1 - margin)

    def slab(self, x=None, y=None, z=None):
        """The same box with other limits along one or more axes."""
        return Box(*(x or self[0:2]), *(y or self[2:4]), *(z or self[4:6]))


def cells(draw, space, width, height, depth, gap=0.0, ragged=0.0):
    """Yields boxes of equal size that stand in rows on the floor of a space.

    gap: mm between neighbours. ragged: the share of a stack's height that is missing at random. Some loads lean.
    """
    lean = draw.normal(0.05) if draw.chance(0.15) else 0.0
    across = max(1, int((space.width + gap) // (width + gap)))
    upward = int(space.height // height)
    deep = max(1, int((space.depth + gap) // (depth + gap)))
    depth = min(depth, space.depth)
    width = min(width, space.width)
    loose_z = (space.depth - deep * (depth + gap)) * draw.between(0, 1)
    for layer in range(deep):
        z = space.z0 + max(0, loose_z) + layer * (depth + gap)
        top = max(1, round(upward * (1 - ragged * draw.between(0, 1)))) if upward else 0
        for column in range(across):
            if ragged and draw.chance(0.3):
                top = max(1, round(upward * (1 - ragged * draw.between(0, 1)))) if upward else 0
            for level in range(top):
                x, y = space.x0 + column * (width + gap) + lean * level * height, space.y0 + level * height
                if space.x0 - 1 <= x and x + width <= space.x1 + 1:
                    yield Box(x, x + width, y, y + height, z, min(z + depth, space.z1))

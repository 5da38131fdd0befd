"""Bodies that are projected as flat pictures at the depth of their middle: discs, ellipsoids and polygons.

Each function adds one body to the image of its material (rows x columns, g/cm2). `scale` is in g/cm2 for each metre of
path.
"""
import numpy as np

from .fan import PIXEL, SUBROWS


def add_disc(fan, image, body, scale):
    """A disc or a ring in some layers, each at its own depth."""
    inner, layers = body.detail
    for layer in range(layers):
        depth = body.z0 + (body.z1 - body.z0) * (layer + .5) / layers
        ellipse = Ellipse.of(fan, body, depth)
        ellipse.add_ring(fan, image, inner, scale * (body.z1 - body.z0) / layers)


def add_ellipsoid(fan, image, body, scale):
    """An ellipsoid."""
    ellipse = Ellipse.of(fan, body, (body.z0 + body.z1) / 2)
    ellipse.add_bulge(fan, image, scale * (body.z1 - body.z0))


class Ellipse:
    """An ellipse in the middle plane, in metres."""

    def __init__(self, x, y, radius_x, radius_y):
        self.x, self.y, self.radius_x, self.radius_y = x, y, radius_x, radius_y

    @classmethod
    def of(cls, fan, body, depth):
        """The outline of a body that is at this depth."""
        magnification = fan.distance / depth
        y = fan.source_height + ((body.y0 + body.y1) / 2 - fan.source_height) * magnification
        return cls((body.x0 + body.x1) / 2, y, (body.x1 - body.x0) / 2, (body.y1 - body.y0) / 2 * magnification)

    def window(self, fan):
        """The part of the scan around it; None if there is none."""
        if self.radius_x <= 0 or self.radius_y <= 0:
            return None
        return window(fan, self.x - self.radius_x, self.x + self.radius_x,
                      self.y - self.radius_y, self.y + self.radius_y)

    def square(self, x, y):
        """Square of the distance from the centre, 1 at the outline (rows x columns)."""
        across = ((x - np.float32(self.x)) / np.float32(self.radius_x)) ** 2
        return across + (((y - np.float32(self.y)) / np.float32(self.radius_y)) ** 2)[:, None]

    def add_bulge(self, fan, image, value):
        """Adds `value` in the middle, less towards the outline."""
        if part := self.window(fan):
            rows, columns, x, y = part
            image[rows, columns] += np.float32(value) * np.sqrt(np.maximum(1 - self.square(x, y), 0))

    def add_ring(self, fan, image, inner, value):
        """Adds `value` between the share `inner` of the radius and the outline; its edges are soft."""
        if part := self.window(fan):
            rows, columns, x, y = part
            distance = np.sqrt(self.square(x, y))
            pixels = np.float32(min(self.radius_x, self.radius_y) / PIXEL)
            cover = np.clip((1 - distance) * pixels + np.float32(.5), 0, 1)
            if inner > 0:
                cover -= np.clip((np.float32(inner) - distance) * pixels + np.float32(.5), 0, 1)
            image[rows, columns] += np.float32(value) * cover


def add_polygon(fan, image, body, scale):
    """A convex plate."""
    corners = body.detail.copy()
    corners[:, 1] = fan.seen_height(corners[:, 1], (body.z0 + body.z1) / 2)
    part = window(fan, corners[:, 0].min(), corners[:, 0].max(), corners[:, 1].min(), corners[:, 1].max())
    if part is None:
        return
    rows, columns, x, y = part
    offsets = np.array([-1 / SUBROWS, 0, 1 / SUBROWS], np.float32) * np.float32(PIXEL)
    distance = distance_inside(corners, (x[:, None] + offsets).ravel(), (y[:, None] + offsets).ravel())
    cover = np.clip(distance * np.float32(SUBROWS / PIXEL) + np.float32(.5), 0, 1)
    cover = cover.reshape(len(y), SUBROWS, len(x), SUBROWS).mean((1, 3))
    image[rows, columns] += np.float32(scale * (body.z1 - body.z0)) * cover


def distance_inside(corners, x, y):
    """Distance in m of each point from the nearest edge; negative outside (y values x x values)."""
    if is_clockwise(corners):
        corners = corners[::-1]
    distance = None
    for index, start in enumerate(corners):
        along_x, along_y = corners[(index + 1) % len(corners)] - start
        length = np.hypot(along_x, along_y)
        if length < 1e-9:
            continue
        beside = -(along_y / length) * (x - start[0])
        beside = beside[None, :] + ((along_x / length) * (y - start[1]))[:, None]
        distance = beside if distance is None else np.minimum(distance, beside)
    return distance


def is_clockwise(corners):
    """Whether the corners (x, y) go round clockwise, with y up."""
    x, y = corners.T
    return .5 * np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) < 0


def window(fan, left, right, low, high):
    """(row slice, column slice, x of the columns, y of the rows) around a rectangle in m; None if it is outside."""
    first_column, last_column = max(0, int(left / PIXEL) - 1), min(fan.columns, int(right / PIXEL) + 2)
    first_row = max(0, int(fan.rows - (high - fan.bottom) / PIXEL) - 1)
    last_row = min(fan.rows, int(fan.rows - (low - fan.bottom) / PIXEL) + 2)
    if last_column <= first_column or last_row <= first_row:
        return None
    x = (np.arange(first_column, last_column) + .5) * PIXEL
    y = fan.bottom + (fan.rows - np.arange(first_row, last_row) - .5) * PIXEL
    return slice(first_row, last_row), slice(first_column, last_column), x.astype(np.float32), y.astype(np.float32)

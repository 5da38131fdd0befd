"""Where the scanner looks from, and how parts become grams per cm2 in the view of the detector."""
import numpy as np

from .physics import BASES

PITCH = 11.0  # mm a pixel at the vehicle's middle


class View:
    """A fan beam from a source at some height beside the track; columns follow each other as the vehicle passes."""

    def __init__(self, draw, x0, x1, y0, y1):
        high = draw.chance(0.12)
        self.source = draw.between(2600, 4200) if high else draw.between(300, 2600)  # height, mm
        self.distance = draw.log_between(7000 if high else 3800, 12000)  # to the vehicle's middle, mm
        if draw.chance(0.9):  # else the roof's near edge is cut off
            y1 = max(y1, self.source + (y1 - 100 - self.source) / self.scale(1250))
        self.columns = int(np.clip((x1 - x0) / PITCH, 700, 1700))
        self.rows = int(np.clip((y1 - y0) / PITCH, 300, 460))
        self.top = y1 if y1 - y0 > self.rows * PITCH else y0 + self.rows * PITCH
        self.skew = np.tan(np.radians(draw.normal(3))) if draw.chance(0.35) else 0.0
        self.x = x0 + self._columns(draw) * PITCH

    def _columns(self, draw):
        """Where each column lies, in pixels: the vehicle's speed is never quite even."""
        at = np.arange(self.columns) + 0.5
        if draw.chance(0.4):
            return at
        for _ in range(draw.integer(1, 3)):
            length, size = draw.log_between(150, 2000), draw.between(0, 0.05)
            at = at + size * length / 6.3 * np.sin(6.283 * np.arange(self.columns) / length + draw.between(0, 6.3))
        return at

    def scale(self, z):
        """Size in the world of something at depth z over its size in the view."""
        return (self.distance - z) / self.distance

    def window(self, shape, z):
        """Rows and columns that the shape covers at depth z, and their y and x in mm; None outside of the view."""
        scale, shift = self.scale(z), self.skew * z
        low, high = (self.source + (y - self.source) / scale for y in (shape.y0, shape.y1))
        first = max(0, int((self.top - high) / PITCH - 0.5))
        last = min(self.rows, int((self.top - low) / PITCH + 1.5))
        left, right = np.searchsorted(self.x, (shape.x0 + shift - PITCH, shape.x1 + shift + PITCH))
        if last <= first or right <= left:
            return None
        rows = np.arange(first, last, dtype=np.float32)
        y = self.source + (self.top - (rows + 0.5) * PITCH - self.source) * scale
        return slice(first, last), slice(int(left), int(right)), y, (self.x[left:right] - shift).astype(np.float32)

    def slant(self):
        """How much longer the way through matter is for each row than straight across, rows x 1."""
        heights = self.top - (np.arange(self.rows, dtype=np.float32) + 0.5) * PITCH
        return np.hypot(1, (heights - self.source) / self.distance)[:, None]

    def row_of(self, y):
        """The row of a height at the vehicle's middle."""
        return int(np.clip((self.top - y) / PITCH, 0, self.rows - 1))

    def column_of(self, x):
        return int(np.clip(np.searchsorted(self.x, x), 0, self.columns - 1))

    def blank(self):
        return np.zeros((len(BASES), self.rows, self.columns), np.float32)


def depths(shape, slice_mm, most):
    """Depths at which a shape is drawn: deep ones in slices, because their far parts look smaller."""
    count = int(min(most, max(1, shape.depth / slice_mm)))
    return shape.z0 + (np.arange(count) + 0.5) * (shape.depth / count)


def draw_separable(target, view, shape, factor):
    """Adds a shape that is a product of profiles, in many slices at once."""
    z = depths(shape, 150, 16)
    ends = [view.window(shape, at) for at in (shape.z0, shape.z1)]
    ends = [end for end in ends if end is not None]
    if not ends:
        return
    first, last = min(end[0].start for end in ends), max(end[0].stop for end in ends)
    left, right = min(end[1].start for end in ends), max(end[1].stop for end in ends)
    heights = (view.top - (np.arange(first, last) + 0.5) * PITCH - view.source)[None]
    scale = view.scale(z)[:, None]
    rise = np.abs(heights) * (shape.depth / len(z) / view.distance)  # mm that a ray climbs within a slice
    x = view.x[left:right] - view.skew * (z[:, None] if view.skew else z[:1, None])
    tall, wide = shape.profiles(x, view.source + heights * scale, PITCH, np.maximum(PITCH * scale, rise))
    if len(wide) == 1:
        tall = tall.mean(0, keepdims=True)
    target[first:last, left:right] += (tall.T * (factor / len(tall))).astype(np.float32) @ wide.astype(np.float32)


def draw_chord(target, view, shape, factor=1.0):
    """Adds the shape's chord in mm times a factor to a rows x columns array."""
    if shape.separable:
        return draw_separable(target, view, shape, factor)
    places = depths(shape, 240, 9)
    for z in places.tolist():
        window = view.window(shape, z)
        if window is not None:
            rows, columns, y, x = window
            target[rows, columns] += shape.chord(x, y, PITCH * view.scale(z)) * np.float32(factor / len(places))


def draw_parts(grams, view, items, factor=1.0):
    """Adds parts to grams per cm2, bases x rows x columns, seen straight across."""
    for base, density, shape in items:
        draw_chord(grams[base], view, shape, density * factor)

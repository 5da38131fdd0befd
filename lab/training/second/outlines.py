"""Shapes of free outline: polygons, heaps, stamps and corrugated sheet."""
import numpy as np

from .shapes import Shape, cover


class Prism(Shape):
    """A polygon, any outline, pushed out along z. points: (x, y) in mm."""

    def __init__(self, points, z0, z1):
        self.points = np.asarray(points, float)
        low, high = self.points.min(0), self.points.max(0)
        super().__init__(low[0], high[0], low[1], high[1], z0, z1)

    def chord(self, x, y, pixel):
        quarter = pixel / 4
        fine_x = np.stack([x - quarter, x + quarter], 1).ravel()[None]
        fine_y = np.stack([y - quarter, y + quarter], 1).ravel()[:, None]
        inside = np.zeros((fine_y.size, fine_x.size), bool)
        for (xa, ya), (xb, yb) in zip(self.points, np.roll(self.points, -1, 0)):
            if ya != yb:
                inside ^= ((fine_y > ya) != (fine_y > yb)) & (fine_x < xa + (fine_y - ya) * ((xb - xa) / (yb - ya)))
        return inside.reshape(len(y), 2, len(x), 2).mean((1, 3)) * self.depth


def sampled(field, u, v):
    """A field at fractional rows v and columns u, linear between its values, repeated beyond its edges."""
    rows, columns = field.shape
    iu, iv = np.floor(u).astype(int), np.floor(v).astype(int)
    fu, fv = (u - iu)[None], (v - iv)[:, None]
    tall = field[iv % rows] * (1 - fv) + field[(iv + 1) % rows] * fv
    return tall[:, iu % columns] * (1 - fu) + tall[:, (iu + 1) % columns] * fu


class Heap(Shape):
    """Bulk under an uneven top. xs, tops: knots of its surface in mm. field: 2-D factors near 1, one a `cell` mm."""

    def __init__(self, xs, tops, y0, z0, z1, field=None, cell=60.0):
        super().__init__(xs[0], xs[-1], y0, max(tops), z0, z1)
        self.knots, self.field, self.cell = (np.asarray(xs, float), np.asarray(tops, float)), field, cell

    def chord(self, x, y, pixel):
        top = np.interp(x, *self.knots)
        full = cover(y[:, None], self.y0, top[None], pixel) * (cover(x, self.x0, self.x1, pixel) * self.depth)[None]
        return full if self.field is None else full * sampled(self.field, x / self.cell, y / self.cell)


class Textured(Shape):
    """Another shape with uneven filling. field: 2-D factors near 1, one a `cell` mm."""

    def __init__(self, shape, field, cell):
        super().__init__(shape.x0, shape.x1, shape.y0, shape.y1, shape.z0, shape.z1)
        self.shape, self.field, self.cell = shape, field, cell

    def chord(self, x, y, pixel):
        return self.shape.chord(x, y, pixel) * sampled(self.field, x / self.cell, y / self.cell)


class Stamp(Shape):
    """A picture of chords made once and used often. field: mm, first row at the bottom; cell: mm a value."""

    def __init__(self, field, cell, x0, y0, z0, z1):
        rows, columns = field.shape
        super().__init__(x0, x0 + columns * cell, y0, y0 + rows * cell, z0, z1)
        self.field, self.cell = np.pad(field, 1), cell

    def chord(self, x, y, pixel):
        rows, columns = self.field.shape
        u = np.clip((x - self.x0) / self.cell + 0.5, 0, columns - 1.001)
        v = np.clip((y - self.y0) / self.cell + 0.5, 0, rows - 1.001)
        return sampled(self.field, u, v)


class Corrugated(Shape):
    """A wall of folded sheet: thicker along the beam on its slanted parts. sheet: mm; period: mm."""

    def __init__(self, box, sheet, period, slant=0.25, gain=0.6, phase=0.0):
        super().__init__(*box)
        self.sheet, self.period, self.slant, self.gain, self.phase = sheet, period, slant, gain, phase

    def chord(self, x, y, pixel):
        place = np.abs(((x + self.phase) / self.period * 2) % 1 - 0.5) * self.period / 2
        slanted = np.clip((self.slant * self.period / 4 - place) / pixel + 0.5, 0, 1)
        along = cover(x, self.x0, self.x1, pixel) * self.sheet * (1 + self.gain * slanted)
        return cover(y, self.y0, self.y1, pixel)[:, None] * along[None]

"""Simple bodies in space, of which everything is made.

x runs along the vehicle, y up from the road, z away from the source; all in metres. Densities are in g/cm3. A negative
density takes away what another body added.
"""
from typing import Any, NamedTuple

import numpy as np

BOX, SACK, BOTTLES = 'box', 'sack', 'bottles'
UPRIGHT_CYLINDER, LYING_CYLINDER, DISC = 'upright cylinder', 'lying cylinder', 'disc'
ELLIPSOID, POLYGON = 'ellipsoid', 'polygon'


class Space(NamedTuple):
    """A box in space, in metres."""
    x0: float
    x1: float
    y0: float
    y1: float
    z0: float
    z1: float

    @property
    def x(self):
        """Range along the vehicle."""
        return self.x0, self.x1

    @property
    def y(self):
        """Range of heights."""
        return self.y0, self.y1

    @property
    def z(self):
        """Range of depths."""
        return self.z0, self.z1


class Body(NamedTuple):
    """A body and the space around it.

    `detail` depends on the shape: the inner radius as a share of the outer one (cylinders), that and a number of
    layers (disc), `BottleRow` (bottles), the corners (polygon), or None.
    `unit` names the unit of goods that it is a part of, as (section, column, layer, row), or is None.
    """
    shape: str
    material: int
    density: float
    x0: float
    x1: float
    y0: float
    y1: float
    z0: float
    z1: float
    detail: Any
    unit: Any

    def with_x(self, x0, x1):
        """The same body between other places along the vehicle."""
        return Body(*self[:3], x0, x1, *self[5:])

    def with_y(self, y0, y1):
        """The same body between other heights."""
        return Body(*self[:5], y0, y1, *self[7:])

    def with_z(self, z0, z1):
        """The same body between other depths."""
        return Body(*self[:7], z0, z1, *self[9:])


class BottleRow(NamedTuple):
    """Round things side by side: distance in m, inner radius as a share of the outer one, and phase of the first."""
    pitch: float
    inner: float
    phase: float


class Bodies(list):
    """A list of bodies, and a method for each shape. Ranges are (from, to)."""

    def box(self, material, density, x, y, z, unit=None):
        """A box; nothing if it is empty."""
        if x[1] > x[0] and y[1] > y[0] and z[1] > z[0]:
            self.append(Body(BOX, material, density, *x, *y, *z, None, unit))

    def sack(self, material, density, x, y, z, unit=None):
        """A box with bulging sides."""
        self.append(Body(SACK, material, density, *x, *y, *z, None, unit))

    def bottles(self, material, density, x, y, z, row, unit=None):
        """A block of upright round things, in line with each other in depth."""
        self.append(Body(BOTTLES, material, density, *x, *y, *z, row, unit))

    def upright_cylinder(self, material, density, centre, radius, y, inner=0, unit=None):
        """A cylinder that stands; centre is (x, z)."""
        x, z = centre
        self.append(Body(UPRIGHT_CYLINDER, material, density, x - radius, x + radius, *y, z - radius, z + radius,
                         inner, unit))

    def lying_cylinder(self, material, density, x, centre, radius, inner=0, unit=None):
        """A cylinder that lies along the vehicle; centre is (y, z)."""
        y, z = centre
        self.append(Body(LYING_CYLINDER, material, density, *x, y - radius, y + radius, z - radius, z + radius,
                         inner, unit))

    def disc(self, material, density, centre, radius, z, inner=0, layers=1, unit=None):
        """A cylinder that lies across the vehicle; centre is (x, y). It is projected as so many thin discs."""
        x, y = centre
        self.append(Body(DISC, material, density, x - radius, x + radius, y - radius, y + radius, *z,
                         (inner, layers), unit))

    def ellipsoid(self, material, density, centre, radii, unit=None):
        """An ellipsoid; centre and radii are (x, y, z)."""
        (x, y, z), (rx, ry, rz) = centre, radii
        self.append(Body(ELLIPSOID, material, density, x - rx, x + rx, y - ry, y + ry, z - rz, z + rz, None, unit))

    def polygon(self, material, density, corners, z, unit=None):
        """A plate across the beam with convex outline; corners are (x, y)."""
        corners = np.asarray(corners, float)
        x, y = corners[:, 0], corners[:, 1]
        self.append(Body(POLYGON, material, density, x.min(), x.max(), y.min(), y.max(), *z, corners, unit))

    def bar(self, material, density, start, end, width, z, unit=None):
        """A straight bar from start to end, both (x, y)."""
        (xa, ya), (xb, yb) = start, end
        length = np.hypot(xb - xa, yb - ya) + 1e-9
        across, up = -(yb - ya) / length * width / 2, (xb - xa) / length * width / 2
        corners = [(xa - across, ya - up), (xb - across, yb - up), (xb + across, yb + up), (xa + across, ya + up)]
        self.polygon(material, density, corners, z, unit)

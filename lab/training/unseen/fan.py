"""The fan beam: a source beside the road, a line of detectors beyond it, and the vehicle that moves between them.

Rays diverge in height and are parallel along the vehicle. A scan shows heights as they are in the plane through the
vehicle's middle; what is nearer to the source looks taller.
"""
import numpy as np

PIXEL = 0.011
"""Size of a pixel in metres, in the plane through the vehicle's middle."""

SUBROWS = 3
"""Rays for each row; a pixel is their mean."""

FLATTEST = 1e-5
"""Smallest slope of a ray, so that its inverse is finite."""


class Fan:
    """Rays and pixels. Heights and distances in metres: `distance` is from the source to the vehicle's middle plane,
    `bottom` is the height of the scan's lower edge in that plane."""

    def __init__(self, rows, columns, source_height, distance, bottom):
        self.rows, self.columns = rows, columns
        self.source_height, self.distance, self.bottom = source_height, distance, bottom
        height = bottom + (rows - (np.arange(rows * SUBROWS) + .5) / SUBROWS) * PIXEL
        slope = (height - source_height) / distance
        slope[np.abs(slope) < FLATTEST] = FLATTEST
        self.slope = slope.astype(np.float32)
        self.inverse_slope = (1 / slope).astype(np.float32)
        self.secant = np.sqrt(1 + slope * slope).astype(np.float32)
        self.column_edges = (np.arange(columns + 1) * PIXEL).astype(np.float32)

    def row_of(self, height):
        """Row (a real number) at which a height in the middle plane is seen."""
        return self.rows - (self.seen_height(height, self.distance) - self.bottom) / PIXEL

    def seen_height(self, height, depth):
        """Where a height at a depth is seen in the middle plane."""
        return self.source_height + (height - self.source_height) * self.distance / depth

    def shape(self):
        """(rows, columns) of a scan."""
        return self.rows, self.columns

    def mean_of_subrows(self, values):
        """Means (bodies x rows) over the rays of each row (bodies x rays)."""
        return values.reshape(len(values), self.rows, SUBROWS).mean(2)

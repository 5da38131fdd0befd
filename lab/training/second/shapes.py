"""Solid shapes, seen along z. `chord(x, y, pixel)` gives mm of material, rows x columns, averaged over pixels.

x, y: centres of columns and rows in mm at the shape's depth. Every shape has limits x0, x1, y0, y1, z0, z1.
"""
import numpy as np


def cover(at, low, high, pixel):
    """Share of each pixel that lies between low and high, 0-1."""
    half = pixel / 2
    return np.clip((np.minimum(at + half, high) - np.maximum(at - half, low)) / pixel, 0, 1)


def round_profile(at, centre, radius, pixel):
    """Mean chord in mm through a circle for each pixel along a line across it."""
    def area(offset):
        offset = np.clip(offset / radius, -1, 1)
        return radius * radius * (offset * np.sqrt(1 - offset * offset) + np.arcsin(offset))
    return (area(at - centre + pixel / 2) - area(at - centre - pixel / 2)) / pixel


class Shape:
    separable = False  # True if the chord is the product of `profiles`: one along y, one along x

    def __init__(self, x0, x1, y0, y1, z0, z1):
        self.x0, self.x1, self.y0, self.y1, self.z0, self.z1 = x0, x1, y0, y1, z0, z1

    @property
    def depth(self):
        return self.z1 - self.z0


class Separable(Shape):
    separable = True

    def chord(self, x, y, pixel):
        tall, wide = self.profiles(x, y, pixel, pixel)
        return tall[:, None] * wide[None]


class Block(Separable):
    """A box, upright."""

    def profiles(self, x, y, pixel_x, pixel_y):
        return cover(y, self.y0, self.y1, pixel_y) * self.depth, cover(x, self.x0, self.x1, pixel_x)


class Disk(Shape):
    """A cylinder or tube with its axis along z."""

    def __init__(self, x, y, radius, z0, z1, inner=0.0):
        super().__init__(x - radius, x + radius, y - radius, y + radius, z0, z1)
        self.at, self.radius, self.inner = (x, y), radius, inner

    def chord(self, x, y, pixel):
        away = np.hypot(x[None] - self.at[0], y[:, None] - self.at[1])
        full = np.clip((self.radius - away) / pixel + 0.5, 0, 1)
        if self.inner > 0:
            full -= np.clip((self.inner - away) / pixel + 0.5, 0, 1)
        return full * self.depth


class Upright(Separable):
    """A cylinder or tube with its axis along y."""

    def __init__(self, x, z, radius, y0, y1, inner=0.0):
        super().__init__(x - radius, x + radius, y0, y1, z - radius, z + radius)
        self.x, self.radius, self.inner = x, radius, inner

    def profiles(self, x, y, pixel_x, pixel_y):
        across = round_profile(x, self.x, self.radius, pixel_x)
        if self.inner > 0:
            across = across - round_profile(x, self.x, self.inner, pixel_x)
        return cover(y, self.y0, self.y1, pixel_y), across


class Along(Separable):
    """A cylinder or tube with its axis along x."""

    def __init__(self, y, z, radius, x0, x1, inner=0.0):
        super().__init__(x0, x1, y - radius, y + radius, z - radius, z + radius)
        self.y, self.radius, self.inner = y, radius, inner

    def profiles(self, x, y, pixel_x, pixel_y):
        tall = round_profile(y, self.y, self.radius, pixel_y)
        if self.inner > 0:
            tall = tall - round_profile(y, self.y, self.inner, pixel_y)
        return tall, cover(x, self.x0, self.x1, pixel_x)


class Ball(Shape):
    """An ellipsoid, turned by an angle (radians) in the plane of view."""

    def __init__(self, x, y, z, rx, ry=None, rz=None, angle=0.0):
        ry, rz = ry or rx, rz or rx
        reach_x = np.hypot(rx * np.cos(angle), ry * np.sin(angle))
        reach_y = np.hypot(rx * np.sin(angle), ry * np.cos(angle))
        super().__init__(x - reach_x, x + reach_x, y - reach_y, y + reach_y, z - rz, z + rz)
        self.at, self.radii, self.turn = (x, y), (rx, ry, rz), (np.cos(angle), np.sin(angle))

    def chord(self, x, y, pixel):
        u, v = x[None] - self.at[0], y[:, None] - self.at[1]
        cos, sin = self.turn
        rx, ry, rz = self.radii
        inside = 1 - ((u * cos + v * sin) / rx) ** 2 - ((v * cos - u * sin) / ry) ** 2
        return 2 * rz * np.sqrt(np.maximum(inside, 0))


class Turned(Shape):
    """A box turned by an angle (radians) in the plane of view."""

    def __init__(self, x, y, width, height, angle, z0, z1):
        cos, sin = abs(np.cos(angle)), abs(np.sin(angle))
        reach_x, reach_y = (width * cos + height * sin) / 2, (width * sin + height * cos) / 2
        super().__init__(x - reach_x, x + reach_x, y - reach_y, y + reach_y, z0, z1)
        self.at, self.size, self.turn = (x, y), (width, height), (np.cos(angle), np.sin(angle))

    def chord(self, x, y, pixel):
        u, v = x[None] - self.at[0], y[:, None] - self.at[1]
        cos, sin = self.turn
        width, height = self.size
        long = np.clip((width / 2 - np.abs(u * cos + v * sin)) / pixel + 0.5, 0, min(1, width / pixel))
        short = np.clip((height / 2 - np.abs(v * cos - u * sin)) / pixel + 0.5, 0, min(1, height / pixel))
        return long * short * self.depth


class Bar(Shape):
    """A round bar or tube from one point to another in the plane of view."""

    def __init__(self, x0, y0, x1, y1, radius, z, inner=0.0):
        super().__init__(min(x0, x1) - radius, max(x0, x1) + radius, min(y0, y1) - radius, max(y0, y1) + radius,
                         z - radius, z + radius)
        self.start, self.run, self.radius, self.inner = (x0, y0), (x1 - x0, y1 - y0), radius, inner

    def chord(self, x, y, pixel):
        u, v = x[None] - self.start[0], y[:, None] - self.start[1]
        dx, dy = self.run
        part = np.clip((u * dx + v * dy) / max(dx * dx + dy * dy, 1), 0, 1)
        away = np.hypot(u - part * dx, v - part * dy)
        return round_profile(away, 0, self.radius, pixel) - (
            round_profile(away, 0, self.inner, pixel) if self.inner > 0 else 0)

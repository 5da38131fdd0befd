"""One scanner on one day: spectra, scatter, blur, counting noise and gains. No two are alike."""
import numpy as np

from .physics import spectrum


def blurred(image, sigma):
    """Gaussian blur of the last two axes; sigma in pixels, (rows, columns)."""
    for axis, size in ((-2, sigma[0]), (-1, sigma[1])):
        if size < 0.15:
            continue
        reach = max(1, int(3 * size + 0.5))
        kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / size) ** 2).astype(np.float32)
        kernel /= kernel.sum()
        wide = np.pad(image,
                      [(0, 0)] * (image.ndim - 2) + [(reach, reach) if a == axis else (0, 0) for a in (-2, -1)],
                      mode='edge')
        length = image.shape[axis]
        image = sum(k * (wide[..., i:i + length, :] if axis == -2 else wide[..., i:i + length])
                    for i, k in enumerate(kernel))
    return image


def haze(image, sigma):
    """A wide blur, made at an eighth of the size. sigma in pixels."""
    rows, columns = image.shape[-2:]
    wide = np.pad(image, ((0, 0), (0, -rows % 8), (0, -columns % 8)), mode='edge')
    small = wide.reshape(2, wide.shape[1] // 8, 8, wide.shape[2] // 8, 8).mean((2, 4))
    small = blurred(small, (sigma / 8, sigma / 8))
    v = np.clip((np.arange(rows) - 3.5) / 8, 0, small.shape[1] - 1.001)
    u = np.clip((np.arange(columns) - 3.5) / 8, 0, small.shape[2] - 1.001)
    iv, iu = v.astype(int), u.astype(int)
    fv, fu = (v - iv).astype(np.float32)[:, None], (u - iu).astype(np.float32)
    tall = small[:, iv] * (1 - fv) + small[:, iv + 1] * fv
    return tall[:, :, iu] * (1 - fu) + tall[:, :, iu + 1] * fu


class Scanner:
    def __init__(self, draw, rows, columns):
        self.draw_spectra(draw)
        share = draw.log_between(3e-4, 0.025)
        self.scatter = np.array([share, share * draw.between(0.9, 2.2)], np.float32)[:, None, None]
        self.scatter_sigma = draw.log_between(8, 90)
        self.sigma = (draw.between(0.1, 0.75), draw.between(0.1, 0.75))
        self.low_sigma = draw.between(0.3, 0.8) if draw.chance(0.4) else 0.0
        quanta = draw.log_between(2.5e4, 1.25e6)  # counts a pixel in the open beam
        self.quanta = np.array([quanta, quanta * draw.between(0.3, 0.95)], np.float32)[:, None, None]
        self.electronic = draw.log_between(2e-5, 6e-4)
        self.draw_gains(draw, rows, columns)
        self.draw_dead_rows(draw, rows)
        self.tilt = np.radians(draw.normal(0.35)) if draw.chance(0.35) else 0.0
        self.levels = draw.log_between(8_000, 120_000)

    def draw_spectra(self, draw):
        high = draw.between(4, 9)
        low = draw.between(2.5, min(6, high - 0.8))
        filter_mm, slope = draw.between(0, 55) if draw.chance(0.7) else 0, draw.between(-0.3, 0.6)
        self.spectra = [spectrum(high, filter_mm, slope), spectrum(low, filter_mm * draw.between(0, 1), slope)]

    def draw_gains(self, draw, rows, columns):
        rng, size = draw.rng, lambda: draw.log_between(3e-4, 0.012)
        self.row_gain = 1 + size() * rng.standard_normal((2, rows, 1), np.float32)
        self.row_gain[1] += (self.row_gain[0] - 1) * draw.between(0, 1)
        modules = np.repeat(rng.standard_normal(rows // 16 + 1), 16)[:rows].astype(np.float32)
        self.row_gain += size() * 0.7 * modules[None, :, None]
        pulse = rng.standard_normal((2, 1, columns), np.float32)
        slow = blurred(rng.standard_normal((2, 1, columns), np.float32), (0, draw.log_between(10, 120))) * 8
        self.pulse_gain = 1 + size() * pulse + size() * slow
        if draw.chance(0.25):
            self.pulse_gain[:, :, ::2] *= 1 + draw.normal(0.004)

    def draw_dead_rows(self, draw, rows):
        count = draw.integer(1, 6) if draw.chance(0.3) else 0
        self.dead = [(draw.integer(0, 1), draw.integer(1, rows - 2)) for _ in range(count)]

    def expose(self, primary):
        """What reaches the detector, without noise: the primary, 2 x rows x columns, with tilt, scatter and blur."""
        if self.tilt:
            primary = tilted(primary, self.tilt)
        seen = primary * (1 - self.scatter) + self.scatter * haze(primary, self.scatter_sigma)
        seen = blurred(seen, self.sigma)
        if self.low_sigma:
            seen[1:] = blurred(seen[1:], (0, self.low_sigma))
        return seen

    def read(self, seen, draw):
        """The scan, 2 x rows x columns, transmission: noise of its own, the gains of the scanner."""
        noise = draw.rng.standard_normal(seen.shape, np.float32)
        out = seen + noise * np.sqrt(np.maximum(seen, 0) / self.quanta + self.electronic ** 2)
        out = out * self.row_gain * self.pulse_gain
        for channel, row in self.dead:
            out[channel, row] = (out[channel, row - 1] + out[channel, row + 1]) / 2
        return np.clip(np.round(out * self.levels) / self.levels, 0, 1.3)


def tilted(image, angle):
    """Each column moved up or down, as where the track is not level with the detector. angle in radians."""
    _, rows, columns = image.shape
    shift = (np.arange(columns) - columns / 2) * np.tan(angle)
    at = np.clip(np.arange(rows)[:, None] + shift[None], 0, rows - 1.001)
    whole = at.astype(np.int32)
    part = (at - whole).astype(np.float32)
    across = np.arange(columns)[None]
    return image[:, whole, across] * (1 - part) + image[:, whole + 1, across] * part

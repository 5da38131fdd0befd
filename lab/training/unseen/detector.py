"""The scanner: its two spectra, and what its detector adds to the transmission. All ranges are invented."""
import numpy as np

from .draws import log_uniform
from .filters import enlarge, gaussian_kernel, shrink, smooth
from .physics import detected_spectrum, transmission

OPEN_BEAM = 50_000
"""What a pixel reads without anything in the beam."""

SCATTER_CELL = 10
SCATTER_SIGMA = 5
SCATTER_RADIUS = 12
"""Scatter is smooth: it is computed from means over cells; sigma and radius of its blur are in cells."""

LOW_ENERGY_SCATTER = 1.2
"""Scatter at the low energy relative to the high energy."""

FEW_PHOTONS = 60
"""Below so many photons the noise is drawn from Poisson's distribution; above, from the normal one."""


class Scanner:
    """One scanner on one day; its settings are drawn once. Energies are ordered high, low."""

    def __init__(self, rng):
        end_points_mev = rng.uniform(5.6, 6.4), rng.uniform(3.6, 4.2)
        steel_filter = rng.uniform(2, 12)
        detector = rng.uniform(8, 25)
        self.spectra = np.stack([detected_spectrum(end_points_mev[0], steel_filter, detector),
                                 detected_spectrum(end_points_mev[1], steel_filter * .5, detector)])
        self.blur_pixels = rng.uniform(.4, .85)
        self.scatter = rng.uniform(.002, .01)
        self.photons = log_uniform(rng, 3e4, 4e5)
        self.low_energy_photons = self.photons * rng.uniform(.5, 1.0)
        self.pulse_spread = log_uniform(rng, .001, .01)
        self.pulse_correlation = rng.uniform(0, .8)
        self.gain_spread = rng.uniform(.001, .005)
        self.electronic_noise = log_uniform(rng, 1e-5, 1.2e-4)

    def expose(self, rng, areal):
        """The scan (2 x rows x columns, uint16) of areal densities (materials x rows x columns, g/cm2)."""
        passed = transmission(areal, self.spectra)
        common = rng.standard_normal(areal.shape[2])
        settings = ((self.photons, self.scatter), (self.low_energy_photons, self.scatter * LOW_ENERGY_SCATTER))
        return np.stack([self.read_out(rng, image, common, photons, scatter)
                         for image, (photons, scatter) in zip(passed, settings)])

    def read_out(self, rng, passed, common, photons, scatter):
        """One energy (rows x columns, uint16). `common` is the part of the dose that both energies share."""
        rows, columns = passed.shape
        sharp = smooth(passed, gaussian_kernel(self.blur_pixels, 2))
        light = add_scatter(sharp, scatter)
        expected = light * (photons * self.draw_dose(rng, common)).astype(np.float32)
        signal = expected + np.sqrt(expected) * rng.standard_normal((rows, columns), dtype=np.float32)
        few = expected < FEW_PHOTONS
        if few.any():
            signal[few] = rng.poisson(expected[few])
        signal *= (1 + self.gain_spread * rng.standard_normal(rows)).astype(np.float32)[:, None]
        noise = np.float32(self.electronic_noise) * rng.standard_normal((rows, columns), dtype=np.float32)
        signal = signal / np.float32(photons) + noise
        return np.clip(np.rint(signal * OPEN_BEAM), 0, 65535).astype(np.uint16)

    def draw_dose(self, rng, common):
        """Dose of each pulse relative to the mean (columns)."""
        own = rng.standard_normal(len(common))
        mixed = np.sqrt(self.pulse_correlation) * common + np.sqrt(1 - self.pulse_correlation) * own
        return np.clip(1 + self.pulse_spread * mixed, .9, 1.1)


def add_scatter(passed, scatter):
    """The transmission with a blurred copy of itself added; the open beam still reads 1."""
    kernel = gaussian_kernel(SCATTER_SIGMA, SCATTER_RADIUS)
    haze = enlarge(smooth(shrink(passed, SCATTER_CELL), kernel), *passed.shape)
    return (passed + np.float32(scatter) * haze) / np.float32(1 + scatter)

"""Materials, X-ray spectra and attenuation.

A scene is a stack of eight images, one for each material: areal density in g/cm2 along the ray.
"""
import numpy as np

ORGANIC, CELLULOSE, WATER, ALUMINIUM, STEEL, COPPER, LEAD, SILICA = MATERIALS = range(8)
"""Organic stands for plastics, rubber and oil (as CH2); cellulose for wood, paper and textiles; silica for glass,
stone, soil and circuit boards."""

STEEL_DENSITY = 7.8
ALUMINIUM_DENSITY = 2.7
LEAD_DENSITY = 11.3
"""Densities in g/cm3, nominal."""

ENERGIES_MEV = np.array([.3, .5, .6, .8, 1., 1.5, 2., 3., 4., 5., 6.])
ATTENUATION = np.array([
    [.1218, .0995, .0920, .0808, .0726, .0591, .0506, .0405, .0345, .0306, .0278],  # CH2
    [.1130, .0923, .0853, .0749, .0674, .0548, .0471, .0378, .0323, .0288, .0263],  # cellulose
    [.1186, .0969, .0896, .0787, .0707, .0575, .0494, .0397, .0340, .0303, .0277],  # water
    [.1042, .0845, .0780, .0684, .0615, .0501, .0432, .0354, .0311, .0284, .0266],  # aluminium
    [.1099, .0841, .0770, .0670, .0600, .0488, .0427, .0362, .0331, .0315, .0306],  # iron
    [.1119, .0836, .0763, .0661, .0590, .0480, .0421, .0360, .0332, .0318, .0311],  # copper
    [.4031, .1614, .1248, .0887, .0710, .0522, .0461, .0423, .0420, .0427, .0439],  # lead
    [.1076, .0874, .0808, .0708, .0637, .0518, .0447, .0363, .0316, .0286, .0265]])  # SiO2
"""Mass attenuation coefficients in cm2/g, materials x energies. NIST XCOM, as remembered; not checked."""

BIN_CENTRES_MEV = np.array([.35, .65, 1.0, 1.5, 2.1, 2.9, 3.9, 5.0])
BIN_WIDTHS_MEV = np.array([.30, .32, .42, .55, .70, .90, 1.05, 1.2])
"""Energy bins. Their edges meet only roughly; chosen, not derived."""

TARGET_LEAD = 4.0
"""Lead equivalent of the linac's target and housing in g/cm2. Invented."""

DETECTOR_ATTENUATION = 1.15
"""Attenuation of the scintillator relative to steel of the same areal density. Invented."""

PIXELS_AT_ONCE = 32768
"""So that the intermediate values fit the processor's cache."""


def attenuation_in_bins(material):
    """Mass attenuation coefficients of a material in cm2/g (bins), interpolated log-log."""
    return np.exp(np.interp(np.log(BIN_CENTRES_MEV), np.log(ENERGIES_MEV), np.log(ATTENUATION[material])))


BIN_ATTENUATION = np.array([attenuation_in_bins(material) for material in MATERIALS]).T.astype(np.float32)
"""Mass attenuation coefficients in cm2/g, bins x materials."""

TYPICAL_ATTENUATION = BIN_ATTENUATION[4]
"""One coefficient in cm2/g for each material, at 2.1 MeV. Only for decisions about loads, never for a reading."""


def detected_spectrum(end_point_mev, steel_filter, detector):
    """Share of the detector's signal in each energy bin (bins, sum 1, float32).

    The detector integrates energy, so a photon counts by its energy: with Kramers' law that is in proportion to
    end point minus energy. The beam passes `steel_filter` and is absorbed in `detector`, both in g/cm2.
    """
    low, high = BIN_CENTRES_MEV - BIN_WIDTHS_MEV / 2, BIN_CENTRES_MEV + BIN_WIDTHS_MEV / 2
    high = np.minimum(high, end_point_mev)
    width = np.clip(high - low, 0, None)
    emitted = np.clip(end_point_mev - (low + high) / 2, 0, None) * width
    steel, lead = attenuation_in_bins(STEEL), attenuation_in_bins(LEAD)
    passed = emitted * np.exp(-steel * steel_filter - lead * TARGET_LEAD)
    signal = passed * (1 - np.exp(-steel * DETECTOR_ATTENUATION * detector))
    return (signal / signal.sum()).astype(np.float32)


def transmission(areal, spectra):
    """Share of the open beam that passes (energies x rows x columns, 0..1).

    `areal` is materials x rows x columns in g/cm2; `spectra` is energies x bins.
    """
    present = [material for material in MATERIALS if areal[material].any()]
    _, rows, columns = areal.shape
    stack = areal[present].reshape(len(present), -1)
    passed = np.zeros((len(spectra), rows * columns), np.float32)
    for start in range(0, rows * columns, PIXELS_AT_ONCE):
        part = slice(start, start + PIXELS_AT_ONCE)
        passed[:, part] = spectra @ np.exp(-(BIN_ATTENUATION[:, present] @ stack[:, part]))
    return passed.reshape(len(spectra), rows, columns)


def typical_attenuation(areal):
    """Rough -ln T (rows x columns) of areal densities (materials x rows x columns, g/cm2)."""
    total = 0
    for material in MATERIALS:
        total = total + areal[material] * TYPICAL_ATTENUATION[material]
    return total

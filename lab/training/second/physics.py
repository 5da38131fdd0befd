"""Materials, spectra and transmission.

The mass attenuation coefficients are remembered from the NIST tables, to two or three digits; they were not looked
up. Real goods are stood in for by nine bases, each at a density of its own.
"""
import numpy as np

ENERGIES = np.array([0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10])  # MeV
TABLE = {  # cm2/g at ENERGIES
    'carbon': [.0870, .0636, .0518, .0444, .0356, .0305, .0271, .0247, .0216, .0196],
    'water': [.0969, .0707, .0575, .0494, .0397, .0340, .0303, .0277, .0243, .0222],
    'plastic': [.0995, .0726, .0591, .0507, .0405, .0346, .0306, .0278, .0241, .0215],
    'mineral': [.0873, .0636, .0518, .0447, .0365, .0320, .0291, .0271, .0247, .0233],
    'aluminium': [.0845, .0615, .0501, .0432, .0354, .0311, .0284, .0266, .0244, .0232],
    'steel': [.0841, .0600, .0488, .0427, .0362, .0331, .0315, .0306, .0299, .0299],
    'copper': [.0836, .0590, .0480, .0420, .0360, .0332, .0318, .0311, .0307, .0310],
    'tin': [.0929, .0577, .0463, .0411, .0371, .0358, .0355, .0357, .0369, .0384],
    'lead': [.1614, .0710, .0522, .0461, .0423, .0420, .0427, .0439, .0468, .0497],
}
BASES = list(TABLE)
MATERIALS = {  # base, density in g/cm3
    'paper': ('carbon', 0.85), 'card': ('carbon', 0.12), 'wood': ('carbon', 0.55), 'hardwood': ('carbon', 0.75),
    'textile': ('carbon', 0.30), 'leather': ('carbon', 0.6), 'flour': ('carbon', 0.65), 'drug': ('carbon', 1.1),
    'coal': ('carbon', 0.85), 'water': ('water', 1.0), 'food': ('water', 0.9), 'meat': ('water', 1.0),
    'fruit': ('water', 0.85), 'leaf': ('water', 0.12), 'soil': ('mineral', 1.1), 'oil': ('plastic', 0.88),
    'plastic': ('plastic', 0.95), 'foam': ('plastic', 0.03), 'rubber': ('plastic', 1.15), 'resin': ('plastic', 1.2),
    'explosive': ('carbon', 1.6), 'acid': ('water', 1.3), 'sand': ('mineral', 1.6), 'cement': ('mineral', 1.4),
    'stone': ('mineral', 2.7), 'tile': ('mineral', 2.1), 'brick': ('mineral', 1.8), 'glass': ('mineral', 2.5),
    'salt': ('mineral', 1.2), 'aluminium': ('aluminium', 2.7), 'steel': ('steel', 7.85), 'iron': ('steel', 7.1),
    'ore': ('steel', 2.4), 'scrap': ('steel', 1.0), 'copper': ('copper', 8.9), 'brass': ('copper', 8.4),
    'zinc': ('copper', 7.1), 'tin': ('tin', 7.3), 'silver': ('tin', 10.5), 'lead': ('lead', 11.3),
    'gold': ('lead', 19.3), 'board': ('mineral', 1.9),
}
BINS = np.array([0.8, 1.4, 2.2, 3.2, 4.6, 6.6])  # MeV


def coefficients():
    """cm2/g, bases x bins; interpolated in the logarithm."""
    rows = [np.exp(np.interp(np.log(BINS), np.log(ENERGIES), np.log(values))) for values in TABLE.values()]
    return np.array(rows, np.float32)


MU = coefficients()


def spectrum(end_point, filter_mm, slope):
    """Share of the open beam's signal in each of BINS: bremsstrahlung, a steel filter, the detector's response.

    end_point: MeV. filter_mm: 0-60 of steel. slope: -0.3 to 0.6, how the detector's signal grows with energy.
    """
    edges = np.append(0.4, np.sqrt(BINS[1:] * BINS[:-1]))
    widths = np.diff(np.append(edges, 9.5))
    reach = np.clip((end_point - edges) / widths, 0, 1)
    signal = np.maximum(end_point - BINS, 0.15) * widths * reach * BINS ** slope
    signal *= np.exp(-MU[BASES.index('steel')] * 0.785 * filter_mm)
    return (signal / signal.sum()).astype(np.float32)


def transmit(grams, spectra):
    """Primary transmission, 2 x rows x columns, through grams per cm2 (bases x rows x columns)."""
    bases, rows, columns = grams.shape
    exponent = -(MU.T @ np.maximum(grams, 0).reshape(bases, -1))
    np.exp(exponent, out=exponent)
    return (np.stack(spectra) @ exponent).reshape(2, rows, columns)

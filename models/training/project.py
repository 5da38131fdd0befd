"""Projects invented anomalies into normal scans, for self-supervision.

None of the simulator's anomaly generators is used: shapes are random outlines, filled evenly, unevenly or only at
their rim, of random materials; or goods are thinned; or a piece of the scan is copied elsewhere. Only the primary
beam is attenuated: the scatter that a thick load lets through stays, as it does in a detector, so that the network
never sees contrasts that a scanner could not deliver.
"""
import numpy as np

# Attenuation per g/cm2 at high and low energy, in air and behind a thick load (-ln T = 4); NIST XCOM over the
# simulator's spectra, see src/simulate/physics-data.
MATERIALS = {
    'organic': ((0.0446, 0.0532), (0.0294, 0.0354)),
    'mineral': ((0.0450, 0.0530), (0.0320, 0.0370)),
    'steel': ((0.0457, 0.0524), (0.0347, 0.0381)),
    'lead': ((0.0600, 0.0680), (0.0445, 0.0449)),
}
VISIBLE = 0.08
UNSURE = 0.02
MARGIN = 6


def soft(image, radius):
    """A triangle blur of this radius in pixels, by two running means."""
    if radius < 1:
        return image
    for axis in (0, 1, 0, 1):
        pad = [(0, 0), (0, 0)]
        pad[axis] = (radius + 1, radius)
        total = np.cumsum(np.pad(image, pad, mode='edge'), axis=axis)
        width = 2 * radius + 1
        upper = np.take(total, np.arange(width, total.shape[axis]), axis=axis)
        lower = np.take(total, np.arange(0, total.shape[axis] - width), axis=axis)
        image = (upper - lower) / width
    return image


def noise_field(rng, height, width, cells):
    coarse = rng.standard_normal((cells + 1, cells + 1))
    y, x = np.linspace(0, cells - 1e-3, height), np.linspace(0, cells - 1e-3, width)
    iy, ix = y.astype(int), x.astype(int)
    fy, fx = (y - iy)[:, None], (x - ix)[None]
    corner = lambda dy, dx: coarse[np.ix_(iy + dy, ix + dx)]
    return (corner(0, 0) * (1 - fy) * (1 - fx) + corner(0, 1) * (1 - fy) * fx
            + corner(1, 0) * fy * (1 - fx) + corner(1, 1) * fy * fx)


def outline(rng, height, width):
    """A random filled outline in a height x width window, 0..1."""
    v, u = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing='ij')
    angle = rng.normal() * (0.12 if rng.random() < 0.7 else 0.8)
    x, y = u * np.cos(angle) + v * np.sin(angle), -u * np.sin(angle) + v * np.cos(angle)
    kind = rng.choice(['rectangle', 'ellipse', 'polygon', 'blob', 'angle', 'pieces'],
                      p=[0.3, 0.15, 0.2, 0.12, 0.11, 0.12])
    if kind == 'rectangle':
        return ((abs(x) < 0.9) & (abs(y) < 0.9)).astype(float)
    if kind == 'ellipse':
        return (x * x + y * y < 0.9).astype(float)
    if kind == 'polygon':
        shape = np.ones_like(x, bool)
        for direction in rng.uniform(0, 2 * np.pi, rng.integers(3, 7)):
            shape &= x * np.cos(direction) + y * np.sin(direction) < rng.uniform(0.3, 0.95)
        return shape.astype(float)
    if kind == 'blob':
        field = noise_field(rng, height, width, int(rng.integers(2, 5))) - 1.2 * (u * u + v * v)
        return (field > np.quantile(field, 0.55)).astype(float)
    if kind == 'angle':
        thick = rng.uniform(0.25, 0.6)
        return ((abs(x) < 0.9) & (abs(y) < 0.9) & ((y > 0.9 - thick) | (x < -0.9 + thick))).astype(float)
    nx, ny = rng.integers(1, 6), rng.integers(2, 8)
    gap = rng.uniform(0.05, 0.25)
    return ((abs(x) < 0.9) & (abs(y) < 0.9) & ((x * nx) % 1 > gap) & ((y * ny) % 1 > gap)).astype(float)


def thickness(rng, shape):
    """Relative depth: even, rounded, uneven, or a rim."""
    height, width = shape.shape
    kind = rng.choice(['even', 'rounded', 'uneven', 'rim'], p=[0.4, 0.2, 0.2, 0.2])
    if kind == 'rounded':
        return shape * np.clip(soft(shape, max(1, min(height, width) // 4)), 0, 1)
    if kind == 'uneven':
        return shape * np.clip(1 + 0.4 * noise_field(rng, height, width, 3), 0.1, 2)
    if kind == 'rim':
        inner = soft(shape, max(1, min(height, width) // 10)) > 0.97
        return np.where(inner, rng.uniform(0, 0.4), 1) * shape
    return shape


def window(rng, rows, columns, first_row):
    """A size of 90 mm to 0.8 m and a place, mostly where goods are."""
    height = int(np.clip(np.exp(rng.uniform(np.log(8), np.log(75))), 4, rows - 2))
    width = int(np.clip(height * np.exp(rng.normal() * 0.7), 4, min(110, columns - 2)))
    low, high = (45 - first_row, 300 - first_row) if rng.random() < 0.93 else (0, rows)
    low, high = max(0, low), min(rows - height, max(low + 1, high - height))
    top = int(rng.integers(low, max(low + 1, high)))
    return top, int(rng.integers(0, columns - width)), height, width


def placed(rng, transmission, first_row):
    """Tries a few places, prefers those with something in the beam."""
    _, rows, columns = transmission.shape
    for _ in range(6):
        top, left, height, width = window(rng, rows, columns, first_row)
        if transmission[0, top:top + height, left:left + width].mean() < 0.78 or rng.random() < 0.12:
            break
    return top, left, height, width


def change(rng, attenuation, inner):
    """Change of -ln T of the primary beam, both energies, within the slice `inner` of a window."""
    below = attenuation[inner]
    height, width = below.shape[1:]
    shape = outline(rng, height, width)
    kind = rng.choice(['add', 'thin', 'replace', 'shift'], p=[0.52, 0.27, 0.13, 0.08])
    delta = np.zeros_like(attenuation)
    if kind == 'thin':
        delta[inner] = -rng.uniform(0.2, 0.9) * np.maximum(below - 0.15, 0) * shape
    elif kind == 'shift':
        delta[inner] = (np.roll(below, (height // 2, width // 3), (1, 2)) - below) * shape
    else:
        delta[inner] = added(rng, below, thickness(rng, shape))
        if kind == 'replace':
            delta[inner] -= rng.uniform(0.1, 0.5) * np.maximum(below - 0.15, 0) * shape
    radius = 1 if rng.random() < 0.4 else 0
    return np.stack([soft(channel, radius) for channel in delta])


def added(rng, below, depth):
    name = rng.choice(list(MATERIALS), p=[0.4, 0.1, 0.28, 0.22])
    grams = np.exp(rng.uniform(np.log(8), np.log(160 if name in ('steel', 'lead') else 110)))
    air, thick = (np.array(values)[:, None, None] for values in MATERIALS[name])
    share = np.clip(below[:1] / 4, 0, 1)
    return (air + (thick - air) * share) * grams * depth[None]


def haze_of(transmission):
    """A crude picture of the scatter: the mean over about half a metre."""
    _, rows, columns = transmission.shape
    cell = 32
    coarse = transmission.reshape(2, rows // cell, cell, columns // cell, cell).mean((2, 4))
    y = np.clip((np.arange(rows) + 0.5) / cell - 0.5, 0, coarse.shape[1] - 1.001)
    x = np.clip((np.arange(columns) + 0.5) / cell - 0.5, 0, coarse.shape[2] - 1.001)
    iy, ix = y.astype(int), x.astype(int)
    fy, fx = (y - iy).astype(np.float32)[:, None], (x - ix).astype(np.float32)
    tall = coarse[:, iy] * (1 - fy) + coarse[:, iy + 1] * fy
    return tall[:, :, ix] * (1 - fx) + tall[:, :, ix + 1] * fx


def project(rng, transmission, first_row):
    """(changed transmission, target 0/1, weight 0/1) for one crop; target only where the change can be seen."""
    changed = transmission.copy()
    target, weight = np.zeros_like(transmission[0]), np.ones_like(transmission[0])
    scatter = np.exp(rng.uniform(np.log(5e-4), np.log(9e-3))) * np.array([1, rng.uniform(1.1, 2)])[:, None, None]
    floor = np.minimum(scatter * haze_of(transmission), 0.85 * transmission)
    for _ in range(1 + (rng.random() < 0.25)):
        top, left, height, width = placed(rng, changed, first_row)
        rows, columns = slice(max(0, top - MARGIN), top + height + MARGIN), slice(max(0, left - MARGIN), left + width + MARGIN)
        inner = np.s_[:, top - rows.start:top - rows.start + height, left - columns.start:left - columns.start + width]
        before, under = changed[:, rows, columns], floor[:, rows, columns]
        after, visible = expose(rng, before, np.minimum(under, 0.85 * before), inner)
        changed[:, rows, columns] = after
        target[rows, columns] = np.maximum(target[rows, columns], visible > VISIBLE)
        sure = (visible > VISIBLE) | (visible < UNSURE) | (target[rows, columns] > 0)
        weight[rows, columns] = np.minimum(weight[rows, columns], sure)
    return changed, target, weight


def expose(rng, transmission, floor, inner):
    """What the detector then reads, and how much that differs, as a change of ln T."""
    primary = np.maximum(transmission - floor, 2e-5)
    delta = change(rng, -np.log(np.clip(transmission, 3e-4, 1.2)), inner)
    after = primary * np.exp(-np.clip(delta, -6, 14))
    quanta = np.exp(rng.uniform(np.log(3e5), np.log(1.5e6))) * np.array([1, 0.55])[:, None, None]
    lost = np.clip(1 - np.exp(-np.maximum(delta, 0)), 0, 1)
    after = after + rng.standard_normal(after.shape, np.float32) * np.sqrt(np.maximum(after, 1e-5) / quanta * lost)
    changed = np.maximum(after + floor, 1e-4)
    seen = np.abs(np.log(changed / np.maximum(transmission, 1e-4))) * (np.abs(delta) > 1e-6)
    return changed, np.maximum(soft(seen[0], 1), soft(seen[1], 1))


def disturb(rng, transmission):
    """What differs between scanners and days: gain by row and pulse, scatter, level, unmarked failures."""
    _, rows, columns = transmission.shape
    scatter = rng.uniform(0, 0.004)
    out = transmission * (1 - scatter) + scatter * haze_of(transmission) if rng.random() < 0.5 else transmission
    out = out * (1 + rng.normal() * 0.008)
    out = out * (1 + rng.uniform(0, 0.006) * rng.standard_normal((2, rows, 1), np.float32))
    out = out * (1 + rng.uniform(0, 0.006) * rng.standard_normal((2, 1, columns), np.float32))
    if rng.random() < 0.3:
        fail(rng, out)
    return np.clip(out, 0, 1.31).astype(np.float32)


def fail(rng, transmission):
    """Samples that failed and that nothing says so of: a scanner whose invalid value is not known leaves them at 0."""
    _, rows, columns = transmission.shape
    channels = slice(0, 2) if rng.random() < 0.3 else int(rng.integers(2))
    count = int(np.exp(rng.uniform(0, np.log(120))))
    transmission[channels, rng.integers(0, rows, count), rng.integers(0, columns, count)] *= rng.uniform(0, 0.7)
    if rng.random() < 0.35:
        transmission[channels, int(rng.integers(rows)), int(rng.integers(2))::2] *= rng.uniform(0, 0.7)
    if rng.random() < 0.2:
        transmission[:, rows - int(rng.integers(1, 36)):] = 0 if rng.random() < 0.5 else 1

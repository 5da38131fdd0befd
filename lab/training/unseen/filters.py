"""Smoothing and resampling of images."""
import numpy as np


def gaussian_kernel(sigma, radius):
    """Weights of a Gaussian (2 x radius + 1 values, sum 1); sigma in pixels."""
    offset = np.arange(-radius, radius + 1)
    weights = np.exp(-.5 * (offset / sigma) ** 2)
    return weights / weights.sum()


def smooth(image, kernel):
    """The image (rows x columns) convolved with the kernel along both axes; edges are repeated."""
    return smooth_along(smooth_along(image, kernel, 0), kernel, 1)


def smooth_along(image, kernel, axis):
    """The image convolved with the kernel along one axis."""
    radius = len(kernel) // 2
    margins = [(0, 0), (0, 0)]
    margins[axis] = (radius, radius)
    wide = np.pad(image, margins, mode='edge')
    rows, columns = image.shape
    total = 0
    for offset, weight in enumerate(kernel):
        part = wide[offset:offset + rows] if axis == 0 else wide[:, offset:offset + columns]
        total = total + np.float32(weight) * part
    return total


def shrink(image, cell):
    """Means over squares of `cell` x `cell` pixels; edges are repeated to fill the last squares."""
    rows, columns = image.shape
    height, width = -(-rows // cell), -(-columns // cell)
    full = np.pad(image, ((0, height * cell - rows), (0, width * cell - columns)), mode='edge')
    return full.reshape(height, cell, width, cell).mean((1, 3))


def enlarge(coarse, rows, columns):
    """The coarse image at rows x columns, bilinear (float32); the corners stay corners."""
    row, row_share = cells_and_shares(coarse.shape[0], rows)
    column, column_share = cells_and_shares(coarse.shape[1], columns)
    coarse = coarse.astype(np.float32)
    tall = coarse[row] * (1 - row_share)[:, None] + coarse[row + 1] * row_share[:, None]
    return tall[:, column] * (1 - column_share) + tall[:, column + 1] * column_share


def cells_and_shares(count, size):
    """For each of `size` places along `count` coarse values: the value before it, and how far it is to the next."""
    place = np.linspace(0, count - 1, size)
    cell = np.minimum(place.astype(int), max(count - 2, 0))
    return cell, (place - cell).astype(np.float32)


def close_gaps(mask, pixels=3):
    """The mask (bool) with its gaps closed: grown, then shrunk by so many pixels; never less than the mask itself."""
    margin = pixels + 1
    image = np.pad(mask, margin).astype(bool)
    for combine in (np.logical_or, np.logical_and):
        for _ in range(pixels):
            image = combine_neighbours(combine_neighbours(image, combine).T, combine).T
    return image[margin:-margin, margin:-margin] | mask


def combine_neighbours(image, combine):
    """Each pixel combined with the one above and the one below."""
    result = image.copy()
    result[1:] = combine(result[1:], image[:-1])
    result[:-1] = combine(result[:-1], image[1:])
    return result

"""Random draws that numpy does not have. The order of draws decides what a seed gives: change it knowingly."""
import numpy as np


def log_uniform(rng, low, high):
    """A number whose logarithm is uniform."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def choose_material(rng, materials):
    """One of the materials; one that is named twice is twice as likely."""
    return int(rng.choice(materials))

"""What is hidden in a load, or is missing from it.

Lengths are in m, densities in g/cm3. Sizes are typical, as remembered; frequencies are invented.
"""

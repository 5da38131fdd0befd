"""The vehicle: a container or a truck body, the chassis, and the cab.

Lengths are in m, densities in g/cm3. Sizes are nominal or typical, as remembered; frequencies are invented.
"""

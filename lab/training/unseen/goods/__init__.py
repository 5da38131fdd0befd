"""Goods by family.

Lengths are in m, densities in g/cm3. Sizes, densities and frequencies are invented or typical; none is measured. The
name of a unit of goods is (section, column, layer, row); columns run along the vehicle, rows away from the source.
"""

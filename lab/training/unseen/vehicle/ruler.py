"""Distances from one end of the vehicle, whichever way it faces."""


class Ruler:
    """Measures from `origin` (m) in a direction: 1 to the right, -1 to the left."""

    def __init__(self, origin, direction):
        self.origin, self.direction = origin, direction

    def at(self, distance):
        """The place at a distance."""
        return self.origin + self.direction * distance

    def span(self, start, end):
        """The range between two distances, from left to right."""
        places = self.at(start), self.at(end)
        return min(places), max(places)

"""Simulates customs X-ray scans in pairs, without and with hidden things, for training alone. See README.md."""

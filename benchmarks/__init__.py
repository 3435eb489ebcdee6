"""Measurements, each beside a floor in the same run: `python -m benchmarks.<name>`."""

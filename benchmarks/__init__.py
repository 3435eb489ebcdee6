"""Measurements; each prints one JSON line."""

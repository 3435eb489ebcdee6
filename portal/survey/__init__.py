"""The public satisfaction survey (SKM) of a unit: its index from answers or from a report."""

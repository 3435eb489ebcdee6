"""What the public is told: the results of each office, and what the office did about them."""

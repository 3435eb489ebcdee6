"""What needs whom today: the first pages of supervisors, coordinators and employees."""

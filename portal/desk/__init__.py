"""What needs whom today: the first page of supervisors and coordinators."""

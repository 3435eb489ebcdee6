"""Master data from CSV files: offices, services, counters, employees, duties, holidays."""

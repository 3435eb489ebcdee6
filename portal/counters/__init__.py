"""Services, counters, who is on duty when, and the codes that hang there."""

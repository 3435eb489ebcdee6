"""Agencies, offices, employees, accounts with their roles, sign-in, audit log, mail."""

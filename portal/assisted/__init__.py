"""Ratings that staff enter for others: for a person without a phone, and from paper ballots."""

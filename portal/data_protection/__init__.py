"""The data protection officer's view: what personal data is kept, until when, and what went."""

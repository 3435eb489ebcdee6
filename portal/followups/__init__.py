"""What an office does about a low rating or a worrying comment, by when, and what came of it."""

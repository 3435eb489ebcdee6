"""Paper that hangs at counters: formats, label sheets, words and pages. Knows no database."""

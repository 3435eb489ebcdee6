"""What is for the inspector only: words of citizens that allege a levy, harassment, discrimination.

Never part of a score, never seen by the office.
"""

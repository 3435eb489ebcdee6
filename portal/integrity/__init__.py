"""What shows foul play without being part of a score.

Words of citizens that allege a levy, harassment or discrimination are for the inspector only; how
many tickets were issued, and to how many of those served, is for the coordinator too.
"""

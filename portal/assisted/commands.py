"""Due work of ratings entered for others."""

from portal.assisted.actions import forget_entries
from portal.tick import Job

JOBS = (Job("old ballots", forget_entries),)

"""Comments that citizens wrote, looked at by a moderator: rude words uncovered or left covered,
what points to a person masked by hand. Nothing is deleted, and nothing tells whom it is about."""

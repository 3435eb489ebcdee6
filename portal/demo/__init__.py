"""A believable city to try the portal in; it stands above all features and none imports it."""

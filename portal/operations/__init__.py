"""Running the portal: serving, due work, upgrading, backup, checks of an installation."""

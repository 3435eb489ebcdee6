"""WSGI entry: gunicorn wsgi:application."""

from portal import create_app

application = create_app()

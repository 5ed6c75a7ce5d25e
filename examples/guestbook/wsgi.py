"""What a production server is given: `gunicorn wsgi:app`."""

from guestbook import create_app

app = create_app("production")

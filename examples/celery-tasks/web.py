"""What a web server is given: `gunicorn web:app`, `uvicorn web:app`."""

from reports import create_app

app = create_app()

"""What a Celery worker is given: `celery --app worker worker`."""

from reports import create_app

# Celery looks for this name.
celery = create_app().extensions["celery"]

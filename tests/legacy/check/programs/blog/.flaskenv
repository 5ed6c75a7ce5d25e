FLASK_APP=manage.py
FLASK_ENV=development

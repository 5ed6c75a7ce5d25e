FROM_PYFILE = "settings.py"

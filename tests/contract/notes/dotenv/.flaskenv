FLASK_APP=app
BY_HAND=.flaskenv
IN_ENV=.flaskenv
IN_FLASKENV=.flaskenv
FLASK_ENV=development

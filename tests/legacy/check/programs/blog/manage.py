from blog import create_app, db
from flask.ext.script import Manager  # old: flask.ext.script [fix]

app = create_app()
manager = Manager(app)
print(app.use_x_sendfile)  # old: flask.Flask.use_x_sendfile [fix]

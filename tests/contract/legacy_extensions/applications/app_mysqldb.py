"""Flask-MySQLdb 0.2.0: a connection for each request that the application context closes.

The driver is a stand-in with MySQLdb's names over SQLite, since the real one has to be compiled and needs a server.
The extension itself only opens, keeps and closes what the driver gives.
"""

import sqlite3
import sys
import types

from flask import Flask, g, jsonify, request

from asking import Report

opened, closed = [], []
shared = sqlite3.connect("file:notes?mode=memory&cache=shared", uri=True)


class Connection:
    def __init__(self, options):
        opened.append(options)
        self.connection = sqlite3.connect("file:notes?mode=memory&cache=shared", uri=True)

    def cursor(self):
        return self.connection.cursor()

    def commit(self):
        self.connection.commit()

    def close(self):
        closed.append(len(opened))
        self.connection.close()


driver = types.ModuleType("MySQLdb")
driver.connect = lambda **options: Connection(options)
driver.cursors = types.ModuleType("MySQLdb.cursors")
driver.cursors.DictCursor = "DictCursor"
sys.modules.update({"MySQLdb": driver, "MySQLdb.cursors": driver.cursors})

from flask_mysqldb import MySQL  # noqa: E402

app = Flask(__name__)
app.config.update(MYSQL_USER="ada", MYSQL_PASSWORD="notes", MYSQL_DB="office", MYSQL_CURSORCLASS="DictCursor")
mysql = MySQL(app)


@app.route("/users", methods=["GET", "POST"])
def users():
    cursor = mysql.connection.cursor()
    if request.method == "POST":
        cursor.execute("INSERT INTO users VALUES (?)", [request.form["name"]])
        mysql.connection.commit()
    cursor.execute("SELECT name FROM users")
    g.same = mysql.connection is mysql.connection
    return jsonify(names=[row[0] for row in cursor.fetchall()], same=g.same)


@app.route("/none")
def none():
    return "no connection"


@app.route("/twice")
def twice():
    outer = mysql.connection
    with app.app_context():
        inner = mysql.connection
    return str(inner is outer)


with app.app_context():
    mysql.connection.cursor().execute("CREATE TABLE users (name TEXT)")
report = Report(app)
report.post("/users", data={"name": "Ada"})
report.post("/users", data={"name": "Bob"})
report.get("/users")
report.get("/none")
report.get("/twice")
report.note("opened", [sorted(options.items()) for options in opened])
report.note("closed", closed)
report.show()

from flask import Flask, abort

app = Flask(__name__)


@app.route("/abort/<int:code>")
def stop(code):
    abort(code)


@app.route("/broken")
def broken():
    return 1 / 0


@app.errorhandler(404)
def page_not_found(e):
    return "<h1>您所请求的资源无法找到</h1>", 404

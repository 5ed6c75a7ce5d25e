from flask import Flask, request

app = Flask(__name__)


@app.route("/resource", methods=["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def resource():
    return request.method


@app.route("/read-only")
def read_only():
    return request.method

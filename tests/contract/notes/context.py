from flask import Flask, request, has_request_context

app = Flask(__name__)


def where():
    if has_request_context():
        return request.path
    return "no request"


@app.route("/inside")
def inside():
    return where()


if __name__ == '__main__':
    print(where())
    with app.app_context():
        print(where())
    with app.test_request_context("/by-hand"):
        print(where())
    print(app.test_client().get("/inside").text)
    print(where())

"""Flask-SQLAlchemy 2.5.1: models with a relation, a form that writes, pages, 404s, the record of queries."""

from flask import Flask, abort, jsonify, redirect, request, url_for
from flask_sqlalchemy import SQLAlchemy, get_debug_queries, models_committed

from asking import Report

app = Flask(__name__)
app.config.update(
    SQLALCHEMY_DATABASE_URI="sqlite://",
    SQLALCHEMY_BINDS={"archive": "sqlite://"},
    SQLALCHEMY_TRACK_MODIFICATIONS=True,
    SQLALCHEMY_RECORD_QUERIES=True,
)
db = SQLAlchemy(app)
changes = []


class Author(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(40), unique=True, nullable=False)
    books = db.relationship("Book", backref="author", lazy="dynamic")


class Book(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(80))
    author_id = db.Column(db.Integer, db.ForeignKey("author.id"))


class OldBook(db.Model):
    __bind_key__ = "archive"
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(80))


@models_committed.connect_via(app)
def note_changes(sender, changes):
    globals()["changes"].extend((type(model).__name__, change) for model, change in changes)


@app.before_first_request
def create_tables():
    db.create_all()


@app.route("/authors", methods=["GET", "POST"])
def authors():
    if request.method == "POST":
        author = Author(name=request.form["name"])
        author.books.extend(Book(title=title) for title in request.form.getlist("title"))
        db.session.add(author)
        db.session.add(OldBook(title="Old"))
        db.session.commit()
        return redirect(url_for("author", number=author.id))
    return jsonify([author.name for author in Author.query.order_by(Author.name)])


@app.route("/authors/<int:number>")
def author(number):
    author = Author.query.get_or_404(number, description="no such author")
    return jsonify(
        name=author.name, books=[book.title for book in author.books], archived=OldBook.query.count()
    )


@app.route("/books")
def books():
    page = Book.query.order_by(Book.title).paginate(per_page=2, max_per_page=3)
    return jsonify(
        titles=[book.title for book in page.items],
        pages=page.pages,
        total=page.total,
        next=page.has_next,
        shown=list(page.iter_pages()),
    )


@app.route("/queries")
def queries():
    Book.query.filter_by(title="Emma").first_or_404()
    return jsonify([query.statement.split()[0] for query in get_debug_queries()])


@app.route("/rolled-back")
def rolled_back():
    db.session.add(Author(name="Ada"))
    try:
        db.session.commit()
    except Exception as error:
        db.session.rollback()
        abort(409, type(error).__name__)


report = Report(app)
report.get("/authors")
report.post("/authors", data={"name": "Ada", "title": ["Notes", "Engines", "Numbers"]})
report.post("/authors", data={"name": "Jane", "title": "Emma"})
report.get("/authors/1")
report.get("/authors/9")
report.get("/authors")
report.get("/books")
report.get("/books?page=2")
report.get("/books?page=9")
report.get("/queries")
report.get("/rolled-back")
report.note("changes", changes)
with app.app_context():
    report.note("engine", str(db.engine.url))
    report.note("count", Author.query.count())
report.show()

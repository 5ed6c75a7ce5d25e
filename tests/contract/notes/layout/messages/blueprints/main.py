from flask import Blueprint, current_app, render_template

main_bp = Blueprint('main', __name__)


@main_bp.route('/')
def index():
    return render_template('index.html', name=current_app.config['NAME'])

import os


class BaseConfig(object):
    SECRET_KEY = os.getenv('SECRET_KEY', 'dev key')
    DATABASE_URI = 'sqlite:///base.db'


class DevelopmentConfig(BaseConfig):
    DATABASE_URI = 'sqlite:///dev.db'


class TestingConfig(BaseConfig):
    TESTING = True
    DATABASE_URI = 'sqlite:///:memory:'


class ProductionConfig(BaseConfig):
    DATABASE_URI = os.getenv('DATABASE_URL', 'sqlite:///production.db')


config = {
    'development': DevelopmentConfig,
    'testing': TestingConfig,
    'production': ProductionConfig,
}

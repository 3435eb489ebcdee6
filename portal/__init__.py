"""Suara Loket: citizens rate the civil servant who served them; their government acts on it."""

from flask import Flask
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import access, errors, forms, headers, i18n, lean, limits, menu, observe
from portal.assisted import views as assisted_pages
from portal.config import Settings
from portal.counters import api_views, display_views
from portal.counters import views as counter_pages
from portal.data_protection import views as data_protection_pages
from portal.db import db, prepare_engine, prepare_migrations
from portal.desk import views as desk_pages
from portal.followups import views as followup_pages
from portal.imports import views as import_pages
from portal.integrity import report_views
from portal.integrity import views as integrity_pages
from portal.language_packs import read_packs
from portal.moderation import views as moderation_pages
from portal.overview import views as overview_pages
from portal.people import sign_in
from portal.people import views as people_pages
from portal.ratings import kiosk_views
from portal.ratings import views as rating_pages
from portal.records import views as record_pages
from portal.transparency import public_views
from portal.transparency import views as answer_pages

FEATURES = (
    people_pages,
    desk_pages,
    counter_pages,
    import_pages,
    rating_pages,
    record_pages,
    overview_pages,
    followup_pages,
    answer_pages,
    integrity_pages,
    assisted_pages,
    moderation_pages,
    data_protection_pages,
)


def create_app(settings: Settings | None = None) -> Flask:
    """The whole wiring. Settings come from PORTAL_* variables unless given."""
    settings = settings or Settings()
    app = Flask(__name__)
    app.config.update(
        SETTINGS=settings,
        CLOCK_OFFSET=settings.clock_offset,
        SECRET_KEY=settings.signing_keys[-1],
        SECRET_KEY_FALLBACKS=settings.signing_keys[:-1],
        SESSION_COOKIE_SECURE=settings.production,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,
        SQLALCHEMY_DATABASE_URI=settings.sqlalchemy_url,
        SQLALCHEMY_ENGINE_OPTIONS={
            "pool_size": settings.threads,
            "max_overflow": 2,
            "hide_parameters": True,  # no comment in an error's words
        },
        WTF_CSRF_TIME_LIMIT=12 * 3600,
    )
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops, hops)  # type: ignore[method-assign]
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    prepare_migrations(app)
    i18n.init_app(app, read_packs(settings.language_packs))
    observe.init_app(app, settings)
    headers.init_app(app, production=settings.production)
    record_pages.attachment_views.init_app(app)  # before anybody reads what is sent
    csrf = CSRFProtect(app)
    csrf.exempt(rating_pages.blueprint)  # its forms carry signed tokens instead
    csrf.exempt(report_views.blueprint)  # so do these
    csrf.exempt(kiosk_views.blueprint)
    csrf.exempt(api_views.blueprint)  # no cookie counts there, only a key
    limits.init_app(app, settings)
    sign_in.init_app(app, settings)
    access.init_app(app)
    errors.init_app(app)
    forms.init_app(app)
    for feature in FEATURES:
        app.register_blueprint(feature.blueprint)
    app.register_blueprint(display_views.blueprint)
    app.register_blueprint(api_views.blueprint)
    app.register_blueprint(public_views.blueprint)
    app.register_blueprint(report_views.blueprint)
    app.register_blueprint(kiosk_views.blueprint)
    rating_pages.init_app(app)
    lean.init_app(app)
    menu.init_app(app, [entry for feature in FEATURES for entry in feature.MENU], desk_pages.SEARCH)
    return app

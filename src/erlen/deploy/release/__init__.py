"""`erlen deploy release`: put new code beside the old, switch to it when it is complete, and go back.

    /srv/shop/releases/20261129T231500Z/   one folder for each release: its code, and its environment in .venv
    /srv/shop/current                      a link to the release that serves
    /srv/shop/shared/                      what outlives a release: .env, instance/

Nothing is changed in the release that serves. The link is replaced in one step, after everything that can
fail beforehand; if the reload fails, it leads to the old release again.
"""

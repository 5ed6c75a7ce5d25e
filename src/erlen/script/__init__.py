"""A feature: offline scripts, which `erlen script` runs by hand.

`progress` is for the scripts, `load` for their tests.

===============  ================================================================================
`errors`         the error that ends a command, and the exit statuses
`names`          which names scripts and developers may have, and which come too near to others
`places`         the folder of the scripts, and the scripts in it
`git`            the few things that git is asked for
`developer`      the developer's name, which is the name of a folder
`creating`       `erlen script new`
`moving`         `erlen script promote` and `retire`
`loading`        a script's module and its function `main`
`parameters`     the parameters of `main` as Click's options
`current`        the run that is under way
`kept`           the files that runs leave
`lock`           one run of a script at a time
`records`        when a script ran, how long it took and how it ended
`checkpoint`     how far a run came, for `--resume`
`script_log`     the log on standard error and in a file
`transaction`    `--dry-run`: plugins that undo what a script changes
`sqlalchemy`     the plugin for Flask-SQLAlchemy
`keyset`         a query's rows in batches, by key
`output`         files that `--resume` goes on with
`display`        a bar on a terminal, lines elsewhere
`progress`       `progress()`, which puts the five above together
`running`        `erlen script run`
`checking`       `erlen script check`
`importers`      `erlen check --scripts`: who imports a script
`listing`        `erlen script list`
`command`        the command itself
===============  ================================================================================
"""

from __future__ import annotations

from .loading import load as load
from .progress import progress as progress

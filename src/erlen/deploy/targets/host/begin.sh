# --- how it works: nothing happens before the last line of this file calls main ---

readonly ENV_FILE=$BASE/shared/.env
STEPS=(packages upgrades account folders secrets unit code start ssh firewall front certificate backup)
dry_run=no
source_folder=
email=
init_command=
release_options=()
without=" "
step=start
changes=0
notes=()
# The files that a step has written.
written=()
has_said_why=no

usage() {
    cat <<END
Usage: ${0##*/} [--dry-run] [--from DIR] [--init COMMAND] [--no-check]
           [--email ADDRESS] [--without STEP]...

Sets up this machine for $NAME. What is as it should be is left alone: run it as often as you like.

  --dry-run        Say what would change, and change nothing.
  --from DIR       The code for the first release: a folder, or what else 'erlen deploy release' takes.
  --init COMMAND   A command of the application that is run once, for the first release: 'init-db'.
  --no-check       Let the first release serve without 'erlen check --deploy'.
  --email ADDRESS  Whom Let's Encrypt tells about certificates that are about to expire.
  --without STEP   Leave a step out: ${STEPS[*]}.
END
}

say() { printf '%s\n' "$*"; }

# Something that a person has to do; said where it happens, and once more at the end.
note() {
    notes+=("$*")
    say "! $*"
}

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    has_said_why=yes
    exit 1
}

# change WHAT COMMAND...: the only way in which this script changes anything.
change() {
    local what=$1
    shift
    changes=$((changes + 1))
    if [[ $dry_run == yes ]]; then
        say "  would $what"
    else
        say "  $what"
        "$@"
    fi
}

quiet() { "$@" >/dev/null; }

# put FUNCTION PATH MODE: what the function prints is to be in the file. A file that differs is kept beside.
put() {
    if [[ -f $2 && ! -L $2 && $(stat -c '%a %U' -- "$2") == "$3 root" ]] && "$1" | cmp -s - "$2"; then
        return
    fi
    local kept=
    [[ ! -e $2 ]] || kept=" (as it was: $2.old)"
    change "write $2$kept" write_file "$@"
}

write_file() {
    local new
    mkdir -p -- "${2%/*}"
    new=$(mktemp -- "${2%/*}/.new-XXXXXXXX")
    "$1" >"$new"
    chmod "$3" -- "$new"
    [[ ! -e $2 ]] || cp -a -- "$2" "$2.old"
    mv -fT -- "$new" "$2"
    written+=("$2")
}

# folder PATH MODE OWNER:GROUP
folder() {
    [[ ! -L $1 ]] || die "$1 is a link, and is to be a folder: move it away."
    if [[ ! -d $1 ]]; then
        change "make the folder $1" install -d -m "$2" -o "${3%:*}" -g "${3#*:}" -- "$1"
    elif [[ $(stat -c '%a %U:%G' -- "$1") != "$2 $3" ]]; then
        change "set the rights of $1: $2, $3" install -d -m "$2" -o "${3%:*}" -g "${3#*:}" -- "$1"
    fi
}

is_left_out() { [[ $without == *" $1 "* ]]; }

# as_user FOLDER COMMAND...: with the rights of the application and nobody's variables.
as_user() {
    local in=$1
    shift
    runuser -u "$SITE_USER" -- env -i -C "$in" "PATH=$in/.venv/bin:$PATH" "HOME=$BASE" LANG=C.UTF-8 "$@"
}

finish() {
    (($1)) || return 0
    [[ $has_said_why == yes ]] ||
        printf '%s: the step %s failed, as it says above. Mend that, and run this again.\n' "${0##*/}" "$step" >&2
}

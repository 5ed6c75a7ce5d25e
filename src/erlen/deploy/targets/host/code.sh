
# --- secrets: .env, which only the application can read ---

step_secrets() {
    local owner
    owner="$SITE_USER:$(group_of_user)"
    [[ ! -L $ENV_FILE ]] || die "$ENV_FILE is a link, and is to be a file: move it away."
    if [[ ! -e $ENV_FILE ]]; then
        change "make $ENV_FILE with a new SECRET_KEY" write_env "$owner" /dev/null
    elif ! grep -aqE '^[[:space:]]*(export[[:space:]]+)?(FLASK_)?SECRET_KEY[[:space:]]*=' -- "$ENV_FILE"; then
        change "add a new SECRET_KEY to $ENV_FILE" write_env "$owner" "$ENV_FILE"
    elif [[ $(stat -c '%a %U:%G' -- "$ENV_FILE") != "600 $owner" ]]; then
        change "let only $SITE_USER read $ENV_FILE" own_env "$owner"
    fi
}

# write_env OWNER FILE: the lines of the file, and a key.
write_env() {
    local new key
    key=$(head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n')
    new=$(mktemp -- "$BASE/shared/.new-XXXXXXXX") # only root can read it
    {
        cat -- "$2"
        [[ ! -s $2 ]] || printf '\n'
        printf 'SECRET_KEY=%s\n' "$key"
    } >"$new"
    chown "$1" -- "$new"
    mv -fT -- "$new" "$ENV_FILE"
}

own_env() {
    chown "$1" -- "$ENV_FILE"
    chmod 600 -- "$ENV_FILE"
}

# --- code: the first release ---

step_code() {
    local release
    if [[ -e $FOLDER ]]; then
        return
    elif [[ -z $source_folder ]]; then
        note "There is no code yet: run this with --from DIR, where DIR is the folder of the project."
        return
    fi
    [[ -d $source_folder ]] || die "--from: $source_folder is no folder."
    release=$BASE/releases/$(date -u +%Y%m%dT%H%M%SZ)
    [[ $dry_run == yes ]] || unfinished=$release
    change "copy $source_folder to $release" copy_code "$release"
    change "make its virtual environment, and install what it needs" install_code "$release"
    if [[ $HAS_MIGRATIONS == yes ]]; then
        change "migrate the database" as_user "$release" erlen --app "$APPLICATION" db upgrade
    fi
    if [[ -n $init_command ]]; then
        local words
        read -ra words <<<"$init_command"
        change "run $init_command" as_user "$release" erlen --app "$APPLICATION" "${words[@]}"
    fi
    change "let $FOLDER lead to it" ln -sfnT -- "releases/${release##*/}" "$FOLDER"
    unfinished=
}

copy_code() {
    mkdir -- "$1"
    # .env and instance/ are those of this machine.
    tar -C "$source_folder" -cf - --exclude=./.venv --exclude=./.git --exclude=./.env --exclude=./instance \
        --exclude=__pycache__ . | tar -C "$1" --no-same-owner -xf -
    chmod -R u=rwX,go=rX -- "$1"
    ln -s ../../shared/.env "$1/.env"
    ln -s ../../shared/instance "$1/instance"
}

install_code() {
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
        die "$(python3 --version) is too old: Erlen needs Python 3.10 or newer."
    python3 -m venv -- "$1/.venv"
    if [[ -f $1/requirements.txt ]]; then
        # In its folder: the file may name others beside it.
        (cd -- "$1" && .venv/bin/pip install --quiet --disable-pip-version-check --requirement requirements.txt)
    elif [[ -f $1/pyproject.toml ]]; then
        "$1/.venv/bin/pip" install --quiet --disable-pip-version-check -- "$1"
    fi
    "$1/.venv/bin/pip" install --quiet --disable-pip-version-check "${SERVER_PACKAGES[@]}"
}

# --- unit ---

step_unit() {
    local before=$changes each
    put text_of_service "/etc/systemd/system/$NAME.service" 644
    if [[ $HAS_SOCKET == yes ]]; then
        put text_of_socket "/etc/systemd/system/$NAME.socket" 644
    fi
    if [[ -n $SETTINGS ]]; then
        put text_of_settings "$SETTINGS" 644
    fi
    ((changes == before)) || change "let systemd read its units" systemctl daemon-reload
    if [[ ! -e $FOLDER && $dry_run == no ]]; then
        return # it would fail at each start
    fi
    for each in "${UNITS[@]}"; do
        systemctl is-enabled --quiet "$each" 2>/dev/null ||
            change "start $each with the machine" systemctl enable --quiet "$each"
    done
    if ! systemctl is-active --quiet "$NAME.service"; then
        change "start $NAME" systemctl restart "${UNITS[@]}"
    elif ((changes > before)); then
        change "restart $NAME" systemctl restart "$NAME.service"
    fi
}


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

# --- unit: of the server ---

step_unit() {
    local before=$changes
    if [[ -n $SETTINGS ]]; then
        put text_of_settings "$SETTINGS" 644
    fi
    put text_of_service "/etc/systemd/system/$NAME.service" 644
    if [[ $HAS_SOCKET == yes ]]; then
        put text_of_socket "/etc/systemd/system/$NAME.socket" 644
    fi
    ((changes > before)) || return 0
    change "let systemd read its units" systemctl daemon-reload
    if systemctl is-active --quiet "$NAME.service"; then
        change "restart $NAME" systemctl restart "$NAME.service"
    fi
}

# --- code: the first release, by the program that makes the later ones, too ---

readonly TOOLS=/opt/erlen

step_code() {
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
        die "$(python3 --version) is too old: Erlen needs Python 3.10 or newer."
    if [[ ! -x $TOOLS/bin/erlen ]]; then
        change "install Erlen in $TOOLS, to make releases with" install_tools
    fi
    if [[ -e $FOLDER ]]; then
        return
    elif [[ -z $source_folder ]]; then
        note "There is no code yet: run this with --from DIR, where DIR is the folder of the project."
        return
    fi
    [[ -e $source_folder ]] || die "--from: there is no $source_folder."
    change "make the first release of $source_folder" make_release "$(realpath -- "$source_folder")"
    if [[ -n $init_command ]]; then
        change "run $init_command" run_init_command
    fi
}

install_tools() {
    python3 -m venv -- "$TOOLS"
    "$TOOLS/bin/pip" install --quiet --disable-pip-version-check 'erlen[dotenv]'
}

make_release() {
    local each with=()
    for each in "${SERVER_PACKAGES[@]}"; do
        with+=(--with "$each")
    done
    cd /
    "$TOOLS/bin/erlen" --app "$APPLICATION" deploy release --root "$BASE" --user "$SITE_USER" --unit "$NAME" \
        --python "$(command -v python3)" "${with[@]}" "${release_options[@]}" -- "$1" |
        sed 's/^/    /'
}

run_init_command() {
    local words
    read -ra words <<<"$init_command"
    as_user "$FOLDER" erlen --app "$APPLICATION" "${words[@]}" ||
        die "$init_command failed, as it says above, and will not be run again: mend it, and run it by hand, in" \
            "$FOLDER as $SITE_USER."
}

# --- start: now, and with the machine ---

step_start() {
    local each
    if [[ ! -e $FOLDER && $dry_run == no ]]; then
        return # without code it would fail at each start
    fi
    for each in "${UNITS[@]}"; do
        systemctl is-enabled --quiet "$each" 2>/dev/null ||
            change "start $each with the machine" systemctl enable --quiet "$each"
    done
    systemctl is-active --quiet "$NAME.service" || change "start $NAME" systemctl restart "${UNITS[@]}"
}

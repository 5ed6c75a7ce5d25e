
# --- backup: every night ---

step_backup() {
    local before=$changes
    folder "$BASE/backups" 700 "$SITE_USER:$(group_of_user)"
    if grep -aqE '^[^#]*DATABASE_UR[LI][[:space:]]*=[^#]*postgres' -- "$ENV_FILE" 2>/dev/null &&
        ! command -v pg_dump >/dev/null; then
        change "install postgresql-client" install_packages postgresql-client
    fi
    put text_of_backup_service "/etc/systemd/system/$NAME-backup.service" 644
    put text_of_backup_timer "/etc/systemd/system/$NAME-backup.timer" 644
    ((changes == before)) || change "let systemd read its units" systemctl daemon-reload
    systemctl is-enabled --quiet "$NAME-backup.timer" 2>/dev/null ||
        change "back up every night" systemctl enable --quiet --now "$NAME-backup.timer"
}

# --- all of it ---

main() {
    parse "$@"
    check_machine
    trap 'finish $?' EXIT
    for step in "${STEPS[@]}"; do
        if is_left_out "$step"; then
            say "$step: left out"
        else
            say "$step"
            "step_$step"
        fi
    done
    summarize
}

parse() {
    while (($#)); do
        case $1 in
            --dry-run) dry_run=yes ;;
            --no-check) release_options+=(--no-check) ;;
            --from | --init | --email | --without)
                (($# > 1)) || die "$1 needs a value. --help shows the options."
                take "$1" "$2"
                shift
                ;;
            -h | --help)
                usage
                exit 0
                ;;
            *) die "there is no option $1. --help shows those that there are." ;;
        esac
        shift
    done
}

take() {
    case $1 in
        --from) source_folder=$2 ;;
        --init) init_command=$2 ;;
        --email) email=$2 ;;
        --without)
            [[ " ${STEPS[*]} " == *" $2 "* ]] || die "there is no step $2; these are: ${STEPS[*]}."
            without+="$2 "
            ;;
    esac
}

check_machine() {
    [[ $(id -u) == 0 ]] || die "this changes the machine, so it has to run as root: sudo ${0##*/} …"
    command -v apt-get >/dev/null || die "this needs Debian or Ubuntu: there is no apt-get here."
    [[ -d /run/systemd/system ]] || die "this needs systemd, which does not run here."
    is_left_out front || getent group "$FRONT_GROUP" >/dev/null || die "there is no group $FRONT_GROUP."
}

summarize() {
    local each
    for each in "${notes[@]}"; do
        say "! $each"
    done
    local word=changes
    ((changes != 1)) || word=change
    if [[ $dry_run == yes ]]; then
        say "$changes $word would be made"
    else
        say "$changes $word"
    fi
}

main "$@"

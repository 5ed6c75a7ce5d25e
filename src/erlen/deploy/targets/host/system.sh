
# --- packages ---

step_packages() {
    local each wanted=(python3 python3-venv unattended-upgrades) missing=()
    is_left_out ssh || wanted+=(openssh-server)
    is_left_out firewall || wanted+=(ufw)
    is_left_out front || wanted+=(nginx)
    is_left_out certificate || is_left_out front || [[ $CERTBOT == no ]] || wanted+=(certbot)
    for each in "${wanted[@]}"; do
        is_installed "$each" || missing+=("$each")
    done
    if ((${#missing[@]})); then
        change "install ${missing[*]}" install_packages "${missing[@]}"
    fi
}

is_installed() {
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

install_packages() {
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# --- upgrades: security fixes of the system, every day ---

step_upgrades() {
    put text_of_auto_upgrades /etc/apt/apt.conf.d/20auto-upgrades 644
}

text_of_auto_upgrades() {
    cat <<'END'
APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
END
}

# --- account: a user who cannot log in ---

step_account() {
    local nologin shell group=(--user-group)
    # It is in /usr/sbin on some systems, in /sbin or /usr/bin on others.
    nologin=$(command -v nologin || command -v false)
    if ! getent passwd "$SITE_USER" >/dev/null; then
        ! getent group "$SITE_USER" >/dev/null || group=(--gid "$SITE_USER")
        change "add the user $SITE_USER, who cannot log in" useradd --system "${group[@]}" \
            --home-dir "$BASE" --no-create-home --shell "$nologin" "$SITE_USER"
        return
    fi
    [[ $(id -u "$SITE_USER") != 0 ]] || die "$SITE_USER is root: serve as another user, with --user."
    shell=$(getent passwd "$SITE_USER" | cut -d: -f7)
    case $shell in
        */nologin | */false) ;;
        *) note "$SITE_USER can log in (with $shell). Better serve as a user of its own." ;;
    esac
}

# --- folders ---

step_folders() {
    local each
    folder "$BASE" 755 root:root
    folder "$BASE/releases" 755 root:root
    folder "$BASE/shared" 755 root:root
    # The set-group-id bit: files in there get the user's group, and not that of the front.
    folder "$BASE/shared/instance" 2700 "$SITE_USER:$(group_of_user)"
    for each in "${MEDIA[@]}"; do
        folder "$each" 2750 "$SITE_USER:$FRONT_GROUP"
    done
}

# In a dry run the user may not be there yet.
group_of_user() { id -gn "$SITE_USER" 2>/dev/null || printf '%s\n' "$SITE_USER"; }

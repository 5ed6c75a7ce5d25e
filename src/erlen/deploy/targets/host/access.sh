
# --- ssh: keys and no passwords, if there are keys ---

readonly KEYS_ONLY=/etc/ssh/sshd_config.d/01-keys-only.conf

text_of_keys_only() {
    cat <<'END'
# sshd takes the first value that it finds, so this has to be the first file of its folder.
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
END
}

step_ssh() {
    if ! command -v sshd >/dev/null; then
        [[ $dry_run == no ]] || change "let sshd take keys and no passwords, if there are keys" true
        return
    fi
    # sshd looks for it even when it is only asked.
    [[ $dry_run == yes ]] || install -d -m 755 /run/sshd
    if is_set 'passwordauthentication no' && is_set 'kbdinteractiveauthentication no'; then
        return
    fi
    # SECURITY: without a key that works, nobody could log in any more.
    if ! somebody_has_a_key; then
        note "Passwords can still be used to log in: neither root nor a member of sudo has a key that sshd" \
            "takes. Copy yours here with ssh-copy-id, and run this again."
        return
    fi
    change "let sshd take keys and no passwords" take_keys_only
}

take_keys_only() {
    write_file text_of_keys_only "$KEYS_ONLY" 644
    if sshd -t && is_set 'passwordauthentication no' && is_set 'pubkeyauthentication yes'; then
        systemctl try-reload-or-restart ssh
        return
    fi
    rm -f -- "$KEYS_ONLY"
    die "sshd would not go by $KEYS_ONLY, which is gone again: /etc/ssh/sshd_config needs the line" \
        "'Include /etc/ssh/sshd_config.d/*.conf' at its top."
}

is_set() { sshd -T 2>/dev/null | grep -ix -- "$1" >/dev/null; }

somebody_has_a_key() {
    local user
    while IFS= read -r user; do
        ! has_key "$user" || return 0
    done < <(printf 'root\n' && getent group sudo | cut -d: -f4 | tr ',' '\n')
    return 1
}

# has_key USER: whether there is a key, in a place that sshd trusts.
has_key() {
    local home file
    home=$(getent passwd "$1" | cut -d: -f6)
    file=$home/.ssh/authorized_keys
    [[ -n $home && -s $file ]] || return 1
    ssh-keygen -lf "$file" >/dev/null 2>&1 || return 1
    # Where others could write, sshd does not look (StrictModes).
    [[ -z $(find "$home" "$home/.ssh" "$file" -maxdepth 0 \( -perm /022 -o ! -user "$1" ! -user root \)) ]]
}

# --- firewall: ssh, http and https, and nothing else ---

step_firewall() {
    local port ports=() added
    if ! command -v ufw >/dev/null; then
        [[ $dry_run == no ]] || change "let the firewall pass ssh, http and https alone" true
        return
    fi
    # SECURITY: ssh comes first, so that the connection in which this runs does not end with the firewall.
    mapfile -t ports < <(sshd -T 2>/dev/null | awk '$1 == "port" { print $2 }')
    ((${#ports[@]})) || ports=(22)
    [[ ! ${SSH_CONNECTION:-} =~ \ ([0-9]+)$ ]] || ports+=("${BASH_REMATCH[1]}")
    for port in "${ports[@]}" "${PORTS[@]}"; do
        added=$(ufw show added)
        grep -Eqx "ufw (allow|limit) $port(/tcp)?" <<<"$added" ||
            change "let the firewall pass port $port" quiet ufw allow "$port/tcp"
    done
    grep -qx 'DEFAULT_INPUT_POLICY="\(DROP\|REJECT\)"' /etc/default/ufw ||
        change "let the firewall refuse the other ports" quiet ufw default deny incoming
    [[ $(LC_ALL=C ufw status) == 'Status: active'* ]] || change "start the firewall" quiet ufw --force enable
}

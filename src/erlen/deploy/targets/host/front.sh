
# --- front: nginx ---

readonly AVAILABLE=/etc/nginx/sites-available/$NAME.conf
readonly ENABLED=/etc/nginx/sites-enabled/$NAME.conf

step_front() {
    local before=$changes text=text_of_front
    # nginx does not start without the certificate, and the certificate needs nginx.
    has_certificate || text=text_of_front_without_https
    put "$text" "$AVAILABLE" 644
    if [[ $(readlink -- "$ENABLED" || true) != "$AVAILABLE" ]]; then
        change "enable the site in nginx" ln -sfnT -- "$AVAILABLE" "$ENABLED"
    fi
    if [[ -e /etc/nginx/sites-enabled/default ]]; then
        change "disable nginx' page of welcome" rm -- /etc/nginx/sites-enabled/default
    fi
    if ((changes > before)); then
        change "let nginx read it" reload_nginx
    elif ! systemctl is-active --quiet nginx; then
        change "start nginx" systemctl start nginx
    fi
    systemctl is-enabled --quiet nginx 2>/dev/null ||
        change "start nginx with the machine" systemctl enable --quiet nginx
}

reload_nginx() {
    if nginx -t -q; then
        systemctl reload-or-restart nginx
        return
    fi
    if [[ -e $AVAILABLE.old ]]; then
        mv -fT -- "$AVAILABLE.old" "$AVAILABLE"
    else
        rm -f -- "$ENABLED"
    fi
    die "nginx refuses the file of the site, as it says above. The running nginx goes on as before."
}

# --- certificate: from Let's Encrypt, by certbot ---

has_certificate() { [[ $HTTPS == no || -e $CERTIFICATE ]]; }

step_certificate() {
    local each names=()
    if has_certificate; then
        return
    elif ((${#DOMAINS[@]} == 0)); then
        note "No certificate: say the site's name, with --domain, when you write this file."
        return
    elif [[ -z $email ]]; then
        note "No certificate, and so no https: run this with --email ADDRESS."
        return
    fi
    for each in "${DOMAINS[@]}"; do
        names+=(--domain "$each")
    done
    [[ -d $CHALLENGES ]] || change "make the folder $CHALLENGES" install -d -m 755 -- "$CHALLENGES"
    change "get a certificate for ${DOMAINS[*]}" certbot certonly --non-interactive --agree-tos \
        --email "$email" --webroot --webroot-path "$CHALLENGES" --cert-name "${DOMAINS[0]}" "${names[@]}" \
        --deploy-hook "systemctl reload nginx"
    if [[ $dry_run == yes ]]; then
        change "let nginx serve https" true
    else
        [[ -e $CERTIFICATE ]] || die "certbot has made no $CERTIFICATE."
        step_front
    fi
}

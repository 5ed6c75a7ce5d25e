
# --- front: nginx ---

step_front() {
    local before=$changes
    written=()
    put text_of_front "/etc/nginx/conf.d/$NAME.conf" 644
    # nginx does not start without the certificate, and to get the certificate takes nginx.
    if [[ -n $CERTIFICATE && -e $CERTIFICATE ]]; then
        put text_of_front_with_https "/etc/nginx/conf.d/$NAME-https.conf" 644
    fi
    if [[ -L /etc/nginx/sites-enabled/default ]]; then
        change "disable the page that nginx comes with" rm -- /etc/nginx/sites-enabled/default
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
    local each
    if nginx -t -q; then
        systemctl reload-or-restart nginx
        return
    fi
    for each in "${written[@]}"; do
        if [[ -e $each.old ]]; then
            mv -fT -- "$each.old" "$each"
        else
            rm -f -- "$each"
        fi
    done
    die "nginx refuses what was written, as it says above. It is as it was, and goes on."
}

# --- certificate: from Let's Encrypt, by certbot ---

step_certificate() {
    local each names=()
    if [[ -z $CERTIFICATE || -e $CERTIFICATE ]] || is_left_out front; then
        return
    elif [[ $CERTBOT == no ]]; then
        note "There is no $CERTIFICATE, and so no https: put it there, and run this again."
        return
    elif [[ -z $email ]]; then
        note "There is no certificate, and so no https: run this with --email ADDRESS."
        return
    fi
    for each in "${DOMAINS[@]}"; do
        names+=(--domain "$each")
    done
    [[ -d $CHALLENGES ]] || change "make the folder $CHALLENGES" install -d -m 755 -- "$CHALLENGES"
    change "get a certificate for ${DOMAINS[*]}" certbot certonly --quiet --non-interactive --agree-tos \
        --email "$email" --webroot --webroot-path "$CHALLENGES" --cert-name "${DOMAINS[0]}" "${names[@]}" \
        --deploy-hook "systemctl reload nginx"
    if [[ $dry_run == yes ]]; then
        change "let nginx serve https" true
    else
        [[ -e $CERTIFICATE ]] || die "certbot has made no $CERTIFICATE."
        step_front
    fi
}

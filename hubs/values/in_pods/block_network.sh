# Set the rules $1 (IPv4) and $2 (IPv6) in the table mangle of this pod. Fails unless they are in effect.
set -eu

# A node's kernel may have legacy tables, nf_tables, or both. restore sets all rules or none.
# By the name of the program that contains all of them, because the image has no link named ip6tables.
apply() {
    for program in xtables-legacy-multi xtables-nft-multi; do
        if printf '%s\n' '*mangle' "$2" COMMIT | "$program" "$1" --noflush; then
            echo "$1: set by $program"
            return 0
        fi
    done
    return 1
}

fail() {
    echo "$1: this pod must not start" >&2
    exit 1
}

# Scopes of this pod's IPv6 addresses: 20 is link-local.
scopes() {
    while read -r _ _ _ scope _ device; do
        [ "$device" = lo ] || echo "$scope"
    done </proc/net/if_inet6
}

apply iptables-restore "$1" || fail "IPv4 rules can't be set"

if [ -e /proc/net/if_inet6 ] && ! apply ip6tables-restore "$2"; then
    for scope in $(scopes); do
        [ "$scope" = 20 ] || fail "this pod has an IPv6 address, but IPv6 rules can't be set"
    done
    # Nothing uses IPv6 here: turn it off.
    for setting in /proc/sys/net/ipv6/conf/all/disable_ipv6 /proc/sys/net/ipv6/conf/default/disable_ipv6; do
        { echo 1 >"$setting"; } 2>/dev/null || true
    done
    [ -z "$(scopes)" ] || fail "IPv6 can neither be restricted nor turned off"
    echo "ip6tables-restore: does not work here, IPv6 is off"
fi

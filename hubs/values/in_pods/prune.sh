# Keep the Docker daemon below the limit of its emptyDir. At the limit, the kubelet would evict the pod, with all builds.
# $1: its socket. $2: its data. $3: kibibytes at which pruning begins, $4: at which it ends. $5: seconds between two looks.
# $6: seconds that an image is kept at least, because it may still be pushed.
#
# BuildKit's own garbage collection leaves layers alone that belong to images, and every built image stays in the daemon.
# Images go first, those that have been here longest before others; nodes pull them from the registry. Then the build
# cache that no running build uses.
set -u
export DOCKER_HOST="unix://$1"
seen=/tmp/seen
: >"$seen"

# Kubernetes before 1.29 has no sidecars: there, the daemon starts when this ends.
tries=0
until docker version >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 60 ] || exit 0
    sleep 2
done

above() {
    [ "$(du -skx "$data" 2>/dev/null | cut -f1)" -gt "$1" ]
}

data=$2 high=$3 low=$4 pause=$5 youngest=$6
trap 'exit 0' TERM  # the first process of a container ignores it otherwise, and the pod would end 30 seconds later
while sleep "$pause" & wait "$!"; do
    now=$(date +%s)
    docker image ls --filter dangling=false --format '{{.Repository}}:{{.Tag}}' >/tmp/images || continue
    awk -v now="$now" 'FILENAME == ARGV[1] { first[$2] = $1; next } { print ($1 in first) ? first[$1] : now, $1 }' \
        "$seen" /tmp/images >/tmp/next && mv /tmp/next "$seen"
    above "$high" || continue
    docker image prune --force
    sort -n "$seen" | while read -r first image; do
        [ $((now - first)) -ge "$youngest" ] && above "$low" || break
        docker image rm "$image"
    done
    if above "$low"; then
        docker builder prune --all --force
    fi
done

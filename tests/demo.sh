#!/bin/sh
# demo.sh - shows drydock at work: demo.sh PROGRAM DIR. DIR is made anew.
# The root was captured from a real daemon: my-image was built, its Dockerfile changed, and it
# was built again, so the first image dangles; nothing of it is needed any more.
set -eu
program=$1 dir=$2
sudo=
[ "$(id -u)" -eq 0 ] || sudo=sudo # data roots belong to root

step() {
	printf '\n# %s\n$ drydock --root %s' "$1" "$root"
	shift
	printf ' %s' "$@"
	echo
	$sudo "$program" --root "$root" "$@"
}

root=$dir/root
$sudo rm -rf --one-file-system "$dir"
mkdir -p "$dir"
$sudo "$(dirname "$0")/fixture.sh" seed-20.10 "$root"

step "What is there, and how much of it nothing needs" system df
step "The images: the one without a name is what my-image was before" image ls
step "What a prune would do; nothing is written" system prune --dry-run
step "Do it" system prune -f
step "And look again" system df
step "A second run finds nothing" system prune -f

# A root with networks, volumes and a build cache.
$sudo "$(dirname "$0")/fixture.sh" rich-20.10 "$dir/rich"
root=$dir/rich
step "Another root: its build cache that no image shares" builder prune -f
step "Its networks that no container uses" network prune -f
step "Its volumes: nothing goes unless asked for" volume prune --all --dry-run

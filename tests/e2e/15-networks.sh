#!/bin/bash
# After networks and volumes went, daemons start without a word, everything that stays works, and
# what went can be made again, fresh. What goes is what dockerd removes, but for what is safer.
# shellcheck source=tests/e2e/lib.sh disable=SC2016 # eval expands them
. "$(dirname "$0")/lib.sh"

ours=$T/ours theirs=$T/theirs
docker() { lab docker "$ours" "$@"; }
names() { lab docker "$1" "$2" ls --format '{{.Name}}' | LC_ALL=C sort; }

# A container that dockerd restarts is always at some point of its way.
noise='ep=always|ShouldRestart failed'

# Starts every container that is not running.
all_start() {
	local name failed=0
	while read -r name; do
		docker start "$name" >/dev/null || failed=1
	done < <(docker ps -a --format '{{.Names}}' --filter status=created --filter status=exited)
	return "$failed"
}

for version in 20.10 28.5; do
	said=$(lab install "$version" 2>&1 | tail -n 1)
	case $said in
	*"version $version"*) ;;
	*) note <<<"$version: its suite has another release now: $said"; continue ;;
	esac
	rm -rf --one-file-system "$T/root" "$ours" "$theirs"
	fixture "nets-$version" "$T/root"
	startlog "$version" "$T/root" >"$T/log-before"

	# drydock's own rule
	copy "$T/root" "$ours"
	drydock "$ours" network prune -f
	ok "$version: network prune: exit status 0" exits 0
	drydock "$ours" volume prune -af
	ok "$version: volume prune -a: exit status 0" exits 0
	ok "$version: nothing new in dockerd's log" nothing_new "$version" "$ours"
	lab start "$version" "$ours"
	ok "$version: only unused networks are gone" diff <(names "$ours" network) \
		<(printf '%s\n' bridge byid conf conn host inner made none plain subnet)
	ok "$version: every container starts" all_start
	ok "$version: a volume that stays has its content" eval \
		'docker cp v-run:/data/file - | tar -xO | grep -qx content'
	lab stop "$ours"
	rm -rf --one-file-system "$ours"

	# dockerd's
	copy "$T/root" "$ours"
	copy "$T/root" "$theirs"
	lab start "$version" "$theirs"
	lab docker "$theirs" network prune -f >/dev/null
	all=-a
	[ "$version" != 20.10 ] || all= # it has no other
	# shellcheck disable=SC2086 # no word or one
	lab docker "$theirs" volume prune -f $all >/dev/null
	names "$theirs" network >"$T/their-networks"
	names "$theirs" volume >"$T/their-volumes"
	lab stop "$theirs"
	drydock "$ours" network prune -f --docker-compat
	drydock "$ours" volume prune -af
	lab start "$version" "$ours"
	ok "$version: --docker-compat leaves the networks that dockerd leaves" \
		diff "$T/their-networks" <(names "$ours" network)
	ok "$version: volume prune -a leaves those that dockerd leaves, and what a container binds" \
		diff <(LC_ALL=C sort - "$T/their-volumes" <<<bound) <(names "$ours" volume)
	ok "$version: a network of the same subnet can be made" docker network create --subnet 10.77.0.0/16 subnet
	ok "$version: one with the same bridge, too" \
		docker network create -o com.docker.network.bridge.name=mybr0 custom
	ok "$version: the network that was the pattern for others is free" docker network rm conf
	docker volume create marked >/dev/null
	ok "$version: a volume of an old name has no old label" eval \
		'[ "$(docker volume inspect -f "{{len .Labels}}" marked)" = 0 ]'
	ok "$version: a container in none of them starts" docker start host
	lab stop "$ours"
done
done_testing

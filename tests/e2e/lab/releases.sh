# shellcheck shell=bash
# releases.sh - where each Docker release comes from, and how its programs are run.
# Sourced by lab.

# Debian suite that ships a given Docker release.
suite_of() {
	case $1 in
	20.10) echo bookworm ;;
	20.10.5) echo bullseye ;;
	26.1) echo trixie ;;
	28.5) echo forky ;;
	*) die "unknown version '$1' (known: 20.10 20.10.5 26.1 28.5)" ;;
	esac
}

packages_of() {
	case $1 in
	20.10 | 20.10.5) echo docker.io containerd runc tini ;;
	26.1) echo docker.io docker-cli docker-buildx containerd runc tini ;;
	28.5) echo docker.io docker-cli docker-buildx containerd runc tini systemd-standalone-sysusers ;;
	esac
}

host_suite() { (. /etc/os-release && echo "${VERSION_CODENAME:-unknown}"); }
is_host_suite() { [ "$(suite_of "$1")" = "$(host_suite)" ]; }
tree_of() { echo "$LAB_DIR/suite/$1"; }

# Archive base address, as apt is configured on this machine.
archive_url() {
	local url
	# shellcheck disable=SC2016 # apt-get expands these
	url=$(apt-get indextargets --format '$(SITE) $(RELEASE)' 'Created-By: Packages' |
		awk -v s="$(host_suite)" '$2 == s { print $1; exit }')
	[ -n "$url" ] || die "apt has no index for $(host_suite): run apt-get update"
	echo "$url"
}

# unpack_packages TREE PACKAGE...: unpacks the packages, and whatever of their
# dependencies the host lacks, into TREE. No maintainer script runs and nothing on the
# host changes: a docker.io that is *installed* starts a daemon on /var/lib/docker and
# enables it for every boot, and docker-registry one on port 5000. A policy-rc.d would
# stop the first but not the second. apt is told that none of the named packages is
# installed, so that the result is the same on a host that has them.
unpack_packages() {
	local tree=$1 part=$1.part deb
	shift
	rm -rf --one-file-system "$part"
	mkdir -p "$part/.apt/partial"
	awk -v RS='' -v ORS='\n\n' -v drop=" $* " \
		'{ split($0, line, "\n"); sub(/^Package: /, "", line[1])
		   if (!index(drop, " " line[1] " ")) print }' /var/lib/dpkg/status >"$part/.apt/status"
	apt_download "$part/.apt" "$@" >"$tree.log" 2>&1 || {
		apt-get update -q >>"$tree.log" 2>&1
		apt_download "$part/.apt" "$@" >>"$tree.log" 2>&1
	} || die "download failed, see $tree.log"
	for deb in "$part"/.apt/*.deb; do dpkg -x "$deb" "$part"; done
	rm -rf "$part/.apt"
	touch "$part/.complete"
	mv "$part" "$tree"
}

apt_download() {
	local dir=$1
	shift
	apt-get install -y -q --download-only --no-install-recommends \
		-o Dir::State::status="$dir/status" -o Dir::Cache::archives="$dir" \
		-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root "$@"
}

# A complete minimal Debian of another suite with Docker in it.
debootstrap_release() {
	local version=$1 suite=$2 tree=$3 part=$3.part log=$3.log script
	shift 3
	command -v debootstrap >/dev/null || die "$version needs the package debootstrap"
	script=/usr/share/debootstrap/scripts/$suite
	[ -e "$script" ] || script=/usr/share/debootstrap/scripts/sid
	rm -rf --one-file-system "$part"
	mkdir -p "$part"
	debootstrap --variant=minbase --include=ca-certificates "$suite" "$part" "$(archive_url)" "$script" \
		>"$log" 2>&1 || die "debootstrap failed, see $log"
	printf '#!/bin/sh\nexit 101\n' >"$part/usr/sbin/policy-rc.d"
	chmod 755 "$part/usr/sbin/policy-rc.d"
	cp /etc/resolv.conf /etc/hosts "$part/etc/"
	cp -n /etc/apt/apt.conf.d/* "$part/etc/apt/apt.conf.d/"
	# shellcheck disable=SC2016 # the inner shell expands these
	unshare --mount -- bash -euc '
		mount -t proc proc "$1/proc"; root=$1; shift
		exec chroot "$root" env DEBIAN_FRONTEND=noninteractive \
			apt-get install -y --no-install-recommends "$@"
	' install "$part" "$@" pigz xz-utils >>"$log" 2>&1 || die "package installation failed, see $log"
	rm -rf "$part/var/cache/apt/archives"
	touch "$part/.complete"
	mv "$part" "$tree"
}

# Programs that every release shares: a registry to pull from, a static busybox for images.
TOOLS=$LAB_DIR/tools

cmd_install() {
	[ $# -eq 1 ] || die "usage: lab install VERSION"
	local version=$1 suite tree tool
	suite=$(suite_of "$version")
	tree=$(tree_of "$version")
	local -a packages
	read -ra packages <<<"$(packages_of "$version")"
	[ "$(id -u)" -eq 0 ] || die "needs root"
	for tool in apt-get dpkg setfattr jq ip unshare xz; do
		command -v "$tool" >/dev/null || die "needs $tool (make deps installs it)"
	done
	mkdir -p "$LAB_DIR/suite"
	exec 8>"$LAB_DIR/suite/.lock"
	flock 8 # two tests may want the same release at the same time
	[ -e "$TOOLS/.complete" ] || unpack_packages "$TOOLS" busybox-static docker-registry
	if [ ! -e "$tree/.complete" ]; then
		say "installing Docker $version from $suite into $tree"
		if is_host_suite "$version"; then
			unpack_packages "$tree" "${packages[@]}"
		else
			debootstrap_release "$version" "$suite" "$tree" "${packages[@]}"
		fi
	fi
	exec 8>&-
	say "$version: $(in_tree "$version" dockerd --version)"
}

# Replaces this shell by a program of the release; the process has a mount namespace of
# its own. Of a release of another suite the whole /usr is put over ours, so that every
# other path means the same inside and outside; one of our own suite only adds programs.
exec_in_tree() {
	local tree
	tree=$(tree_of "$1")
	if is_host_suite "$1"; then
		export PATH=$tree/usr/sbin:$tree/usr/bin:$PATH
		LD_LIBRARY_PATH=$(echo "$tree"/usr/lib/*-linux-gnu*/ "$tree"/lib/*-linux-gnu*/ | tr ' ' :)
		export LD_LIBRARY_PATH
	else
		mount --bind "$tree/usr" /usr
		export PATH=/usr/sbin:/usr/bin
	fi
	shift
	exec "$@"
}

in_tree() {
	[ -e "$(tree_of "$1")/.complete" ] || die "not installed: Docker $1 (run lab install $1)"
	if is_host_suite "$1"; then
		(exec_in_tree "$@")
	else
		unshare --mount -- "$LAB_SELF" _init exec "$@"
	fi
}

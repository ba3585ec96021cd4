#!/bin/sh
# A wrong command line: one line that names what is wrong, one that says where to read on,
# exit status 16, nothing on stdout, nothing done.
# shellcheck source=tests/cli/lib.sh
. "${0%/*}/lib.sh"

mkdir "$T/root"
snapshot "$T/root" >"$T/before"
count=0

# refused "TEXT" "HINT" ARG...
refused() {
	refused_text=$1
	refused_hint=$2
	shift 2
	run "$@"
	ok "'$*' exits 16" exits 16
	ok "'$*' says: $refused_text" says err "drydock: $refused_text"
	ok "'$*' says where help is" says err "See 'drydock $refused_hint--help'"
	ok "'$*' prints two lines on stderr, none on stdout" eval 'has_lines err 2 && is_empty out'
	count=$((count + 4))
}

refused "'foo' is not a drydock command" "" foo
refused "'foo' is not a drydock command" "" foo bar
refused "'system foo' is not a drydock command" "system " system foo
refused "'system' needs a command after it" "system " system
refused "unknown flag: --foo" "system prune " system prune --foo
refused "unknown flag: --foo" "system prune " --foo system prune
refused "unknown shorthand flag: 'x' in -x" "system prune " system prune -x
refused "unknown flag: --orphans" "image ls " image ls --orphans
refused "unknown flag: --force" "system df " system df -f
refused "unknown flag: --volumes" "image prune " image prune --volumes -f
refused "flag needs an argument: --root" "" --root
refused "invalid argument \"xml\" for \"--format\" flag" "image ls " image ls --format xml
refused "invalid argument \"0\" for \"-j, --jobs\" flag" "image ls " image ls -j0
refused "\"drydock system prune\" accepts no arguments" "system prune " system prune -f x
refused "\"drydock layer why\" requires 1 argument: ID" "layer why " layer why
refused "\"drydock layer why\" accepts at most 1 argument" "layer why " layer why a b
refused "there is no terminal to ask on" "system prune " --root "$T/root" system prune
refused "there is no terminal to ask on" "layer prune " --root "$T/root" layer prune
refused "--read-only: \"drydock system prune\" writes" "system prune " \
	--root "$T/root" --read-only system prune -f

run
ok "no command at all exits 16" exits 16
ok "no command at all shows the help on stderr" says err "Usage:  drydock [OPTIONS] COMMAND"
ok "no command at all prints nothing on stdout" is_empty out
ok "nothing of this has changed the data root" unchanged "$T/root" "$T/before"
plan $((count + 4))

done_testing

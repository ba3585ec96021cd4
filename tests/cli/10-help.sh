#!/bin/sh
# The help texts and the version, all from the tables of commands and options.
# shellcheck source=tests/cli/lib.sh
. "${0%/*}/lib.sh"
plan 23

run --version
ok "--version exits 0" exits 0
ok "--version prints one line with the name" grep -E -q -x 'drydock [0-9]+\.[0-9]+\.[0-9]+' "$T/out"
ok "--version says nothing else" is_empty err

run --help
cp "$T/out" "$T/help"
ok "--help exits 0" exits 0
ok "--help lists the commands" says out "  system prune"
ok "--help lists the global options" says out "--root DIR"
ok "--help explains the exit status" says out "Exit status"
ok "--help says nothing on stderr" is_empty err

run help
ok "help is the same as --help" same "$T/help" "$T/out"
run -h
ok "-h is the same as --help" same "$T/help" "$T/out"

run system prune --help
cp "$T/out" "$T/help"
ok "the help of a command names its usage" says out "Usage:  drydock system prune [OPTIONS]"
ok "the help of a command has its options" says out "-a, --all"
ok "the help of a command has no options of others" says_not out "--orphans"
run help system prune
ok "help COMMAND is the same as COMMAND --help" same "$T/help" "$T/out"
run --help --root /nonexistent system prune
ok "--help may stand anywhere" same "$T/help" "$T/out"

# An option that many commands have says what it means for this one.
run volume prune --help
ok "-a of volumes is not about dangling ones" eval 'says out "all unused volumes, not just anonymous ones" && says_not out dangling'
run builder prune --help
ok "filters of the build cache are its own" eval 'says out "until=TIME, id=PATTERN" && says_not out label='
run network prune --help
ok "-f says what it does to bridges" says out "bridges that networks leave"
ok "network prune has no -a, as Docker's" says_not out "--all"
run image prune --help
ok "-f is just that elsewhere" eval 'says out "do not ask for confirmation" && says_not out bridges'

run layer why --help
ok "the help of a command names its argument" says out "drydock layer why [OPTIONS] ID"

run system --help
ok "the help of a group lists its commands" says out "  system df"
ok "the help of a group lists no other commands" says_not out "  image ls"

done_testing

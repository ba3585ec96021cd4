/* scope.c - what a prune takes, by letters. */
#include "tests/unit/scope.h"

#include <string.h>

struct selection_scope scope_of(const char *letters)
{
	return (struct selection_scope){
		.containers = strchr(letters, 'c'),
		.images = strchr(letters, 'i') || strchr(letters, 'a'),
		.all_images = strchr(letters, 'a'),
		.networks = strchr(letters, 'n'),
		.volumes = strchr(letters, 'v') || strchr(letters, 'V'),
		.all_volumes = strchr(letters, 'V'),
		.cache = strchr(letters, 'b') || strchr(letters, 'B'),
		.all_cache = strchr(letters, 'B'),
		.docker_compat = strchr(letters, 'D'),
		.layers = strchr(letters, 'l'),
	};
}

struct selection_scope scope_ruled(const char *letters, const struct rules *rules)
{
	struct selection_scope scope = scope_of(letters);

	scope.filters = rules ? &rules->filters : NULL;
	scope.keep = rules ? &rules->keep : NULL;
	return scope;
}

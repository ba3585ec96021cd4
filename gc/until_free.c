/* until_free.c - --until-free: a prune removes only as much as is needed, the oldest first. */
#include "gc/until_free.h"

#include "gc/plan/plan.h"
#include "gc/prune.h"
#include "gc/show/size_text.h"
#include "metadata/base/map.h"
#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/statvfs.h>

#define SECOND_NS INT64_C(1000000000)

/* ---- what is wanted ---- */

/* Docker's units: those of 1000 with or without a B, those of 1024 with an i. */
static const struct {
	const char *word;
	double factor;
} units[] = {
	{ "", 1 },         { "b", 1 },        { "k", 1e3 },      { "kb", 1e3 },
	{ "m", 1e6 },      { "mb", 1e6 },     { "g", 1e9 },      { "gb", 1e9 },
	{ "t", 1e12 },     { "tb", 1e12 },    { "p", 1e15 },     { "pb", 1e15 },
	{ "kib", 0x1p10 }, { "mib", 0x1p20 }, { "gib", 0x1p30 }, { "tib", 0x1p40 },
	{ "pib", 0x1p50 },
};

/* Reads TEXT as a number of bytes, or as a share of the file system (*SHARE, else 0). */
static bool until_free_parse(const char *text, double *bytes, double *share)
{
	char *end;
	double number;

	*share = 0;
	if (text[0] < '0' || text[0] > '9' || strspn(text, "0123456789.") > 18)
		return false;
	number = strtod(text, &end);
	if (strspn(text, "0123456789.") != (size_t)(end - text))
		return false; /* hexadecimal, an exponent, a second point */
	if (strcmp(end, "%") == 0) {
		*share = number / 100;
		return number > 0 && number <= 100;
	}
	end += *end == ' ';
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcasecmp(end, units[i].word) == 0) {
			*bytes = number * units[i].factor;
			return *bytes >= 1 && *bytes < 0x1p63;
		}
	}
	return false;
}

int until_free_check(const struct settings *settings, struct err *err)
{
	double bytes;
	double share;

	if (!settings->until_free)
		return 0;
	if (!until_free_parse(settings->until_free, &bytes, &share))
		return err_set(err, ERR_USAGE,
		               "invalid argument \"%s\" for \"--until-free\" flag: a size like "
		               "10GB or 1.5GiB, or a share of the file system like 20%%",
		               settings->until_free);
	if (settings->volumes)
		return err_set(err, ERR_USAGE,
		               "--until-free: volumes have no age; without --volumes");
	for (size_t i = 0; i < settings->filters.count; i++) {
		if (strncasecmp(settings->filters.items[i], "until", strlen("until")) == 0 ||
		    strncasecmp(settings->filters.items[i], "unused-for", strlen("unused-for")) ==
		        0)
			return err_set(err, ERR_USAGE,
			               "--until-free finds the moment of \"until\" itself");
	}
	return 0;
}

/* How many bytes are to be freed; 0: enough is. */
static int until_free_missing(const struct command_call *call, uint64_t *missing, struct err *err)
{
	const struct root *root = call->session->root;
	double bytes = 0;
	double share = 0;
	double available;
	struct statvfs st;

	if (fstatvfs(root->fd, &st) < 0)
		return err_errno(err, "%s: find out what is free", root->path);
	(void)until_free_parse(call->settings->until_free, &bytes, &share); /* was checked */
	if (share > 0)
		bytes = share * (double)st.f_blocks * (double)st.f_frsize;
	available = (double)st.f_bavail * (double)st.f_frsize;
	*missing = bytes > available ? (uint64_t)(bytes - available) : 0;
	return 0;
}

/* ---- moments ---- */

struct moments {
	struct timestamp *items; /* sorted, each once */
	size_t count, capacity;
};

static void moments_cleanup(struct moments *moments)
{
	free(moments->items);
}

static void moments_add(struct moments *moments, int64_t seconds, uint32_t nanoseconds)
{
	moments->items =
	    mem_grow(moments->items, moments->count, &moments->capacity, sizeof(*moments->items));
	moments->items[moments->count++] = (struct timestamp){ seconds, nanoseconds };
}

static int moments_compare(const void *left, const void *right)
{
	return timestamp_compare(left, right);
}

/* All moments at which the selection can change. */
static void moments_collect(struct moments *moments, const struct state *state)
{
	size_t count = 0;

	for (size_t i = 0; i < state->images.count; i++) {
		if (state->images.items[i].has_created)
			moments_add(moments, state->images.items[i].created,
			            state->images.items[i].created_nanoseconds);
	}
	for (size_t i = 0; i < state->containers.count; i++)
		moments_add(moments, state->containers.items[i].created,
		            state->containers.items[i].created_nanoseconds);
	for (size_t i = 0; i < state->networks.count; i++)
		moments_add(moments, state->networks.items[i].created,
		            state->networks.items[i].created_nanoseconds);
	for (size_t i = 0; i < state->cache.record_count; i++) {
		int64_t used = state->cache.records[i].last_used_ns;

		if (used > 0)
			moments_add(moments, used / SECOND_NS, (uint32_t)(used % SECOND_NS));
	}
	if (moments->count > 0)
		qsort(moments->items, moments->count, sizeof(*moments->items), moments_compare);
	for (size_t i = 0; i < moments->count; i++) {
		if (count == 0 ||
		    timestamp_compare(&moments->items[i], &moments->items[count - 1]) != 0)
			moments->items[count++] = moments->items[i];
	}
	moments->count = count;
}

/* ---- the search ---- */

struct until_free {
	const struct session *session;
	const struct selection_scope *scope; /* as it was asked for */
	struct map freed;                    /* path of each action of all -> its index */
	const struct plan *all;              /* measured */
	struct moments moments;
};

/* RULES (empty) get the filters of the scope, and `until` that moment. */
static void until_free_rules(const struct until_free *search, struct rules *rules,
                             const struct timestamp *moment)
{
	AUTO(str)
	char *words = mem_print("%lld.%09u", (long long)moment->seconds, moment->nanoseconds);

	rules_copy(rules, search->scope->filters, search->scope->keep);
	filter_set_add(&rules->filters, "until", words);
	rules->filters.has_until = true;
	rules->filters.is_until_past = true;
	rules->filters.until = *moment;
}

/* What the scope frees with that moment. */
static uint64_t until_free_sum(const struct until_free *search, const struct timestamp *moment)
{
	AUTO(rules) struct rules rules = RULES_INIT;
	struct selection_scope scope = *search->scope;
	AUTO(plan) struct plan *plan = NULL;
	uint64_t sum = 0;

	until_free_rules(search, &rules, moment);
	scope.filters = &rules.filters;
	plan = prune_decide(search->session, &scope);
	for (size_t i = 0; i < plan->count; i++) {
		size_t at;

		if (map_get(&search->freed, plan->actions[i].path, &at))
			sum += search->all->actions[at].usage.allocated_bytes;
	}
	return sum;
}

/* The first moment that frees so much; the count of moments if none does. */
static size_t until_free_search(const struct until_free *search, uint64_t missing)
{
	size_t low = 0;
	size_t high = search->moments.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (until_free_sum(search, &search->moments.items[middle]) < missing)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int until_free_find(struct plan **plan, struct rules *rules, struct selection_scope *scope,
                    enum until_free_result *result, const struct command_call *call,
                    struct err *err)
{
	AUTO(plan) struct plan *all = NULL;
	const struct selection_scope asked = *scope;
	struct until_free search = { .session = call->session, .scope = &asked };
	char size[SIZE_TEXT_MAX];
	uint64_t missing = 0;
	size_t found;

	if (until_free_missing(call, &missing, err) < 0)
		return -1;
	*plan = NULL;
	*result = UNTIL_FREE_ENOUGH;
	if (missing == 0) {
		(void)fprintf(call->console->words, "drydock: note: %s is free already\n",
		              call->settings->until_free);
		return 0;
	}
	*result = UNTIL_FREE_ALL;
	if (prune_plan(&all, call->session, scope, err) < 0)
		return -1;
	if (all->freed.allocated_bytes < missing) {
		(void)fprintf(call->console->words,
		              "drydock: note: all of it is not enough for %s to be free, %s are "
		              "missing\n",
		              call->settings->until_free,
		              size_text(size, missing - all->freed.allocated_bytes));
		*plan = TAKE(all, NULL);
		return 0;
	}
	search.all = all;
	for (size_t i = 0; i < all->count; i++) {
		if (!action_is_edit(all->actions[i].kind))
			(void)map_set(&search.freed, all->actions[i].path, i);
	}
	moments_collect(&search.moments, call->session->state);
	found = until_free_search(&search, missing);
	if (found < search.moments.count) {
		until_free_rules(&search, rules, &search.moments.items[found]);
		scope->filters = &rules->filters;
		*result = UNTIL_FREE_PART;
	} else {
		*plan = TAKE(all, NULL);
	}
	map_done(&search.freed);
	moments_cleanup(&search.moments);
	return 0;
}

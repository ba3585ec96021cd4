/* filter.c - the filters of a prune command, `--filter key=value`, as dockerd understands them. */
#include "gc/plan/filter.h"

#include "metadata/base/mem.h"
#include "metadata/base/text.h"

#include <stdlib.h>
#include <string.h>

#define WHITE_SPACE " \t\n\v\f\r"
#define NANOSECONDS 1000000000 /* in a second */
#define BIT(verb) (1u << FILTER_##verb)
#define LABELS (BIT(CONTAINERS) | BIT(IMAGES) | BIT(NETWORKS) | BIT(VOLUMES) | BIT(BUILDER))

/* The keys, and which verbs take them; builder takes labels, too, and ignores them, as dockerd. */
static const struct filter_key {
	const char *name;
	unsigned verbs;
	bool is_single; /* a second value is refused; the builder's own keys */
} keys[] = {
	{ "label", LABELS | BIT(SYSTEM), false },
	{ "label!", LABELS | BIT(SYSTEM), false },
	{ "until", BIT(CONTAINERS) | BIT(IMAGES) | BIT(NETWORKS) | BIT(BUILDER) | BIT(SYSTEM),
	  false },
	{ "unused-for", BIT(BUILDER), false },
	{ "dangling", BIT(IMAGES), false },
	{ "all", BIT(VOLUMES), false },
	{ "id", BIT(BUILDER), true },
	{ "parent", BIT(BUILDER), true },
	{ "type", BIT(BUILDER), true },
	{ "description", BIT(BUILDER), true },
	{ "inuse", BIT(BUILDER), true },
	{ "shared", BIT(BUILDER), true },
	{ "private", BIT(BUILDER), true },
	/* `docker buildx prune` takes these, dockerd does not */
	{ "mutable", BIT(BUILDER), true },
	{ "immutable", BIT(BUILDER), true },
};

/* Go's strconv.ParseBool. */
static const struct {
	const char *word;
	bool is_true;
} truths[] = {
	{ "1", true },    { "t", true },      { "T", true },      { "TRUE", true },
	{ "true", true }, { "True", true },   { "0", false },     { "f", false },
	{ "F", false },   { "FALSE", false }, { "false", false }, { "False", false },
};

/* ---- the set ---- */

void filter_set_add(struct filter_set *set, const char *key, const char *value)
{
	for (size_t i = 0; i < set->count; i++) {
		if (strcmp(set->items[i].key, key) == 0 && strcmp(set->items[i].value, value) == 0)
			return;
	}
	set->items = mem_grow(set->items, set->count, &set->capacity, sizeof(*set->items));
	set->items[set->count++] = (struct filter){ mem_text(key), mem_text(value) };
}

void filter_set_done(struct filter_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		free(set->items[i].key);
		free(set->items[i].value);
	}
	free(set->items);
	*set = (struct filter_set)FILTER_SET_INIT;
}

const char *filter_value(const struct filter_set *set, const char *key, size_t at)
{
	for (size_t i = 0; set && i < set->count; i++) {
		if (strcmp(set->items[i].key, key) == 0 && at-- == 0)
			return set->items[i].value;
	}
	return NULL;
}

static size_t filter_count(const struct filter_set *set, const char *key)
{
	size_t count = 0;

	while (filter_value(set, key, count))
		count++;
	return count;
}

/* ---- reading ---- */

/* A copy of the LEN bytes at TEXT without the white space around them. */
static char *filter_trim(const char *text, size_t len)
{
	while (len > 0 && strchr(WHITE_SPACE, text[len - 1]))
		len--;
	while (len > 0 && strchr(WHITE_SPACE, *text)) {
		text++;
		len--;
	}
	return mem_copy(text, len);
}

/* Adds one filter as it was typed. */
static int filter_read(struct filter_set *set, const char *given, struct err *err)
{
	const char *equals = strchr(given, '=');
	AUTO(str) char *key = NULL;
	AUTO(str) char *value = NULL;

	if (*given == '\0')
		return 0;
	if (!equals)
		return err_set(err, ERR_USAGE,
		               "invalid argument \"%s\" for \"--filter\" flag: bad format of "
		               "filter (expected name=value)",
		               given);
	key = filter_trim(given, (size_t)(equals - given));
	value = filter_trim(equals + 1, strlen(equals + 1));
	for (char *c = key; *c; c++) {
		if (*c >= 'A' && *c <= 'Z')
			*c += 'a' - 'A';
	}
	filter_set_add(set, key, value);
	return 0;
}

static const struct filter_key *filter_key(const char *name)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	}
	return NULL;
}

static int filter_check_keys(const struct filter_set *set, enum filter_verb verb, struct err *err)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct filter_key *key = filter_key(set->items[i].key);

		if (*set->items[i].key == '\0')
			return err_set(err, ERR_USAGE, "invalid filter");
		if (!key || !(key->verbs & 1u << verb))
			return err_set(err, ERR_USAGE, "invalid filter '%s'", set->items[i].key);
		if (key->is_single && filter_count(set, key->name) > 1)
			return err_set(err, ERR_USAGE, "filters expect only one value");
	}
	return 0;
}

/* The values of KEY as Go prints them, and one more: "[a b]". The caller frees. */
static char *filter_list(const struct filter_set *set, const char *key, const char *more)
{
	AUTO(text) struct text text = TEXT_INIT;
	const char *value;

	for (size_t i = 0; (value = filter_value(set, key, i)); i++)
		text_print(&text, "%s%s", text.len ? " " : "[", value);
	text_print(&text, "%s%s]", more ? " " : "", more ? more : "");
	return text_take(&text);
}

static bool filter_read_truth(const char *word, bool *is_true)
{
	for (size_t i = 0; i < sizeof(truths) / sizeof(truths[0]); i++) {
		if (strcmp(truths[i].word, word) == 0) {
			*is_true = truths[i].is_true;
			return true;
		}
	}
	return false;
}

/* docker image prune adds dangling=false for -a, and dangling=true without it. */
static int filter_check_dangling(const struct filter_set *set, bool has_all, struct err *err)
{
	const char *value;

	for (size_t i = 0; (value = filter_value(set, "dangling", i)); i++) {
		bool is_false = strcmp(value, "false") == 0 || strcmp(value, "0") == 0;
		bool is_true = strcmp(value, "true") == 0 || strcmp(value, "1") == 0;
		const char *more = has_all ? "false" : "true";
		AUTO(str) char *list = NULL;

		if (has_all ? is_false : is_true)
			continue;
		list = filter_list(set, "dangling", is_false || is_true ? more : NULL);
		return err_set(err, ERR_USAGE, "invalid filter 'dangling=%s'", list);
	}
	return 0;
}

static int filter_check_all(const struct filter_set *set, bool has_all, struct err *err)
{
	const char *value = filter_value(set, "all", 0);
	bool is_true;

	if (!value)
		return 0;
	if (has_all)
		return err_set(err, ERR_USAGE,
		               "conflicting options: cannot specify both --all and --filter all=1");
	if (filter_count(set, "all") > 1) {
		AUTO(str) char *list = filter_list(set, "all", NULL);

		return err_set(err, ERR_USAGE,
		               "invalid filter 'all=%s': only one value is expected", list);
	}
	if (!filter_read_truth(value, &is_true))
		return err_set(
		    err, ERR_USAGE,
		    "invalid filter 'all': strconv.ParseBool: parsing \"%s\": invalid syntax",
		    value);
	return 0;
}

/* Reads the value of KEY as the moment of the set. */
static int filter_read_until(struct filter_set *set, const char *key,
                             const struct filter_request *request, struct err *err)
{
	bool is_builder = request->verb == FILTER_BUILDER;

	if (filter_count(set, key) > 1)
		return err_set(err, ERR_USAGE, "%s",
		               is_builder ? "filters expect only one value"
		                          : "more than one until filter specified");
	set->has_until = true;
	if (until_parse(filter_value(set, key, 0), &request->clock, &set->until, err) == 0) {
		set->is_until_past = set->until.seconds < request->clock.now.seconds;
		return 0;
	}
	return is_builder
	           ? err_wrap(err, "\"%s\" filter expects a duration (e.g., '24h') or a timestamp",
	                      key)
	           : -1;
}

static int filter_check_until(struct filter_set *set, const struct filter_request *request,
                              struct err *err)
{
	bool has_until = filter_value(set, "until", 0);
	bool has_unused = filter_value(set, "unused-for", 0);

	if (has_until && has_unused)
		return err_set(err, ERR_USAGE, "conflicting filters: \"until\" and \"unused-for\"");
	if (!has_until && !has_unused)
		return 0;
	return filter_read_until(set, has_until ? "until" : "unused-for", request, err);
}

int filter_set_make(struct filter_set *set, const struct filter_request *request, struct err *err)
{
	AUTO(filter_set) struct filter_set made = FILTER_SET_INIT;

	for (size_t i = 0; i < request->given_count; i++) {
		if (filter_read(&made, request->given[i], err) < 0)
			return -1;
	}
	if (request->has_volumes && filter_value(&made, "until", 0))
		return err_set(err, ERR_USAGE,
		               "ERROR: The \"until\" filter is not supported with \"--volumes\"");
	if (filter_check_keys(&made, request->verb, err) < 0 ||
	    filter_check_dangling(&made, request->has_all, err) < 0 ||
	    filter_check_all(&made, request->has_all, err) < 0 ||
	    filter_check_until(&made, request, err) < 0)
		return -1;
	*set = TAKE(made, (struct filter_set)FILTER_SET_INIT);
	return 0;
}

/* ---- asking ---- */

static const struct image_label *filter_find_label(const struct image_label *labels, size_t count,
                                                   const char *key, size_t key_len)
{
	for (size_t i = 0; i < count; i++) {
		if (strncmp(labels[i].key, key, key_len) == 0 && labels[i].key[key_len] == '\0')
			return &labels[i];
	}
	return NULL;
}

/* Says whether the labels have all that the values of KEY say; not so without any label. */
static bool filter_has_all(const struct filter_set *set, const char *key,
                           const struct image_label *labels, size_t count)
{
	const char *value;

	for (size_t i = 0; (value = filter_value(set, key, i)); i++) {
		size_t name_len = strcspn(value, "=");
		const struct image_label *label = filter_find_label(labels, count, value, name_len);

		if (!label ||
		    (value[name_len] == '=' && strcmp(label->value, value + name_len + 1) != 0))
			return false;
	}
	return true;
}

bool filter_takes_labels(const struct filter_set *set, const struct image_label *labels,
                         size_t count)
{
	return filter_has_all(set, "label", labels, count) &&
	       !(filter_value(set, "label!", 0) && filter_has_all(set, "label!", labels, count));
}

bool filter_takes_created(const struct filter_set *set, int64_t seconds, uint32_t nanoseconds,
                          bool has_created)
{
	const struct timestamp created = { seconds, nanoseconds };

	if (!set || !set->has_until)
		return true;
	return has_created && timestamp_compare(&created, &set->until) <= 0;
}

bool filter_until(const struct filter_set *set, int64_t *unix_ns)
{
	int64_t ns;

	if (!set || !set->has_until)
		return false;
	if (!unix_ns)
		return true;
	if (__builtin_mul_overflow(set->until.seconds, NANOSECONDS, &ns) ||
	    __builtin_add_overflow(ns, (int64_t)set->until.nanoseconds, &ns))
		ns = set->until.seconds < 0 ? INT64_MIN : INT64_MAX;
	*unix_ns = ns;
	return true;
}

bool filter_until_is_past(const struct filter_set *set)
{
	return set && set->has_until && set->is_until_past;
}

bool filter_is_true(const struct filter_set *set, const char *key)
{
	const char *value = filter_value(set, key, 0);
	bool is_true = false;

	return value && filter_read_truth(value, &is_true) && is_true;
}

/* keep.c - keep rules: images that stay whatever a prune says. */
#include "gc/plan/keep.h"

#include "gc/plan/glob.h"
#include "metadata/base/mem.h"
#include "metadata/base/timestamp.h"
#include "metadata/reference.h"

#include <stdlib.h>
#include <string.h>

#define LIBRARY "library/"

/* What a pattern is held against: a reference, or an image without any (NULL). */
struct keep_subject {
	const struct ref *ref;
	const char *image_id;
	/* The names of the repository, shortest first; NULL where there are fewer. Owned. */
	char *names[3];
};

#define SUBJECT_NAMES (sizeof(((struct keep_subject *)NULL)->names) / sizeof(char *))

static struct keep_subject keep_subject_make(const struct ref *ref)
{
	const char *prefix = reference_prefix(ref->repository);
	struct keep_subject subject = { .ref = ref, .image_id = ref->image_id };

	subject.names[0] = mem_text(ref->repository);
	if (*prefix)
		subject.names[1] = mem_print("%s%s", prefix, ref->repository);
	if (strstr(prefix, LIBRARY))
		subject.names[2] = mem_print(LIBRARY "%s", ref->repository);
	return subject;
}

static void keep_subject_cleanup(struct keep_subject *subject)
{
	for (size_t i = 0; i < SUBJECT_NAMES; i++)
		free(subject->names[i]);
}

static bool keep_has_name(const struct keep_pattern *pattern, const struct keep_subject *subject)
{
	for (size_t i = 0; i < SUBJECT_NAMES; i++) {
		if (subject->names[i] && glob_matches(pattern->repository, subject->names[i]))
			return true;
	}
	return false;
}

/* Says whether the tag or digest behind the repository is meant. */
static bool keep_has_suffix(const struct keep_pattern *pattern, const struct ref *ref)
{
	size_t len = strlen(ref->repository);
	char separator;

	if (!pattern->tag && !pattern->digest)
		return true;
	if (strncmp(ref->name, ref->repository, len) != 0)
		return false; /* REF_INVALID, which no prune takes away */
	separator = ref->name[len];
	if (pattern->tag)
		return separator == ':' && glob_matches(pattern->tag, ref->name + len + 1);
	return separator == '@' && glob_matches(pattern->digest, ref->name + len + 1);
}

static bool keep_means(const struct keep_pattern *pattern, const struct keep_subject *subject)
{
	if (pattern->image && subject->image_id &&
	    strncmp(subject->image_id, pattern->image, strlen(pattern->image)) == 0)
		return true;
	if (!subject->ref)
		return false;
	return strcmp(pattern->text, subject->ref->name) == 0 ||
	       (pattern->repository && keep_has_suffix(pattern, subject->ref) &&
	        keep_has_name(pattern, subject));
}

static bool keep_is_same_source(const struct keep_pattern *a, const struct keep_pattern *b)
{
	return a->source && b->source && strcmp(a->source, b->source) == 0;
}

/*
 * The first rule that keeps the subject. In a file the last line that means it decides; files and
 * options do not undo each other.
 */
static size_t keep_decide(const struct keep_rules *rules, const struct keep_subject *subject,
                          bool *is_matched)
{
	size_t decided = KEEP_NONE;
	size_t in_file = KEEP_NONE; /* of the file that is being read */

	for (size_t i = 0; i < rules->count; i++) {
		const struct keep_pattern *pattern = &rules->items[i];
		bool is_meant = keep_means(pattern, subject);

		if (i > 0 && !keep_is_same_source(pattern, pattern - 1)) {
			decided = decided == KEEP_NONE ? in_file : decided;
			in_file = KEEP_NONE;
		}
		if (is_meant)
			in_file = pattern->is_negated ? KEEP_NONE : i;
		is_matched[i] = is_matched[i] || is_meant;
	}
	return decided == KEEP_NONE ? in_file : decided;
}

static void keep_mark_names(struct keep_marks *marks, const struct keep_rules *rules,
                            const struct state *state)
{
	size_t item;

	for (size_t i = 0; i < state->images.count; i++) {
		struct keep_subject subject = { .image_id = state->images.items[i].id };

		marks->image_rule[i] = keep_decide(rules, &subject, marks->is_matched);
	}
	for (size_t i = 0; i < state->refs.count; i++) {
		AUTO(keep_subject)
		struct keep_subject subject = keep_subject_make(&state->refs.items[i]);

		marks->ref_rule[i] = keep_decide(rules, &subject, marks->is_matched);
		if (marks->ref_rule[i] != KEEP_NONE && subject.image_id &&
		    map_get(&state->images.by_id, subject.image_id, &item) &&
		    marks->image_rule[item] == KEEP_NONE)
			marks->image_rule[item] = marks->ref_rule[i];
	}
}

/* ---- the newest of each repository ---- */

struct keep_tagged {
	const char *repository;
	const struct image *image;
};

/* By repository, then newest first; those without a date are newer than all. */
static int keep_compare_tagged(const void *a, const void *b)
{
	const struct keep_tagged *x = a;
	const struct keep_tagged *y = b;
	const struct timestamp x_time = { x->image->created, x->image->created_nanoseconds };
	const struct timestamp y_time = { y->image->created, y->image->created_nanoseconds };
	int order = strcmp(x->repository, y->repository);

	if (order == 0)
		order = (int)x->image->has_created - (int)y->image->has_created;
	if (order == 0)
		order = timestamp_compare(&y_time, &x_time);
	return order != 0 ? order : strcmp(x->image->id, y->image->id);
}

static bool keep_is_same_age(const struct image *a, const struct image *b)
{
	return a->created == b->created && a->created_nanoseconds == b->created_nanoseconds;
}

/* Marks the newest of the COUNT images of one repository. */
static void keep_mark_newest(struct keep_marks *marks, const struct keep_tagged *tagged,
                             size_t count, unsigned last, const struct state *state)
{
	const struct image *oldest = NULL; /* of those that have been counted */
	unsigned counted = 0;

	for (size_t i = 0; i < count; i++) {
		const struct image *image = tagged[i].image;
		size_t item = (size_t)(image - state->images.items);
		bool is_again = i > 0 && image == tagged[i - 1].image; /* another tag of it */

		if (image->has_created && !is_again && counted >= last &&
		    !keep_is_same_age(image, oldest))
			return;
		if (image->has_created && !is_again) {
			counted++;
			oldest = image;
		}
		if (marks->image_rule[item] == KEEP_NONE)
			marks->image_rule[item] = KEEP_LAST;
	}
}

static void keep_mark_last(struct keep_marks *marks, unsigned last, const struct state *state)
{
	struct keep_tagged *tagged = mem_zalloc(state->refs.count, sizeof(*tagged));
	size_t count = 0;
	size_t item;
	size_t end;

	for (size_t i = 0; i < state->refs.count; i++) {
		const struct ref *ref = &state->refs.items[i];

		if (ref->kind == REF_TAG && ref->image_id &&
		    map_get(&state->images.by_id, ref->image_id, &item) &&
		    !state->images.items[item].is_unreadable)
			tagged[count++] =
			    (struct keep_tagged){ ref->repository, &state->images.items[item] };
	}
	if (count > 0)
		qsort(tagged, count, sizeof(*tagged), keep_compare_tagged);
	for (size_t first = 0; first < count; first = end) {
		for (end = first;
		     end < count && strcmp(tagged[end].repository, tagged[first].repository) == 0;)
			end++;
		keep_mark_newest(marks, tagged + first, end - first, last, state);
	}
	free(tagged);
}

struct keep_marks *keep_marks_make(const struct keep_rules *rules, const struct state *state)
{
	struct keep_marks *marks = mem_zalloc(1, sizeof(*marks));

	marks->ref_rule = mem_zalloc(state->refs.count, sizeof(*marks->ref_rule));
	marks->image_rule = mem_zalloc(state->images.count, sizeof(*marks->image_rule));
	marks->is_matched = mem_zalloc(rules->count, sizeof(*marks->is_matched));
	keep_mark_names(marks, rules, state);
	if (rules->last > 0)
		keep_mark_last(marks, rules->last, state);
	return marks;
}

void keep_marks_free(struct keep_marks *marks)
{
	if (!marks)
		return;
	free(marks->ref_rule);
	free(marks->image_rule);
	free(marks->is_matched);
	free(marks);
}

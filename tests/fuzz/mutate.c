/* mutate.c - promise 6: no changed byte of a record makes a prune remove more than it should. */
/*
 *     mutate ROOT [MAX [SEED [PART]]]
 *
 * ROOT is a data root that nobody needs: its records are changed and put back, one byte at a time.
 * Of files with more than MAX bytes (default 0: no limit) a sample of MAX offsets is taken, the
 * same one for the same SEED. Only files whose path contains PART are changed. Each byte is changed
 * in two ways, by one of the same class (a digit by a digit), which keeps the syntax valid, and by
 * one bit; at some offsets the file is cut as well. The output is TAP, a line for each kind of
 * record; what would go wrongly is named with file, offset and byte.
 */
#include "gc/plan/mark.h"
#include "gc/plan/plan.h"
#include "gc/plan/selection.h"
#include "gc/session/session.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"

#include <ctype.h>
#include <err.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHOWN_MAX 3 /* wrong deletions that are shown of one kind of record */
#define CUT_EVERY 8 /* one offset in so many is a cut, too */

/* Every record that drydock reads and a byte of which may change; one row is one test. */
static const struct kind {
	const char *words;
	const char *pattern; /* of the path; a star matches slashes, too */
} kinds[] = {
	{ "tags", "image/overlay2/repositories.json" },
	{ "image configs", "image/overlay2/imagedb/content/sha256/*" },
	{ "image parents", "image/overlay2/imagedb/metadata/sha256/*/parent" },
	{ "image update times", "image/overlay2/imagedb/metadata/sha256/*/lastUpdated" },
	{ "layer diffs", "image/overlay2/layerdb/sha256/*/diff" },
	{ "layer sizes", "image/overlay2/layerdb/sha256/*/size" },
	{ "layer cache-ids", "image/overlay2/layerdb/sha256/*/cache-id" },
	{ "layer parents", "image/overlay2/layerdb/sha256/*/parent" },
	{ "mount-ids", "image/overlay2/layerdb/mounts/*/mount-id" },
	{ "init-ids", "image/overlay2/layerdb/mounts/*/init-id" },
	{ "mount parents", "image/overlay2/layerdb/mounts/*/parent" },
	{ "container configs", "containers/*/config.v2.json" },
	{ "container host configs", "containers/*/hostconfig.json" },
	{ "snapshots.db", "buildkit/snapshots.db" },
	{ "metadata_v2.db", "buildkit/metadata_v2.db" },
	{ "containerdmeta.db", "buildkit/containerdmeta.db" },
	{ "volumes", "volumes/metadata.db" },
	{ "volume options", "volumes/*/opts.json" },
	{ "networks", "network/files/local-kv.db" },
	{ "link files", "overlay2/*/link" },
	{ "lower files", "overlay2/*/lower" },
};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

/* The prunes that are planned on every changed root. */
static const struct selection_scope scopes[] = {
	{ .containers = true, .images = true, .layers = true },
	{ .containers = true, .images = true, .all_images = true, .layers = true },
	{ .layers = true },
	{ .cache = true },
	{ .cache = true, .all_cache = true },
	{ .containers = true, .images = true, .cache = true, .layers = true },
	{ .networks = true, .volumes = true },
	{ .networks = true, .docker_compat = true, .volumes = true, .all_volumes = true },
	{ .containers = true, .networks = true, .volumes = true, .all_volumes = true },
};

#define SCOPE_COUNT (sizeof(scopes) / sizeof(scopes[0]))

struct names {
	char **items;
	size_t count, capacity;
};

struct file {
	char *path;
	const struct kind *kind;
};

struct score {
	size_t files, changes, errors, found, wrong, nameless;
};

/* What nftw's callback adds to: it gets no argument. */
static struct {
	struct file *items;
	size_t count, capacity;
	size_t prefix_len;
	const char *part;
} files;

static uint64_t random_state;

static uint32_t random_below(uint32_t limit)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((random_state >> 33) % limit);
}

static int files_add(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	const char *below = path + files.prefix_len;

	(void)walk;
	if (type != FTW_F || !S_ISREG(st->st_mode) || st->st_size == 0)
		return 0;
	for (size_t i = 0; i < KIND_COUNT; i++) {
		/* what is in a layer is no record */
		if (fnmatch(kinds[i].pattern, below, 0) != 0 || strstr(below, "/diff/") ||
		    !strstr(below, files.part))
			continue;
		files.items =
		    mem_grow(files.items, files.count, &files.capacity, sizeof(*files.items));
		files.items[files.count++] = (struct file){ mem_text(path), &kinds[i] };
		break;
	}
	return 0;
}

static int files_compare(const void *left, const void *right)
{
	const struct file *a = left;
	const struct file *b = right;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return strcmp(a->path, b->path);
}

static int names_compare(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static void names_done(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->items[i]);
	free(names->items);
	*names = (struct names){ 0 };
}

/* What the action is on: a tag counts as the same when its own name has changed, other edits are of
 * one file. */
static char *names_of(const struct action *action)
{
	const char *name = action->path;

	if (action_is_edit(action->kind))
		name = action->kind == ACTION_UNTAG ? action->detail : action->object;
	return mem_print("%s %s", action_kind_name(action->kind), name);
}

/* The actions of every scope's plan; *FOUND says whether something was wrong. 0 or -1. */
static int names_plan(struct names names[SCOPE_COUNT], const char *root, bool *found,
                      struct err *err)
{
	const struct settings settings = { .root = root, .jobs = 1 };
	struct session session = SESSION_INIT;
	int result = session_open(&session, &settings, SESSION_PLAN, err);

	for (size_t s = 0; result == 0 && s < SCOPE_COUNT; s++) {
		AUTO(selection)
		struct selection *selection = selection_make(session.state, &scopes[s]);
		AUTO(mark) struct mark *baseline = mark_baseline(session.graph);
		AUTO(mark)
		struct mark *mark = mark_selection(session.graph, selection, baseline);
		AUTO(plan)
		struct plan *plan = plan_make(session.graph, selection, baseline, mark);

		for (size_t i = 0; i < plan->count; i++) {
			const struct action *action = &plan->actions[i];

			names[s].items = mem_grow(names[s].items, names[s].count,
			                          &names[s].capacity, sizeof(char *));
			names[s].items[names[s].count++] = names_of(action);
		}
		if (names[s].count > 0)
			qsort(names[s].items, names[s].count, sizeof(char *), names_compare);
	}
	*found = finding_list_count(&session.findings, FINDING_BLOCK) +
	             finding_list_count(&session.findings, FINDING_DAMAGE) >
	         0;
	session_close(&session);
	return result;
}

/* Says whether the line is about a record of the build cache that goes in WHOLE, too, where its ID
 * is not damaged. */
static bool names_has_record(const struct names *whole, const char *line)
{
	size_t len = strlen(line);

	if (strncmp(line, "build-cache-mark ", 17) != 0 &&
	    strncmp(line, "build-cache-record ", 19) != 0)
		return false;
	for (size_t i = 0; i < whole->count; i++) {
		if (strlen(whole->items[i]) == len && text_is_near(whole->items[i], line, len))
			return true;
	}
	return false;
}

/* The first action that the undamaged root's plan has not; NULL: none. Borrowed from GOT. */
static const char *names_extra(const struct names *got, const struct names *whole)
{
	for (size_t i = 0; i < got->count; i++) {
		if ((whole->count == 0 || !bsearch(&got->items[i], whole->items, whole->count,
		                                   sizeof(char *), names_compare)) &&
		    !names_has_record(whole, got->items[i]))
			return got->items[i];
	}
	return NULL;
}

/* Plans on the root as it is now; WHAT is the damage in words, FILE what has it. */
static void try_root(const char *root, const struct names whole[SCOPE_COUNT], const char *what,
                     const char *file, struct score *score)
{
	struct names got[SCOPE_COUNT] = { 0 };
	const char *extra = NULL;
	struct err err = ERR_INIT;
	bool found = false;
	size_t s = 0;

	score->changes++;
	if (names_plan(got, root, &found, &err) < 0) {
		score->errors++;
		/* a test beside this one may have mounts of its own */
		if (err.kind != ERR_BUSY && !strstr(err.text, file) &&
		    score->nameless++ < SHOWN_MAX)
			(void)printf("# NO FILE NAME: %s: %s\n", what, err.text);
	} else {
		score->found += found;
		while (!extra && s < SCOPE_COUNT) {
			extra = names_extra(&got[s], &whole[s]);
			s++;
		}
	}
	if (extra && score->wrong++ < SHOWN_MAX)
		(void)printf("# WRONG DELETION%s: %s: scope %zu: %s\n", found ? "" : " IN SILENCE",
		             what, s - 1, extra);
	for (s = 0; s < SCOPE_COUNT; s++)
		names_done(&got[s]);
	err_clear(&err);
}

/* Another character of the same class, so that the syntax stays as it is. */
static unsigned char same_class(unsigned char byte)
{
	const char *set = isdigit(byte)                ? "0123456789"
	                  : byte >= 'a' && byte <= 'f' ? "abcdef"
	                  : islower(byte)              ? "ghijklmnopqrstuvwxyz"
	                  : isupper(byte)              ? "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                                               : NULL;
	unsigned char other = byte;

	if (!set)
		return byte ^ 1;
	while (other == byte)
		other = (unsigned char)set[random_below((uint32_t)strlen(set))];
	return other;
}

static void put(int fd, const unsigned char *bytes, size_t len, size_t at, const char *path)
{
	if (pwrite(fd, bytes, len, (off_t)at) != (ssize_t)len)
		err(8, "write %s", path);
}

/* A file while it is damaged: the bytes that it has when it is whole. */
struct target {
	const char *root;
	const struct names *whole; /* SCOPE_COUNT plans of the undamaged root */
	const struct file *file;
	int fd;
	unsigned char *bytes;
	size_t len;
};

/* Changes the byte at AT in every way, plans, and puts it back. */
static void try_byte(const struct target *target, size_t at, struct score *score)
{
	const char *path = target->file->path;
	const char *name = path + files.prefix_len;
	unsigned char *bytes = target->bytes;
	const unsigned char values[] = { same_class(bytes[at]),
		                         bytes[at] ^ (unsigned char)(1u << random_below(8)) };

	for (size_t i = 0; i < sizeof(values); i++) {
		AUTO(str)
		char *what =
		    mem_print("%s: byte %zu: %02x -> %02x", name, at, bytes[at], values[i]);

		put(target->fd, &values[i], 1, at, path);
		try_root(target->root, target->whole, what, name, score);
		put(target->fd, &bytes[at], 1, at, path);
	}
	if (random_below(CUT_EVERY) == 0) {
		AUTO(str) char *what = mem_print("%s: cut at %zu", name, at);

		if (ftruncate(target->fd, (off_t)at) < 0)
			err(8, "cut %s", path);
		try_root(target->root, target->whole, what, name, score);
		put(target->fd, bytes + at, target->len - at, at, path);
	}
}

/*
 * Where to change byte I of COUNT: one in every stretch of the file, the first there that is not
 * zero, as most of a database's page is empty.
 */
static size_t choose_byte(const struct target *target, size_t i, size_t count)
{
	size_t stretch = target->len / count;
	size_t at;

	if (count == target->len)
		return i;
	at = target->len * i / count + random_below((uint32_t)stretch);
	for (size_t k = at; k < target->len && k < at + stretch; k++) {
		if (target->bytes[k] != 0)
			return k;
	}
	return at;
}

static void try_file(const char *root, const struct names whole[SCOPE_COUNT],
                     const struct file *file, size_t max, struct score *score)
{
	AUTO(close) int fd = open(file->path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	AUTO(str) char *bytes = NULL;
	struct target target = { root, whole, file, fd, NULL, 0 };
	struct stat st;
	size_t count;

	if (fd < 0 || fstat(fd, &st) < 0)
		err(8, "open %s", file->path);
	target.len = (size_t)st.st_size;
	bytes = mem_zalloc(target.len, 1);
	target.bytes = (unsigned char *)bytes;
	if (pread(fd, bytes, target.len, 0) != (ssize_t)target.len)
		err(8, "read %s", file->path);
	count = max > 0 && target.len > max ? max : target.len;
	for (size_t i = 0; i < count; i++)
		try_byte(&target, choose_byte(&target, i, count), score);
	score->files++;
}

int main(int argc, char **argv)
{
	struct names whole[SCOPE_COUNT] = { 0 };
	bool found = false;
	struct err err = ERR_INIT;
	size_t wrong = 0;
	uint64_t max = 0;

	if (argc < 2 || argc > 5 || (argc > 2 && !text_parse_u64(argv[2], UINT32_MAX, &max)) ||
	    (argc > 3 && !text_parse_u64(argv[3], UINT64_MAX, &random_state)))
		errx(16, "usage: mutate ROOT [MAX [SEED [PART]]]");
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	files.prefix_len = strlen(argv[1]) + 1;
	files.part = argc > 4 ? argv[4] : "";
	if (nftw(argv[1], files_add, 32, FTW_PHYS) < 0 || files.count == 0)
		errx(8, "%s: no records", argv[1]);
	qsort(files.items, files.count, sizeof(*files.items), files_compare);
	if (names_plan(whole, argv[1], &found, &err) < 0 || found)
		errx(8, "%s: is damaged already: %s", argv[1], err.text);
	(void)printf("1..%zu\n", KIND_COUNT);
	for (size_t i = 0, k = 0; k < KIND_COUNT; k++) {
		struct score score = { 0 };

		for (; i < files.count && files.items[i].kind == &kinds[k]; i++)
			try_file(argv[1], whole, &files.items[i], max, &score);
		wrong += score.wrong + score.nameless;
		(void)printf("%s %zu - %s: %zu changes in %zu files: %zu errors, %zu with "
		             "findings, %zu wrong\n",
		             score.wrong + score.nameless ? "not ok" : "ok", k + 1, kinds[k].words,
		             score.changes, score.files, score.errors, score.found, score.wrong);
	}
	for (size_t s = 0; s < SCOPE_COUNT; s++)
		names_done(&whole[s]);
	for (size_t i = 0; i < files.count; i++)
		free(files.items[i].path);
	free(files.items);
	return wrong > 0;
}

/* report_sample.c - a plan made by hand with something of every list, for tests of its report. */
#include "tests/unit/check.h"
#include "tests/unit/report_sample.h"

#include "metadata/base/own.h"

#define T(text) ((char[]){ text }) /* may be written to, as the fields want it */

/* In the order of a plan: the pair of cache records "ca5e" and "7w1n", a layer of a size and one
 * that Docker does not tell of. */
static struct action actions[SAMPLE_ACTIONS] = {
	{ ACTION_UNTAG,
	  REASON_ORPHAN,
	  T("old:1"),
	  T("image/overlay2/repositories.json"),
	  T("sha256:x"),
	  0,
	  NULL,
	  { 0, 0, 0 } },
	{ ACTION_CONTAINER,
	  REASON_PRUNED,
	  T("c0ffee"),
	  T("containers/c0ffee"),
	  T("box"),
	  0,
	  NULL,
	  { 2000, 8192, 4 } },
	{ ACTION_IMAGE,
	  REASON_PRUNED,
	  T("sha256:1ma9e"),
	  T("image/overlay2/imagedb/content/sha256/1ma9e"),
	  T(""),
	  0,
	  NULL,
	  { 1500, 4096, 1 } },
	{ ACTION_CACHE_MARK,
	  REASON_PRUNED,
	  T("ca5e"),
	  T("buildkit/metadata_v2.db"),
	  T(""),
	  29,
	  NULL,
	  { 0, 0, 0 } },
	{ ACTION_CACHE_MARK,
	  REASON_PRUNED,
	  T("7w1n"),
	  T("buildkit/metadata_v2.db"),
	  T("ca5e"),
	  0,
	  NULL,
	  { 0, 0, 0 } },
	{ ACTION_NETWORK,
	  REASON_PRUNED,
	  T("4e7"),
	  T("network/files/local-kv.db"),
	  T("backend"),
	  0,
	  NULL,
	  { 0, 0, 0 } },
	{ ACTION_VOLUME,
	  REASON_PRUNED,
	  T("data"),
	  T("volumes/data"),
	  T(""),
	  34,
	  NULL,
	  { 40, 12288, 3 } },
	{ ACTION_LAYER,
	  REASON_PRUNED,
	  T("sha256:1a4e4"),
	  T("image/overlay2/layerdb/sha256/1a4e4"),
	  T(""),
	  1982123,
	  NULL,
	  { 100, 4096, 5 } },
	{ ACTION_LAYER,
	  REASON_PRUNED,
	  T("sha256:51e47"),
	  T("image/overlay2/layerdb/sha256/51e47"),
	  T(""),
	  -1,
	  NULL,
	  { 90, 4096, 5 } },
	{ ACTION_STRAY,
	  REASON_ORPHAN,
	  T("tmp/a\nb"),
	  T("tmp/a\nb"),
	  T("temporary file"),
	  0,
	  NULL,
	  { 95, 4096, 1 } },
	{ ACTION_DIR,
	  REASON_ORPHAN,
	  T("0fa1"),
	  T("overlay2/0fa1"),
	  T(""),
	  0,
	  NULL,
	  { 5000, 8192, 7 } },
	{ ACTION_CACHE_LEASE,
	  REASON_PRUNED,
	  T("ca5e"),
	  T("buildkit/containerdmeta.db"),
	  T(""),
	  0,
	  NULL,
	  { 0, 0, 0 } },
	{ ACTION_CACHE_SNAPSHOT,
	  REASON_ORPHAN,
	  T("1057"),
	  T("buildkit/snapshots.db"),
	  T(""),
	  0,
	  NULL,
	  { 0, 0, 0 } },
	{ ACTION_CACHE_RECORD,
	  REASON_PRUNED,
	  T("ca5e"),
	  T("buildkit/metadata_v2.db"),
	  T(""),
	  0,
	  NULL,
	  { 0, 0, 0 } },
};

static const struct plan plan = {
	.actions = actions,
	.count = SAMPLE_ACTIONS,
	.digest = "0123456789abcdef0123456789abcdef",
	.reclaimed_bytes = 1987218,
	.freed = { 8695, 28672, 18 },
};

static const struct state no_state;

const struct plan *report_sample(void)
{
	return &plan;
}

struct prune_report report_sample_of(const struct plan *of)
{
	return (struct prune_report){ .plan = of,
		                      .state = &no_state,
		                      .root = "/var/lib/docker",
		                      .reclaimed_bytes = of->reclaimed_bytes,
		                      .freed = of->freed };
}

static char *buffer_text;
static size_t buffer_len;

FILE *report_buffer_open(void)
{
	FILE *out = open_memstream(&buffer_text, &buffer_len);

	assert_non_null(out);
	return out;
}

char *report_buffer_take(FILE *out)
{
	(void)fclose(out);
	return TAKE(buffer_text, NULL);
}

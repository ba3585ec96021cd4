/* test_prune_json.c - what a prune says to scripts. */
#include "tests/unit/check.h"
#include "tests/unit/report_sample.h"

#include "gc/show/prune_report.h"
#include "metadata/base/gojson.h"
#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

static char *json_text(enum output_format format, const bool *is_done)
{
	struct prune_report report = report_sample_of(report_sample());
	FILE *out = report_buffer_open();

	report.is_done = is_done;
	prune_report_json(out, &report, format);
	return report_buffer_take(out);
}

static int64_t number_in(const struct json_t *object, const char *key)
{
	int64_t number = -1;

	assert_true(gojson_integer(gojson_field(object, key), &number));
	return number;
}

static void json_holds_the_exact_plan(void **state)
{
	AUTO(str) char *text = json_text(OUTPUT_JSON, NULL);
	AUTO(gojson) struct gojson json = GOJSON_INIT;
	struct err err = ERR_INIT;
	const struct json_t *list;
	const struct json_t *layer;
	const struct json_t *totals;

	(void)state;
	assert_int_equal(gojson_parse(&json, text, strlen(text), GOJSON_WHOLE_TEXT, &err), 0);
	assert_int_equal(number_in(json.root, "version"), 1);
	assert_string_equal(gojson_text(gojson_field(json.root, "root")), "/var/lib/docker");
	assert_string_equal(gojson_text(gojson_field(json.root, "digest")),
	                    report_sample()->digest);
	list = gojson_field(json.root, "actions");
	assert_int_equal(gojson_array_len(list), SAMPLE_ACTIONS);
	layer = gojson_array_item(list, SAMPLE_LAYER);
	assert_string_equal(gojson_text(gojson_field(layer, "kind")), "layer");
	assert_string_equal(gojson_text(gojson_field(layer, "reason")), "pruned");
	assert_string_equal(gojson_text(gojson_field(layer, "object")), "sha256:1a4e4");
	assert_int_equal(number_in(layer, "size_bytes"), 1982123);
	assert_int_equal(number_in(layer, "allocated_bytes"), 4096);
	assert_int_equal(number_in(layer, "inodes"), 5);
	assert_false(gojson_has(layer, "is_done"));
	assert_string_equal(
	    gojson_text(gojson_field(gojson_array_item(list, SAMPLE_STRAY), "path")), "tmp/a\nb");
	totals = gojson_field(json.root, "totals");
	assert_int_equal(number_in(totals, "reclaimed_bytes"), 1987218);
	assert_int_equal(number_in(totals, "inodes"), 18);
}

static void json_says_of_each_action_whether_it_was_done(void **state)
{
	bool is_done[SAMPLE_ACTIONS] = { [SAMPLE_CONTAINER] = true };
	AUTO(str) char *text = json_text(OUTPUT_JSON, is_done);
	AUTO(gojson) struct gojson json = GOJSON_INIT;
	struct err err = ERR_INIT;
	const struct json_t *list;

	(void)state;
	assert_int_equal(gojson_parse(&json, text, strlen(text), GOJSON_WHOLE_TEXT, &err), 0);
	list = gojson_field(json.root, "actions");
	assert_false(gojson_is_true(gojson_field(gojson_array_item(list, 0), "is_done")));
	assert_true(
	    gojson_is_true(gojson_field(gojson_array_item(list, SAMPLE_CONTAINER), "is_done")));
	assert_false(gojson_has(json.root, "run"));
}

static void json_names_the_run_that_did_it(void **state)
{
	struct prune_report report = report_sample_of(report_sample());
	AUTO(gojson) struct gojson json = GOJSON_INIT;
	AUTO(str) char *text = NULL;
	struct err err = ERR_INIT;
	FILE *out = report_buffer_open();

	(void)state;
	report.run = 7;
	report.run_state = "done";
	prune_report_json(out, &report, OUTPUT_JSON);
	text = report_buffer_take(out);
	assert_int_equal(gojson_parse(&json, text, strlen(text), GOJSON_WHOLE_TEXT, &err), 0);
	assert_int_equal(number_in(json.root, "run"), 7);
	assert_string_equal(gojson_text(gojson_field(json.root, "state")), "done");
}

/* In the order in which they stand, some only in part. */
static const char *const lines[] = {
	"{\"list\":\"plan\",\"root\":\"/var/lib/docker\",\"digest\":"
	"\"0123456789abcdef0123456789abcdef\",\"run\":null,\"state\":null,"
	"\"archive\":null}\n",
	"{\"list\":\"objects\",\"type\":\"container\",\"object\":\"c0ffee\","
	"\"is_untagged\":false,\"size_bytes\":2000}\n"
	"{\"list\":\"objects\",\"type\":\"network\",\"object\":\"backend\","
	"\"is_untagged\":false,\"size_bytes\":null}\n"
	"{\"list\":\"objects\",\"type\":\"volume\",\"object\":\"data\","
	"\"is_untagged\":false,\"size_bytes\":34}\n"
	"{\"list\":\"objects\",\"type\":\"image\",\"object\":\"sha256:1ma9e\","
	"\"is_untagged\":false,\"size_bytes\":null}\n"
	"{\"list\":\"objects\",\"type\":\"image\",\"object\":\"sha256:1a4e4\","
	"\"is_untagged\":false,\"size_bytes\":1982123}\n"
	"{\"list\":\"objects\",\"type\":\"build-cache\",\"object\":\"ca5e\","
	"\"is_untagged\":false,\"size_bytes\":29}\n"
	"{\"list\":\"objects\",\"type\":\"stale-tag\",\"object\":\"old:1\","
	"\"is_untagged\":true,\"size_bytes\":null}\n"
	"{\"list\":\"objects\",\"type\":\"orphan-directory\",\"object\":\"0fa1\","
	"\"is_untagged\":false,\"size_bytes\":5000}\n"
	"{\"list\":\"objects\",\"type\":\"leftover\",\"object\":\"tmp/a\\nb\","
	"\"is_untagged\":false,\"size_bytes\":95}\n"
	"{\"list\":\"objects\",\"type\":\"leftover\",\"object\":\"buildkit/snapshots.db: "
	"1057\",\"is_untagged\":false,\"size_bytes\":null}\n",
	"{\"list\":\"actions\",\"kind\":\"untag\",\"reason\":\"orphan\",\"object\":\"old:"
	"1\","
	"\"path\":\"image/overlay2/repositories.json\",\"detail\":\"sha256:x\","
	"\"size_bytes\":0,\"apparent_bytes\":0,\"allocated_bytes\":0,\"inodes\":0}\n",
	"\"kind\":\"build-cache-mark\",\"reason\":\"pruned\",\"object\":\"ca5e\","
	"\"path\":\"buildkit/metadata_v2.db\",\"detail\":\"\",\"size_bytes\":29,",
	"\"object\":\"7w1n\",\"path\":\"buildkit/metadata_v2.db\",\"detail\":\"ca5e\",",
	"\"kind\":\"network\",\"reason\":\"pruned\",\"object\":\"4e7\","
	"\"path\":\"network/files/local-kv.db\",\"detail\":\"backend\",",
	"\"kind\":\"volume\",\"reason\":\"pruned\",\"object\":\"data\",\"path\":"
	"\"volumes/data\",\"detail\":\"\",\"size_bytes\":34,\"apparent_bytes\":40,"
	"\"allocated_bytes\":12288,\"inodes\":3}\n",
	"\"object\":\"sha256:51e47\",\"path\":\"image/overlay2/layerdb/sha256/51e47\","
	"\"detail\":\"\",\"size_bytes\":null,",
	"\"kind\":\"build-cache-lease\",",
	"\"kind\":\"build-cache-snapshot\",",
	"\"kind\":\"build-cache-record\",",
	"\n{\"list\":\"totals\",\"actions\":14,\"reclaimed_bytes\":1987218,"
	"\"apparent_bytes\":8695,\"allocated_bytes\":28672,\"inodes\":18}\n",
};

/* What scripts rely on: a new member may come last in its object, nothing else may change. */
static void json_lines_are_what_they_were(void **state)
{
	bool is_done[SAMPLE_ACTIONS] = { [SAMPLE_CONTAINER] = true };
	AUTO(str) char *planned = json_text(OUTPUT_JSONL, NULL);
	AUTO(str) char *done = json_text(OUTPUT_JSONL, is_done);
	const char *at = planned;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const char *found = strstr(at, lines[i]);

		if (!found) {
			print_error("not there, or not in this order: %s\nin: %s\n", lines[i], at);
			fail();
			return;
		}
		at = found;
	}
	assert_ptr_equal(strstr(planned, lines[0]), planned);
	assert_non_null(strstr(done, "{\"list\":\"objects\",\"type\":\"container\",\"object\":"));
	assert_null(strstr(done, "{\"list\":\"objects\",\"type\":\"volume\",\"object\":"));
	assert_non_null(strstr(done, "\"object\":\"c0ffee\",\"path\":\"containers/c0ffee\","
	                             "\"detail\":\"box\",\"size_bytes\":0,"
	                             "\"apparent_bytes\":2000,\"allocated_bytes\":8192,"
	                             "\"inodes\":4,\"is_done\":true}\n"));
}

/* Every kind of action, by the name that it has in the journal, too. */
static void kinds_have_stable_names(void **state)
{
	static const char *const names[ACTION_KIND_COUNT] = {
		"untag",
		"container",
		"image-metadata",
		"image",
		"build-cache",
		"build-cache-mark",
		"network",
		"volume",
		"mount",
		"layer",
		"leftover",
		"link",
		"directory",
		"build-cache-lease",
		"build-cache-snapshot",
		"build-cache-record",
	};

	(void)state;
	for (size_t i = 0; i < ACTION_KIND_COUNT; i++) {
		bool is_there = false;

		for (enum action_kind kind = 0; kind < ACTION_KIND_COUNT; kind++)
			is_there = is_there || strcmp(action_kind_name(kind), names[i]) == 0;
		assert_true(is_there);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_holds_the_exact_plan),
		cmocka_unit_test(json_says_of_each_action_whether_it_was_done),
		cmocka_unit_test(json_names_the_run_that_did_it),
		cmocka_unit_test(json_lines_are_what_they_were),
		cmocka_unit_test(kinds_have_stable_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_prune_report.c - what a prune says before, instead of, and after removing. */
#include "tests/unit/check.h"

#include "gc/show/prune_report.h"
#include "metadata/base/gojson.h"
#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* A plan made by hand: nothing of it is in the records but one image's layer. */
#define T(text) ((char[]){ text }) /* may be written to, as the fields want it */

static struct action actions[] = {
	{ ACTION_UNTAG,
	  REASON_ORPHAN,
	  T("old:1"),
	  T("image/overlay2/repositories.json"),
	  T("sha256:x"),
	  0,
	  false,
	  { 0, 0, 0 } },
	{ ACTION_CONTAINER,
	  REASON_PRUNED,
	  T("c0ffee"),
	  T("containers/c0ffee"),
	  T("box"),
	  0,
	  false,
	  { 2000, 8192, 4 } },
	{ ACTION_IMAGE,
	  REASON_PRUNED,
	  T("sha256:1ma9e"),
	  T("image/overlay2/imagedb/content/sha256/1ma9e"),
	  T(""),
	  0,
	  false,
	  { 1500, 4096, 1 } },
	{ ACTION_LAYER,
	  REASON_PRUNED,
	  T("sha256:1a4e4"),
	  T("image/overlay2/layerdb/sha256/1a4e4"),
	  T(""),
	  1982123,
	  false,
	  { 100, 4096, 5 } },
	{ ACTION_STRAY,
	  REASON_ORPHAN,
	  T("tmp/a\nb"),
	  T("tmp/a\nb"),
	  T("temporary file"),
	  0,
	  false,
	  { 95, 4096, 1 } },
	{ ACTION_DIR,
	  REASON_ORPHAN,
	  T("0fa1"),
	  T("overlay2/0fa1"),
	  T(""),
	  0,
	  false,
	  { 5000, 8192, 7 } },
};

#define ACTIONS (sizeof(actions) / sizeof(actions[0]))

static struct plan plan = {
	.actions = actions,
	.count = ACTIONS,
	.digest = "0123456789abcdef0123456789abcdef",
	.reclaimed_bytes = 1987218,
	.freed = { 8695, 28672, 18 },
};

static const struct state no_state;

static struct prune_report report_of(const struct plan *of)
{
	return (struct prune_report){ .plan = of,
		                      .state = &no_state,
		                      .root = "/var/lib/docker",
		                      .reclaimed_bytes = of->reclaimed_bytes,
		                      .freed = of->freed };
}

/* What one of the functions below writes; the caller frees. */
static char *buffer_text;
static size_t buffer_len;

static FILE *buffer_open(void)
{
	FILE *out = open_memstream(&buffer_text, &buffer_len);

	assert_non_null(out);
	return out;
}

static char *buffer_take(FILE *out)
{
	(void)fclose(out);
	return TAKE(buffer_text, NULL);
}

static char *lists_text(enum prune_report_tense tense, size_t line_max, const bool *is_done)
{
	struct prune_report report = report_of(&plan);
	FILE *out = buffer_open();

	report.is_done = is_done;
	prune_report_lists(out, &report, tense, line_max);
	return buffer_take(out);
}

static void deleted_lists_have_docker_s_form(void **state)
{
	AUTO(str) char *text = lists_text(PRUNE_REPORT_DONE, 0, NULL);

	(void)state;
	assert_string_equal(text, "Deleted Containers:\n"
	                          "c0ffee\n"
	                          "\n"
	                          "Deleted Images:\n"
	                          "deleted: sha256:1ma9e\n"
	                          "deleted: sha256:1a4e4\n"
	                          "\n"
	                          "Deleted stale tags:\n"
	                          "old:1\n"
	                          "\n"
	                          "Deleted orphan layer directories:\n"
	                          "0fa1\n"
	                          "\n"
	                          "Deleted leftovers:\n"
	                          "tmp/a\\nb\n"
	                          "\n");
}

static void planned_lists_have_sizes(void **state)
{
	AUTO(str) char *text = lists_text(PRUNE_REPORT_WOULD, 0, NULL);

	(void)state;
	assert_non_null(strstr(text, "Would delete containers:\nc0ffee  2kB\n\n"));
	assert_non_null(strstr(text, "Would delete images:\ndeleted: sha256:1ma9e\n"
	                             "deleted: sha256:1a4e4  1.982MB\n\n"));
	assert_non_null(strstr(text, "Would delete orphan layer directories:\n0fa1  5kB\n\n"));
	assert_null(strstr(text, "Deleted "));
}

static void long_lists_are_cut_on_demand(void **state)
{
	AUTO(str) char *text = lists_text(PRUNE_REPORT_WOULD, 1, NULL);

	(void)state;
	assert_non_null(strstr(text, "Would delete images:\ndeleted: sha256:1ma9e\n"
	                             "... and 1 more (-v shows all)\n\n"));
	assert_non_null(strstr(text, "Would delete containers:\nc0ffee  2kB\n\n"));
}

static void what_was_not_done_is_not_listed(void **state)
{
	bool is_done[ACTIONS] = { [1] = true };
	AUTO(str) char *text = lists_text(PRUNE_REPORT_DONE, 0, is_done);

	(void)state;
	assert_string_equal(text, "Deleted Containers:\nc0ffee\n\n");
}

static char *total_text(const struct plan *of, enum prune_report_tense tense)
{
	struct prune_report report = report_of(of);
	FILE *out = buffer_open();

	prune_report_total(out, &report, tense);
	return buffer_take(out);
}

static void total_is_the_last_line_as_in_docker(void **state)
{
	AUTO(str) char *done = total_text(&plan, PRUNE_REPORT_DONE);
	AUTO(str) char *planned = total_text(&plan, PRUNE_REPORT_WOULD);

	(void)state;
	assert_string_equal(done, "Freed on disk: 28.67kB, 18 inodes\n"
	                          "Total reclaimed space: 1.987MB\n");
	assert_string_equal(planned, "Would free on disk: 28.67kB, 18 inodes\n"
	                             "Total reclaimable space: 1.987MB\n");
}

static void nothing_to_do_is_one_line(void **state)
{
	static const struct plan empty;
	AUTO(str) char *text = total_text(&empty, PRUNE_REPORT_DONE);

	(void)state;
	assert_string_equal(text, "Total reclaimed space: 0B\n");
}

static char *json_text(enum output_format format, const bool *is_done)
{
	struct prune_report report = report_of(&plan);
	FILE *out = buffer_open();

	report.is_done = is_done;
	prune_report_json(out, &report, format);
	return buffer_take(out);
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
	assert_string_equal(gojson_text(gojson_field(json.root, "digest")), plan.digest);
	list = gojson_field(json.root, "actions");
	assert_int_equal(gojson_array_len(list), ACTIONS);
	layer = gojson_array_item(list, 3);
	assert_string_equal(gojson_text(gojson_field(layer, "kind")), "layer");
	assert_string_equal(gojson_text(gojson_field(layer, "reason")), "pruned");
	assert_string_equal(gojson_text(gojson_field(layer, "object")), "sha256:1a4e4");
	assert_int_equal(number_in(layer, "size_bytes"), 1982123);
	assert_int_equal(number_in(layer, "allocated_bytes"), 4096);
	assert_int_equal(number_in(layer, "inodes"), 5);
	assert_false(gojson_has(layer, "is_done"));
	assert_string_equal(gojson_text(gojson_field(gojson_array_item(list, 4), "path")),
	                    "tmp/a\nb");
	totals = gojson_field(json.root, "totals");
	assert_int_equal(number_in(totals, "reclaimed_bytes"), 1987218);
	assert_int_equal(number_in(totals, "inodes"), 18);
}

static void json_says_of_each_action_whether_it_was_done(void **state)
{
	bool is_done[ACTIONS] = { [1] = true };
	AUTO(str) char *text = json_text(OUTPUT_JSON, is_done);
	AUTO(gojson) struct gojson json = GOJSON_INIT;
	struct err err = ERR_INIT;
	const struct json_t *list;

	(void)state;
	assert_int_equal(gojson_parse(&json, text, strlen(text), GOJSON_WHOLE_TEXT, &err), 0);
	list = gojson_field(json.root, "actions");
	assert_false(gojson_is_true(gojson_field(gojson_array_item(list, 0), "is_done")));
	assert_true(gojson_is_true(gojson_field(gojson_array_item(list, 1), "is_done")));
	assert_false(gojson_has(json.root, "run"));
}

static void json_names_the_run_that_did_it(void **state)
{
	struct prune_report report = report_of(&plan);
	AUTO(gojson) struct gojson json = GOJSON_INIT;
	AUTO(str) char *text = NULL;
	struct err err = ERR_INIT;
	FILE *out = buffer_open();

	(void)state;
	report.run = 7;
	report.run_state = "done";
	prune_report_json(out, &report, OUTPUT_JSON);
	text = buffer_take(out);
	assert_int_equal(gojson_parse(&json, text, strlen(text), GOJSON_WHOLE_TEXT, &err), 0);
	assert_int_equal(number_in(json.root, "run"), 7);
	assert_string_equal(gojson_text(gojson_field(json.root, "state")), "done");
}

static void json_lines_begin_with_the_plan_and_end_with_totals(void **state)
{
	static const char first[] = "{\"list\":\"plan\",\"root\":\"/var/lib/docker\",\"digest\":"
				    "\"0123456789abcdef0123456789abcdef\",\"run\":null,"
				    "\"state\":null}\n";
	AUTO(str) char *text = json_text(OUTPUT_JSONL, NULL);

	(void)state;
	assert_ptr_equal(strstr(text, first), text);
	assert_non_null(strstr(text, "\n{\"list\":\"totals\",\"actions\":6,"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deleted_lists_have_docker_s_form),
		cmocka_unit_test(planned_lists_have_sizes),
		cmocka_unit_test(long_lists_are_cut_on_demand),
		cmocka_unit_test(what_was_not_done_is_not_listed),
		cmocka_unit_test(total_is_the_last_line_as_in_docker),
		cmocka_unit_test(nothing_to_do_is_one_line),
		cmocka_unit_test(json_holds_the_exact_plan),
		cmocka_unit_test(json_says_of_each_action_whether_it_was_done),
		cmocka_unit_test(json_names_the_run_that_did_it),
		cmocka_unit_test(json_lines_begin_with_the_plan_and_end_with_totals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

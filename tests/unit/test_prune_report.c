/* test_prune_report.c - what a prune says before, instead of, and after removing. */
#include "tests/unit/check.h"
#include "tests/unit/report_sample.h"
#include "tests/unit/scope.h"

#include "gc/show/prune_report.h"
#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define T(text) ((char[]){ text }) /* may be written to, as the fields want it */

static char *lists_text(enum prune_report_tense tense, size_t line_max, const bool *is_done)
{
	struct prune_report report = report_sample_of(report_sample());
	FILE *out = report_buffer_open();

	report.is_done = is_done;
	prune_report_lists(out, &report, tense, line_max);
	return report_buffer_take(out);
}

static void deleted_lists_have_docker_s_form(void **state)
{
	AUTO(str) char *text = lists_text(PRUNE_REPORT_DONE, 0, NULL);

	(void)state;
	assert_string_equal(text, "Deleted Containers:\n"
	                          "c0ffee\n"
	                          "\n"
	                          "Deleted Networks:\n"
	                          "backend\n"
	                          "\n"
	                          "Deleted Volumes:\n"
	                          "data\n"
	                          "\n"
	                          "Deleted Images:\n"
	                          "deleted: sha256:1ma9e\n"
	                          "deleted: sha256:1a4e4\n"
	                          "\n"
	                          "Deleted build cache objects:\n"
	                          "ca5e\n"
	                          "\n"
	                          "Deleted stale tags:\n"
	                          "old:1\n"
	                          "\n"
	                          "Deleted orphan layer directories:\n"
	                          "0fa1\n"
	                          "\n"
	                          "Deleted leftovers:\n"
	                          "tmp/a\\nb\n"
	                          "buildkit/snapshots.db: 1057\n"
	                          "\n");
}

static void planned_lists_have_sizes(void **state)
{
	AUTO(str) char *text = lists_text(PRUNE_REPORT_WOULD, 0, NULL);

	(void)state;
	assert_string_equal(text, "Would delete containers:\n"
	                          "c0ffee  2kB\n"
	                          "\n"
	                          "Would delete networks:\n"
	                          "backend\n"
	                          "\n"
	                          "Would delete volumes:\n"
	                          "data  34B\n"
	                          "\n"
	                          "Would delete images:\n"
	                          "deleted: sha256:1ma9e\n"
	                          "deleted: sha256:1a4e4  1.982MB\n"
	                          "\n"
	                          "Would delete build cache objects:\n"
	                          "ca5e  29B\n"
	                          "\n"
	                          "Would delete stale tags:\n"
	                          "old:1\n"
	                          "\n"
	                          "Would delete orphan layer directories:\n"
	                          "0fa1  5kB\n"
	                          "\n"
	                          "Would delete leftovers:\n"
	                          "tmp/a\\nb  95B\n"
	                          "buildkit/snapshots.db: 1057\n"
	                          "\n");
}

static void long_lists_are_cut_on_demand(void **state)
{
	AUTO(str) char *text = lists_text(PRUNE_REPORT_WOULD, 1, NULL);

	(void)state;
	assert_non_null(strstr(text, "Would delete images:\ndeleted: sha256:1ma9e\n"
	                             "... and 1 more (-v shows all)\n\n"));
	assert_non_null(strstr(text, "Would delete containers:\nc0ffee  2kB\n\n"));
}

/* Nothing brings their data back. */
static void volumes_are_all_named(void **state)
{
	struct action volumes[] = {
		{ .kind = ACTION_VOLUME, .object = T("a"), .size_bytes = 1 },
		{ .kind = ACTION_VOLUME, .object = T("b"), .size_bytes = 2 },
		{ .kind = ACTION_VOLUME, .object = T("c"), .size_bytes = 3 },
	};
	const struct plan of = { .actions = volumes, .count = 3 };
	struct prune_report report = report_sample_of(&of);
	AUTO(str) char *text = NULL;
	FILE *out = report_buffer_open();

	(void)state;
	prune_report_lists(out, &report, PRUNE_REPORT_WOULD, 1);
	text = report_buffer_take(out);
	assert_string_equal(text, "Would delete volumes:\na  1B\nb  2B\nc  3B\n\n");
}

static void what_was_not_done_is_not_listed(void **state)
{
	bool is_done[SAMPLE_ACTIONS] = { [SAMPLE_CONTAINER] = true };
	AUTO(str) char *text = lists_text(PRUNE_REPORT_DONE, 0, is_done);

	(void)state;
	assert_string_equal(text, "Deleted Containers:\nc0ffee\n\n");
}

static char *total_text(const struct plan *of, enum prune_report_tense tense)
{
	struct prune_report report = report_sample_of(of);
	FILE *out = report_buffer_open();

	prune_report_total(out, &report, tense);
	return report_buffer_take(out);
}

static void total_is_the_last_line_as_in_docker(void **state)
{
	AUTO(str) char *done = total_text(report_sample(), PRUNE_REPORT_DONE);
	AUTO(str) char *planned = total_text(report_sample(), PRUNE_REPORT_WOULD);

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

/* As `docker network prune`; a plan ends with a total in any case. */
static void networks_have_no_total(void **state)
{
	struct selection_scope networks = scope_of("n");
	struct selection_scope more = scope_of("nc");
	static const struct plan empty;
	struct prune_report report = report_sample_of(&empty);
	AUTO(str) char *text = NULL;
	FILE *out = report_buffer_open();

	(void)state;
	assert_true(prune_report_has_no_total(&networks));
	assert_false(prune_report_has_no_total(&more));
	report.has_no_total = true;
	prune_report_print(out, &report, PRUNE_REPORT_DONE, OUTPUT_TABLE);
	(void)fputs("--\n", out);
	prune_report_print(out, &report, PRUNE_REPORT_WOULD, OUTPUT_TABLE);
	text = report_buffer_take(out);
	assert_string_equal(text, "--\nTotal reclaimable space: 0B\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deleted_lists_have_docker_s_form),
		cmocka_unit_test(planned_lists_have_sizes),
		cmocka_unit_test(long_lists_are_cut_on_demand),
		cmocka_unit_test(volumes_are_all_named),
		cmocka_unit_test(what_was_not_done_is_not_listed),
		cmocka_unit_test(total_is_the_last_line_as_in_docker),
		cmocka_unit_test(nothing_to_do_is_one_line),
		cmocka_unit_test(networks_have_no_total),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

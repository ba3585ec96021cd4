/* test_finding_report.c - findings are told one a line, sorted, and not too many. */
#include "tests/unit/check.h"

#include "gc/show/finding_report.h"
#include "metadata/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* What is printed of FINDINGS, which are freed; the caller frees. */
static char *report_text(struct finding_list *findings, const struct settings *settings)
{
	char *text = NULL;
	size_t len = 0;
	FILE *words = open_memstream(&text, &len);

	assert_non_null(words);
	finding_report_print(words, findings, settings);
	(void)fclose(words);
	finding_list_done(findings);
	return text;
}

static void findings_are_sorted_and_named(void **state)
{
	const struct settings settings = { .jobs = 0 };
	struct finding_list findings = FINDING_LIST_INIT;
	AUTO(str) char *text = NULL;

	(void)state;
	finding_add(&findings, FINDING_OTHER_DRIVER, "aufs", "%s", "");
	finding_add(&findings, FINDING_LAYER_UNREADABLE, "layerdb/b", "size: not a number");
	finding_add(&findings, FINDING_LAYER_UNREADABLE, "layerdb/a", "diff: empty");
	finding_add(&findings, FINDING_REFS_UNREADABLE, "repositories.json", "byte 7");
	text = report_text(&findings, &settings);
	assert_string_equal(
	    text,
	    "drydock: error: tags-unreadable: repositories.json: byte 7 (the tags cannot be read: "
	    "every image is kept)\n"
	    "drydock: warning: layer-unreadable: layerdb/a: diff: empty (dockerd does not load the "
	    "layer)\n"
	    "drydock: warning: layer-unreadable: layerdb/b: size: not a number (dockerd does not "
	    "load the layer)\n"
	    "drydock: note: other-driver: aufs (the storage of another driver: it is never "
	    "touched)\n");
}

static void quiet_hides_notes_only(void **state)
{
	const struct settings settings = { .is_quiet = true };
	struct finding_list findings = FINDING_LIST_INIT;
	AUTO(str) char *text = NULL;

	(void)state;
	finding_add(&findings, FINDING_OTHER_DRIVER, "aufs", "%s", "");
	finding_add(&findings, FINDING_REF_STALE, "a:1", "%s", "");
	finding_add(&findings, FINDING_LINK_MISSING, "x", "%s", "");
	text = report_text(&findings, &settings);
	assert_null(strstr(text, "note:"));
	assert_non_null(strstr(text, "warning: link-missing"));
}

static size_t count_of(const char *text, const char *word)
{
	size_t count = 0;

	for (; (text = strstr(text, word)); text++)
		count++;
	return count;
}

static void only_ten_of_a_kind_are_shown(void **state)
{
	const struct settings settings = { .jobs = 0 };
	struct finding_list findings = FINDING_LIST_INIT;
	AUTO(str) char *text = NULL;

	(void)state;
	for (int i = 0; i < 12; i++)
		finding_add(&findings, FINDING_LINK_MISSING, "x", "%02d", i);
	finding_add(&findings, FINDING_UNKNOWN_FILE, "y", "%s", "");
	text = report_text(&findings, &settings);
	assert_int_equal(count_of(text, "link-missing: x"), 10);
	assert_non_null(
	    strstr(text, "drydock: warning: link-missing: and 2 more (-v shows all)\n"));
	assert_non_null(strstr(text, "note: unknown-file: y"));
}

static void verbose_shows_all(void **state)
{
	const struct settings settings = { .is_verbose = true };
	struct finding_list findings = FINDING_LIST_INIT;
	AUTO(str) char *text = NULL;

	(void)state;
	for (int i = 0; i < 12; i++)
		finding_add(&findings, FINDING_LINK_MISSING, "x", "%02d", i);
	text = report_text(&findings, &settings);
	assert_int_equal(count_of(text, "link-missing: x"), 12);
}

static void hostile_bytes_do_not_reach_the_terminal(void **state)
{
	const struct settings settings = { .jobs = 0 };
	struct finding_list findings = FINDING_LIST_INIT;
	AUTO(str) char *text = NULL;

	(void)state;
	finding_add(&findings, FINDING_UNKNOWN_FILE, "a\nb", "%s", "\033[2J\\");
	finding_add(&findings, FINDING_UNKNOWN_FILE, "c", "%s", "escaped once: \\n");
	text = report_text(&findings, &settings);
	assert_non_null(strstr(text, "unknown-file: a\\nb: \\x1b[2J\\\\ ("));
	assert_non_null(strstr(text, "unknown-file: c: escaped once: \\n ("));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(findings_are_sorted_and_named),
		cmocka_unit_test(quiet_hides_notes_only),
		cmocka_unit_test(only_ten_of_a_kind_are_shown),
		cmocka_unit_test(verbose_shows_all),
		cmocka_unit_test(hostile_bytes_do_not_reach_the_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_archive_head.c - what an archive says of itself, and what it must not say. */
#include "gc/archive/archive_head.h"
#include "tests/unit/check.h"

#include "metadata/base/mem.h"
#include "metadata/base/text.h"

#include <stdlib.h>
#include <string.h>

#define RUN                                                                                        \
	"{\"drydock_archive\":1,\"program\":\"x\",\"command\":\"system prune\",\"plan\":\"ab\","   \
	"\"root\":\"/r\",\"device\":1,\"inode\":2,\"started\":3,\"reclaimed_bytes\":4}\n"
#define STEP(kind, path)                                                                           \
	"{\"kind\":\"" kind "\",\"object\":\"o\",\"path\":\"" path                                 \
	"\",\"detail\":\"\",\"reason\":\"pruned\",\"size_bytes\":-1,\"apparent_bytes\":5,"         \
	"\"allocated_bytes\":6,\"inodes\":7}\n"
#define DIR(path) "{\"dir\":\"" path "\",\"mtime\":-1,\"mtime_nanoseconds\":999999999}\n"

static void what_is_written_is_read(void **state)
{
	static const char text[] = RUN STEP("volume", "volumes/a\\nb")
	    STEP("container", "containers/c") DIR("") DIR("volumes");
	AUTO(archive_head) struct archive_head head = ARCHIVE_HEAD_INIT;
	AUTO(archive_head) struct archive_head again = ARCHIVE_HEAD_INIT;
	const bool is_in[] = { true, false };
	struct err err = ERR_INIT;
	AUTO(str) char *written = NULL;
	size_t len;

	(void)state;
	if (archive_head_read(&head, text, strlen(text), &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(head.run->step_count, 2);
	assert_string_equal(head.run->steps[0].path, "volumes/a\nb");
	assert_int_equal(head.run->steps[0].size_bytes, -1);
	assert_int_equal(head.run->work, RUN_RESTORE);
	assert_int_equal(head.run->dirs.count, 2);
	assert_int_equal(head.run->dirs.items[1].mtime.tv_sec, -1);
	assert_int_equal(head.run->dirs.items[1].mtime.tv_nsec, 999999999);
	written = archive_head_write(head.run, is_in, &len);
	assert_int_equal(archive_head_read(&again, written, len, &err), 0);
	assert_int_equal(again.run->step_count, 1);
	assert_string_equal(again.run->steps[0].path, "volumes/a\nb");
	assert_string_equal(again.run->root_path, "/r");
}

static void what_makes_no_sense_is_refused(void **state)
{
	static const struct {
		const char *text, *words;
		enum err_kind kind;
	} rows[] = {
		{ "", "is no archive of drydock", ERR_CORRUPT },
		{ "{}\n", "is no archive of drydock", ERR_CORRUPT },
		{ "not JSON\n", "", ERR_CORRUPT },
		{ "{\"drydock_archive\":2}\n", "newer drydock (version 2", ERR_STATE },
		{ "{\"drydock_archive\":0}\n", "is no archive of drydock", ERR_CORRUPT },
		{ "{\"drydock_archive\":1,\"command\":\"x\"}\n", "a field is missing",
		  ERR_CORRUPT },
		{ RUN "{\"kind\":\"volume\"}\n", "line 2: a field is missing", ERR_CORRUPT },
		{ RUN STEP("nothing", "volumes/x"), "line 2: a field is missing", ERR_CORRUPT },
		{ RUN STEP("volume", "containers/x"), "containers/x is no path of a volume",
		  ERR_CORRUPT },
		{ RUN STEP("volume", "volumes/../x"), "is no path of a volume", ERR_CORRUPT },
		{ RUN STEP("volume", "/volumes/x"), "is no path of a volume", ERR_CORRUPT },
		{ RUN STEP("volume", "volumes/metadata.db"), "is no path of a volume",
		  ERR_CORRUPT },
		{ RUN STEP("leftover", ".drydock/journal.db"), "is no path of a leftover",
		  ERR_CORRUPT },
		{ RUN DIR(".."), "line 2: .. is no directory of a data root", ERR_CORRUPT },
		{ RUN DIR("volumes/../../etc"), "is no directory", ERR_CORRUPT },
		{ RUN DIR("/etc"), "is no directory", ERR_CORRUPT },
		{ RUN DIR(".drydock"), "is no directory", ERR_CORRUPT },
		{ RUN "{\"dir\":\"a\",\"mtime\":1,\"mtime_nanoseconds\":1000000000}\n",
		  "a field is missing", ERR_CORRUPT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		AUTO(archive_head) struct archive_head head = ARCHIVE_HEAD_INIT;
		struct err err = ERR_INIT;

		assert_int_equal(archive_head_read(&head, rows[i].text, strlen(rows[i].text), &err),
		                 -1);
		if (err.kind != rows[i].kind || !strstr(err.text, rows[i].words))
			fail_msg("row %zu: %s", i, err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(what_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_bolt_write.c - databases written anew: what they hold, and how their pages look. */
#include "tests/unit/bolt_expect.h"
#include "tests/unit/bolt_maker.h"
#include "tests/unit/check.h"

#include "metadata/base/file.h"
#include "metadata/base/mem.h"
#include "metadata/bolt_write.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static const char *const reals[] = {
	"fixtures/bolt/20.10/buildkit/snapshots.db",
	"fixtures/bolt/20.10/buildkit/metadata_v2.db",
	"fixtures/bolt/20.10/buildkit/containerdmeta.db",
	"fixtures/bolt/20.10/network/files/local-kv.db",
	"fixtures/bolt/20.10/volumes/metadata.db",
	"fixtures/bolt/28.5/buildkit/snapshots.db",
	"fixtures/bolt/28.5/buildkit/metadata_v2.db",
	"fixtures/bolt/28.5/buildkit/containerdmeta.db",
	"fixtures/bolt/28.5/network/files/local-kv.db",
	"fixtures/bolt/28.5/volumes/metadata.db",
};

static void real_databases_hold_the_same_after_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(reals) / sizeof(reals[0]); i++) {
		AUTO(bolt_edit) struct bolt_edit *edit = bolt_edit_new();
		AUTO(text) struct text before = TEXT_INIT;
		AUTO(text) struct text after = TEXT_INIT;
		AUTO(bolt) struct bolt *old = NULL;
		AUTO(bolt) struct bolt *new = NULL;
		struct err err = ERR_INIT;

		assert_int_equal(bolt_open(&old, AT_FDCWD, reals[i], &err), 0);
		new = bolt_expect_rewritten(old, edit);
		bolt_expect_dump(&before, old);
		bolt_expect_dump(&after, new);
		assert_string_equal(after.data, before.data);
		assert_true(bolt_info(new)->page_count <= bolt_info(old)->page_count);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_databases_hold_the_same_after_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

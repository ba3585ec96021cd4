/* test_row.c - one list, three formats, whatever bytes are in it. */
#include "tests/unit/check.h"

#include "gc/show/row.h"
#include "metadata/base/gojson.h"

#include <stdlib.h>
#include <string.h>

static const struct row_column columns[] = {
	{ "NAME", "name", ROW_TEXT },       { "ID", "id", ROW_ID },
	{ "SIZE", "size_bytes", ROW_SIZE }, { "FILES", "files", ROW_COUNT },
	{ "CREATED", "created", ROW_TIME }, { "SHARED", "is_shared", ROW_BOOL },
};

static const struct row_column hidden_columns[] = {
	{ "NAME", "name", ROW_TEXT },
	{ NULL, "json_only", ROW_COUNT },
	{ "TABLE", NULL, ROW_TEXT },
};

static const struct row_column name_column[] = { { "NAME", "name", ROW_TEXT } };

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct row_list sample(void)
{
	struct row_list list = ROW_LIST("things", NULL, columns);

	row_add_text(&list, "busybox");
	row_add_id(&list, "sha256:" HEX64);
	row_add_size(&list, 1982123);
	row_add_count(&list, 12);
	row_add_time(&list, 1795500312);
	row_add_bool(&list, true);
	row_add_text(&list, NULL);
	row_add_id(&list, "short");
	row_add_size(&list, -1);
	row_add_count(&list, -1);
	row_add_time(&list, 0);
	row_add_bool(&list, false);
	return list;
}

/* What row_print writes; the caller frees. */
static char *printed(enum output_format format, bool no_trunc, const struct row_list *const *lists,
                     size_t count)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	row_print(out, format, no_trunc, lists, count);
	(void)fclose(out);
	return text;
}

static void assert_printed(const struct row_list *list, enum output_format format,
                           const char *expected)
{
	char *text = printed(format, false, &list, 1);

	assert_string_equal(text, expected);
	free(text);
}

static void table_has_docker_s_layout(void **state)
{
	AUTO(row_list) struct row_list list = sample();

	(void)state;
	assert_printed(
	    &list, OUTPUT_TABLE,
	    "NAME      ID             SIZE      FILES     CREATED                SHARED\n"
	    "busybox   0123456789ab   1.982MB   12        2026-11-24T06:05:12Z   true\n"
	    "-         short          -         -         -                      false\n");
}

static void json_is_one_object_with_a_version(void **state)
{
	AUTO(row_list) struct row_list list = sample();

	(void)state;
	assert_printed(&list, OUTPUT_JSON,
	               "{\"version\":1,\"things\":[\n"
	               "{\"name\":\"busybox\",\"id\":\"sha256:" HEX64
	               "\",\"size_bytes\":1982123,\"files\":12,"
	               "\"created\":\"2026-11-24T06:05:12Z\",\"is_shared\":true},\n"
	               "{\"name\":null,\"id\":\"short\",\"size_bytes\":null,\"files\":null,"
	               "\"created\":null,\"is_shared\":false}\n"
	               "]}\n");
}

static void json_lines_have_one_object_a_row(void **state)
{
	AUTO(row_list) struct row_list list = sample();

	(void)state;
	assert_printed(&list, OUTPUT_JSONL,
	               "{\"name\":\"busybox\",\"id\":\"sha256:" HEX64
	               "\",\"size_bytes\":1982123,\"files\":12,"
	               "\"created\":\"2026-11-24T06:05:12Z\",\"is_shared\":true}\n"
	               "{\"name\":null,\"id\":\"short\",\"size_bytes\":null,\"files\":null,"
	               "\"created\":null,\"is_shared\":false}\n");
}

static void empty_list_is_a_header_an_empty_array_or_nothing(void **state)
{
	struct row_list list = ROW_LIST("things", NULL, name_column);

	(void)state;
	assert_printed(&list, OUTPUT_TABLE, "NAME\n");
	assert_printed(&list, OUTPUT_JSON, "{\"version\":1,\"things\":[]}\n");
	assert_printed(&list, OUTPUT_JSONL, "");
}

static void columns_can_be_for_one_format_only(void **state)
{
	AUTO(row_list) struct row_list list = ROW_LIST("things", NULL, hidden_columns);

	(void)state;
	row_add_text(&list, "a");
	row_add_count(&list, 7);
	row_add_text(&list, "t");
	assert_printed(&list, OUTPUT_TABLE, "NAME      TABLE\na         t\n");
	assert_printed(&list, OUTPUT_JSONL, "{\"name\":\"a\",\"json_only\":7}\n");
}

static void no_trunc_shows_whole_ids(void **state)
{
	AUTO(row_list) struct row_list list = sample();
	const struct row_list *lists[] = { &list };
	char *text = printed(OUTPUT_TABLE, true, lists, 1);

	(void)state;
	assert_non_null(strstr(text, "busybox   sha256:" HEX64 "   1.982MB"));
	free(text);
}

/* What `run show` lists is an ID or what a person has called it. */
static void only_ids_are_cut(void **state)
{
	static const struct row_column id_column[] = { { "OBJECT", "object", ROW_ID } };
	AUTO(row_list) struct row_list list = ROW_LIST("things", NULL, id_column);

	(void)state;
	row_add_id(&list, HEX64);
	row_add_id(&list, HEX64 "-init");
	row_add_id(&list, "170823kzvo0gk44kelhqbv7dy");
	row_add_id(&list, "K3EO52VHDDG3K3EO52VHDDG3AA");
	row_add_id(&list, "registry.example/my-image:latest");
	row_add_id(&list, "database-volume");
	row_add_id(&list, "sha256:too-short-for-one");
	assert_printed(&list, OUTPUT_TABLE,
	               "OBJECT\n"
	               "0123456789ab\n"
	               "0123456789ab\n"
	               "170823kzvo0g\n"
	               "K3EO52VHDDG3\n"
	               "registry.example/my-image:latest\n"
	               "database-volume\n"
	               "sha256:too-short-for-one\n");
}

static void several_lists_are_named_in_every_format(void **state)
{
	AUTO(row_list) struct row_list one = ROW_LIST("ones", "Ones:", name_column);
	AUTO(row_list) struct row_list two = ROW_LIST("twos", "Twos:", name_column);
	const struct row_list *const lists[] = { &one, &two };
	char *text;

	(void)state;
	row_add_text(&one, "a");
	row_add_text(&two, "b");
	text = printed(OUTPUT_TABLE, false, lists, 2);
	assert_string_equal(text, "Ones:\n\nNAME\na\n\nTwos:\n\nNAME\nb\n");
	free(text);
	text = printed(OUTPUT_JSON, false, lists, 2);
	assert_string_equal(text, "{\"version\":1,\"ones\":[\n{\"name\":\"a\"}\n],"
	                          "\"twos\":[\n{\"name\":\"b\"}\n]}\n");
	free(text);
	text = printed(OUTPUT_JSONL, false, lists, 2);
	assert_string_equal(text, "{\"list\":\"ones\",\"name\":\"a\"}\n"
	                          "{\"list\":\"twos\",\"name\":\"b\"}\n");
	free(text);
}

static void hostile_name_stays_on_one_line_of_a_table(void **state)
{
	AUTO(row_list) struct row_list list = ROW_LIST("things", NULL, name_column);

	(void)state;
	row_add_text(&list, "a\nb\033[2J\xff\xc3\xa4");
	assert_printed(&list, OUTPUT_TABLE, "NAME\na\\nb\\x1b[2J\\xff\xc3\xa4\n");
}

static void hostile_name_is_valid_json(void **state)
{
	static const char *const names[] = { "a\nb\033\"\\", "\xff", "\xed\xa0\x80",
		                             "\xc3\xa4\x7f", "",     "\xf0\x9f\x90\xb3" };
	AUTO(row_list) struct row_list list = ROW_LIST("things", NULL, name_column);
	const struct row_list *lists[] = { &list };
	AUTO(gojson) struct gojson json = GOJSON_INIT;
	struct err err = ERR_INIT;
	const struct json_t *rows;
	char *text;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		row_add_text(&list, names[i]);
	text = printed(OUTPUT_JSON, false, lists, 1);
	assert_int_equal(gojson_parse(&json, text, strlen(text), GOJSON_WHOLE_TEXT, &err), 0);
	rows = gojson_field(json.root, "things");
	assert_int_equal(gojson_array_len(rows), sizeof(names) / sizeof(names[0]));
	/* what JSON can hold is held as it is, other bytes are escaped and not lost */
	assert_string_equal(gojson_text(gojson_field(gojson_array_item(rows, 0), "name")),
	                    names[0]);
	assert_string_equal(gojson_text(gojson_field(gojson_array_item(rows, 1), "name")), "\\xff");
	assert_string_equal(gojson_text(gojson_field(gojson_array_item(rows, 5), "name")),
	                    names[5]);
	free(text);
}

static void columns_are_as_wide_as_characters_not_bytes(void **state)
{
	static const struct row_column two[] = { { "NAME", "name", ROW_TEXT },
		                                 { "X", "x", ROW_TEXT } };
	AUTO(row_list) struct row_list list = ROW_LIST("things", NULL, two);

	(void)state;
	row_add_text(&list, "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6");
	row_add_text(&list, "1");
	row_add_text(&list, "abcdefgh");
	row_add_text(&list, "2");
	assert_printed(&list, OUTPUT_TABLE,
	               "NAME       X\n"
	               "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6   1\n"
	               "abcdefgh   2\n");
}

static void document_takes_members_of_all_kinds(void **state)
{
	AUTO(row_list) struct row_list list = ROW_LIST("things", NULL, name_column);
	struct row_document document;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	assert_non_null(out);
	row_add_text(&list, "a");
	row_document_begin(&document, out);
	row_document_text(&document, "root", "/x\"y");
	row_document_count(&document, "run", 7);
	row_document_list(&document, &list);
	list.name = "thing";
	row_document_object(&document, &list);
	row_document_end(&document);
	(void)fclose(out);
	assert_string_equal(text,
	                    "{\"version\":1,\"root\":\"/x\\\"y\",\"run\":7,"
	                    "\"things\":[\n{\"name\":\"a\"}\n],\"thing\":{\"name\":\"a\"}}\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_has_docker_s_layout),
		cmocka_unit_test(json_is_one_object_with_a_version),
		cmocka_unit_test(json_lines_have_one_object_a_row),
		cmocka_unit_test(empty_list_is_a_header_an_empty_array_or_nothing),
		cmocka_unit_test(columns_can_be_for_one_format_only),
		cmocka_unit_test(no_trunc_shows_whole_ids),
		cmocka_unit_test(only_ids_are_cut),
		cmocka_unit_test(several_lists_are_named_in_every_format),
		cmocka_unit_test(hostile_name_stays_on_one_line_of_a_table),
		cmocka_unit_test(hostile_name_is_valid_json),
		cmocka_unit_test(columns_are_as_wide_as_characters_not_bytes),
		cmocka_unit_test(document_takes_members_of_all_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

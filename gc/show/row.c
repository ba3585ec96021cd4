/* row.c - what every listing is made of: rows of typed values, shown as table, JSON or JSON lines.
 */
#include "gc/show/row.h"

#include "gc/show/size_text.h"
#include "metadata/base/id.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"

#include <assert.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>
#include <time.h>

#define ROW_ID_DIGITS 12           /* of an ID in a table */
#define ROW_GAP 3                  /* between columns, and */
#define ROW_WIDTH_MIN 10           /* width of a column with its gap: as in Docker's tables */
#define ROW_CELL_MAX SIZE_TEXT_MAX /* of a number, time or size */

static struct row_value *row_add(struct row_list *list, enum row_kind kind)
{
	struct row_value *value;

	assert(list->columns[list->value_count % list->column_count].kind == kind);
	list->values =
	    mem_grow(list->values, list->value_count, &list->value_capacity, sizeof(*list->values));
	value = &list->values[list->value_count++];
	*value = (struct row_value){ .kind = kind };
	return value;
}

static void row_add_string(struct row_list *list, enum row_kind kind, const char *text)
{
	struct row_value *value = row_add(list, kind);

	value->is_null = !text;
	value->text = mem_text(text);
}

static void row_add_number(struct row_list *list, enum row_kind kind, int64_t number, bool is_null)
{
	struct row_value *value = row_add(list, kind);

	value->is_null = is_null;
	value->number = number;
}

void row_add_text(struct row_list *list, const char *text)
{
	row_add_string(list, ROW_TEXT, text);
}

void row_add_id(struct row_list *list, const char *id)
{
	row_add_string(list, ROW_ID, id);
}

void row_add_size(struct row_list *list, int64_t bytes)
{
	row_add_number(list, ROW_SIZE, bytes, bytes < 0);
}

void row_add_count(struct row_list *list, int64_t count)
{
	row_add_number(list, ROW_COUNT, count, count < 0);
}

void row_add_time(struct row_list *list, int64_t seconds)
{
	row_add_number(list, ROW_TIME, seconds, seconds == 0);
}

void row_add_bool(struct row_list *list, bool is_true)
{
	row_add_number(list, ROW_BOOL, is_true, false);
}

size_t row_count(const struct row_list *list)
{
	assert(list->value_count % list->column_count == 0);
	return list->value_count / list->column_count;
}

void row_list_done(struct row_list *list)
{
	for (size_t i = 0; i < list->value_count; i++)
		free(list->values[i].text);
	free(list->values);
	list->values = NULL;
	list->value_count = list->value_capacity = 0;
}

/* ---- tables ---- */

static const char *row_time_text(char text[ROW_CELL_MAX], int64_t seconds)
{
	time_t when = (time_t)seconds;
	struct tm utc;

	if (!gmtime_r(&when, &utc) || strftime(text, ROW_CELL_MAX, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
		(void)snprintf(text, ROW_CELL_MAX, "%" PRId64, seconds);
	return text;
}

/* The escaped form of a whole text; the caller frees. */
static char *row_escape(const char *text)
{
	size_t len = strlen(text);
	char *escaped = mem_zalloc(4 * len + 1, 1);

	text_escape(escaped, 4 * len + 1, text, len);
	return escaped;
}

/* Names that people give (tags, volumes) and paths are shown as they are. */
static char *row_id_text(const char *id, bool no_trunc)
{
	const char *name = strncmp(id, "sha256:", 7) == 0 ? id + 7 : id;
	AUTO(str) char *cut = NULL;

	if (no_trunc || !(id_is_hex(name) || id_is_dir(name) || id_is_link(name)))
		return row_escape(id);
	cut = mem_copy(name, ROW_ID_DIGITS);
	return row_escape(cut);
}

/* What a table shows; the caller frees. */
static char *row_cell(const struct row_value *value, bool no_trunc)
{
	char text[ROW_CELL_MAX];

	if (value->is_null)
		return mem_text("-");
	switch (value->kind) {
	case ROW_TEXT:
		return row_escape(value->text);
	case ROW_ID:
		return row_id_text(value->text, no_trunc);
	case ROW_SIZE:
		return mem_text(size_text(text, (uint64_t)value->number));
	case ROW_COUNT:
		return mem_print("%" PRId64, value->number);
	case ROW_TIME:
		return mem_text(row_time_text(text, value->number));
	case ROW_BOOL:
		return mem_text(value->number ? "true" : "false");
	}
	return mem_text("");
}

/* Columns of a terminal, near enough: one for each character. */
static size_t row_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

/* Writes a cell; PAD is the width of the column with its gap, 0 for the last one. */
static void row_print_cell(FILE *out, const char *text, size_t pad)
{
	size_t width = row_width(text);

	(void)fprintf(out, "%s%*s", text, pad > width ? (int)(pad - width) : 0, "");
}

static void row_print_table(FILE *out, bool no_trunc, const struct row_list *list)
{
	size_t rows = row_count(list);
	size_t columns = list->column_count;
	char **cells = mem_zalloc((rows + 1) * columns, sizeof(*cells));
	size_t *widths = mem_zalloc(columns, sizeof(*widths));
	size_t last = 0;

	for (size_t i = 0; i < (rows + 1) * columns; i++) {
		const struct row_column *column = &list->columns[i % columns];
		size_t width;

		if (!column->header)
			continue;
		last = i % columns;
		cells[i] = i < columns ? mem_text(column->header)
		                       : row_cell(&list->values[i - columns], no_trunc);
		width = row_width(cells[i]) + ROW_GAP;
		if (width > widths[i % columns])
			widths[i % columns] = width > ROW_WIDTH_MIN ? width : ROW_WIDTH_MIN;
	}
	for (size_t i = 0; i < (rows + 1) * columns; i++) {
		size_t column = i % columns;

		if (cells[i])
			row_print_cell(out, cells[i], column == last ? 0 : widths[column]);
		if (column == columns - 1)
			(void)fputc('\n', out);
		free(cells[i]);
	}
	free(cells);
	free(widths);
}

/* ---- JSON ---- */

static bool row_is_utf8(const char *text)
{
	const unsigned char *bytes = (const unsigned char *)text;
	size_t len = strlen(text);

	for (size_t at = 0; at < len;) {
		size_t step = text_utf8_len(bytes + at, len - at);

		if (step == 0)
			return false;
		at += step;
	}
	return true;
}

static json_t *row_json_text(const char *text)
{
	AUTO(str) char *escaped = row_is_utf8(text) ? NULL : row_escape(text);

	return json_string(escaped ? escaped : text);
}

/* A new reference. */
static json_t *row_json(const struct row_value *value)
{
	char text[ROW_CELL_MAX];

	if (value->is_null)
		return json_null();
	switch (value->kind) {
	case ROW_TEXT:
	case ROW_ID:
		return row_json_text(value->text);
	case ROW_SIZE:
	case ROW_COUNT:
		return json_integer(value->number);
	case ROW_TIME:
		return json_string(row_time_text(text, value->number));
	case ROW_BOOL:
		return json_boolean(value->number != 0);
	}
	return json_null();
}

/* Writes the row as an object on one line, keys in the order of the columns. */
static void row_print_object(FILE *out, const struct row_list *list, size_t row, bool has_name)
{
	json_t *object = json_object();

	if (has_name)
		(void)json_object_set_new(object, "list", json_string(list->name));
	for (size_t i = 0; i < list->column_count; i++) {
		const struct row_value *value = &list->values[row * list->column_count + i];

		if (list->columns[i].key)
			(void)json_object_set_new(object, list->columns[i].key, row_json(value));
	}
	(void)json_dumpf(object, out, JSON_COMPACT);
	json_decref(object);
}

static void row_document_key(struct row_document *document, const char *key)
{
	(void)fprintf(document->out, "%s\"%s\":", document->has_member ? "," : "", key);
	document->has_member = true;
}

void row_document_begin(struct row_document *document, FILE *out)
{
	*document = (struct row_document){ .out = out };
	(void)fputc('{', out);
	row_document_count(document, "version", 1);
}

void row_document_text(struct row_document *document, const char *key, const char *text)
{
	json_t *value = row_json_text(text);

	row_document_key(document, key);
	(void)json_dumpf(value, document->out, JSON_ENCODE_ANY);
	json_decref(value);
}

void row_document_count(struct row_document *document, const char *key, uint64_t number)
{
	row_document_key(document, key);
	(void)fprintf(document->out, "%" PRIu64, number);
}

void row_document_bool(struct row_document *document, const char *key, bool is_true)
{
	row_document_key(document, key);
	(void)fputs(is_true ? "true" : "false", document->out);
}

void row_document_list(struct row_document *document, const struct row_list *list)
{
	size_t rows = row_count(list);

	row_document_key(document, list->name);
	(void)fputc('[', document->out);
	for (size_t i = 0; i < rows; i++) {
		(void)fputs(i == 0 ? "\n" : ",\n", document->out);
		row_print_object(document->out, list, i, false);
	}
	(void)fputs(rows > 0 ? "\n]" : "]", document->out);
}

void row_document_object(struct row_document *document, const struct row_list *list)
{
	row_document_key(document, list->name);
	row_print_object(document->out, list, 0, false);
}

void row_document_end(struct row_document *document)
{
	(void)fputs("}\n", document->out);
}

/* ---- all formats ---- */

static void row_print_tables(FILE *out, bool no_trunc, const struct row_list *const *lists,
                             size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			(void)fputc('\n', out);
		if (lists[i]->title)
			(void)fprintf(out, "%s\n\n", lists[i]->title);
		row_print_table(out, no_trunc, lists[i]);
	}
}

void row_print(FILE *out, enum output_format format, bool no_trunc,
               const struct row_list *const *lists, size_t count)
{
	struct row_document document;

	switch (format) {
	case OUTPUT_TABLE:
		row_print_tables(out, no_trunc, lists, count);
		return;
	case OUTPUT_JSON:
		row_document_begin(&document, out);
		for (size_t i = 0; i < count; i++)
			row_document_list(&document, lists[i]);
		row_document_end(&document);
		return;
	case OUTPUT_JSONL:
		for (size_t i = 0; i < count; i++) {
			for (size_t row = 0; row < row_count(lists[i]); row++) {
				row_print_object(out, lists[i], row, count > 1);
				(void)fputc('\n', out);
			}
		}
		return;
	}
}

void row_print_one(FILE *out, const struct settings *settings, const struct row_list *list)
{
	row_print(out, settings->format, settings->no_trunc, &list, 1);
}

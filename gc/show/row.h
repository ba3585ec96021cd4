/* row.h - what every listing is made of: rows of typed values, shown as table, JSON or JSON lines.
 */
#ifndef GC_SHOW_ROW_H
#define GC_SHOW_ROW_H

#include "gc/session/settings.h"
#include "metadata/base/own.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum row_kind {
	ROW_TEXT,
	ROW_ID,    /* a text; of "sha256:<hex>" and IDs that Docker makes tables show 12 digits */
	ROW_SIZE,  /* bytes; tables show 1.982MB */
	ROW_COUNT, /* a number */
	ROW_TIME,  /* Unix seconds, shown in UTC as 2026-11-24T06:05:12Z */
	ROW_BOOL,  /* tables show true and false */
};

/* One column; the static table of columns is all that a listing declares. */
struct row_column {
	const char *header; /* as in Docker's tables; NULL: not in the table */
	const char *key;    /* in JSON, with its unit: size_bytes; NULL: not in JSON */
	enum row_kind kind;
};

/* A value that is not known is `is_null`: "-" in tables, null in JSON. */
struct row_value {
	enum row_kind kind;
	bool is_null;
	char *text; /* ROW_TEXT, ROW_ID; owned */
	int64_t number;
};

struct row_list {
	const char *name;  /* key of the list in JSON: "images" */
	const char *title; /* line above the table; NULL: none */
	const struct row_column *columns;
	size_t column_count;
	struct row_value *values; /* row by row */
	size_t value_count, value_capacity;
};

/* An empty list of these columns, which are borrowed, as are NAME and TITLE. */
#define ROW_LIST(name_, title_, columns_)                                                          \
	{                                                                                          \
		.name = (name_), .title = (title_), .columns = (columns_),                         \
		.column_count = sizeof(columns_) / sizeof((columns_)[0])                           \
	}

/* Add the next value of the current row; its column must be of that kind (asserted). */
void row_add_text(struct row_list *list, const char *text); /* NULL: not known; copied */
void row_add_id(struct row_list *list, const char *id);     /* NULL: not known; copied */
void row_add_size(struct row_list *list, int64_t bytes);    /* negative: not known */
void row_add_count(struct row_list *list, int64_t count);   /* negative: not known */
void row_add_time(struct row_list *list, int64_t seconds);  /* 0: not known */
void row_add_bool(struct row_list *list, bool is_true);

size_t row_count(const struct row_list *list);

void row_list_done(struct row_list *list);

static inline void row_list_cleanup(struct row_list *list)
{
	row_list_done(list);
}

/*
 * Writes COUNT lists. Table: one after another, in Docker's layout (three spaces between columns,
 * at least ten wide). JSON: one object {"version":1, "<name>":[...], ...}, one row a line. JSON
 * lines: one object a row; with more than one list its first member "list" is the name of the list.
 * NO_TRUNC shows whole IDs in tables. Bytes that are no UTF-8 or upset a terminal are escaped
 * (text.h); in JSON only texts that are no UTF-8 are.
 */
void row_print(FILE *out, enum output_format format, bool no_trunc,
               const struct row_list *const *lists, size_t count);

/* The same for one list. */
void row_print_one(FILE *out, const struct settings *settings, const struct row_list *list);

/*
 * A JSON object written piece by piece: for documents that are more than lists. Begin, members
 * in any number, end. Keys are not escaped.
 */
struct row_document {
	FILE *out;
	bool has_member;
};

void row_document_begin(struct row_document *document, FILE *out); /* writes "version" */
void row_document_text(struct row_document *document, const char *key, const char *text);
void row_document_count(struct row_document *document, const char *key, uint64_t number);
void row_document_bool(struct row_document *document, const char *key, bool is_true);
void row_document_list(struct row_document *document, const struct row_list *list);
void row_document_object(struct row_document *document, const struct row_list *list); /* row 0 */
void row_document_end(struct row_document *document);

#endif

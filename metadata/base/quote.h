/* quote.h - any bytes as a JSON string, and back: names on disk need not be UTF-8. */
#ifndef METADATA_BASE_QUOTE_H
#define METADATA_BASE_QUOTE_H

#include "metadata/base/text.h"

#include <stdbool.h>

/*
 * Appends WORD as a JSON string with its quotes. What it holds is the escaped form of text.h, so
 * that bytes that are no UTF-8 survive (\xNN, in JSON \\xNN), and nothing upsets a terminal.
 */
void quote_add(struct text *text, const char *word);

/* Appends `"KEY":` and WORD so; in front a comma unless BEGINS an object. */
void quote_member(struct text *text, const char *key, const char *word);

/* Turns the escaped form, as a JSON reader gives it, back into the bytes, in place. Returns false,
 * *WORD undefined, when it is none that quote_add() makes. */
bool quote_undo(char *word) MUST_USE;

#endif

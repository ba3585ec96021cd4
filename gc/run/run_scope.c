/* run_scope.c - what a run was asked for, kept so that the same can be planned again. */
#include "gc/run/run_scope.h"

#include "gc/plan/rules.h"
#include "metadata/base/mem.h"
#include "metadata/base/text.h"

#include <stdlib.h>
#include <string.h>

#define IMAGE_PREFIX "sha256:"

/* The words of a scope. */
static const struct {
	const char *word;
	size_t offset;
} scope_words[] = {
	{ "containers", offsetof(struct selection_scope, containers) },
	{ "images", offsetof(struct selection_scope, images) },
	{ "all-images", offsetof(struct selection_scope, all_images) },
	{ "networks", offsetof(struct selection_scope, networks) },
	{ "volumes", offsetof(struct selection_scope, volumes) },
	{ "all-volumes", offsetof(struct selection_scope, all_volumes) },
	{ "cache", offsetof(struct selection_scope, cache) },
	{ "all-cache", offsetof(struct selection_scope, all_cache) },
	{ "layers", offsetof(struct selection_scope, layers) },
	{ "docker-compat", offsetof(struct selection_scope, docker_compat) },
};

#define SCOPE_WORD_COUNT (sizeof(scope_words) / sizeof(scope_words[0]))

char *run_scope_text(const struct selection_scope *scope)
{
	AUTO(text) struct text text = TEXT_INIT;

	for (size_t i = 0; i < SCOPE_WORD_COUNT; i++) {
		if (*(const bool *)((const char *)scope + scope_words[i].offset))
			text_print(&text, "%s%s", text.len ? "," : "", scope_words[i].word);
	}
	rules_print(&text, scope->filters, scope->keep);
	return text_take(&text);
}

/* Says whether the word is one of the table; then it is set. */
static bool run_scope_set_word(struct selection_scope *scope, const char *word)
{
	for (size_t i = 0; i < SCOPE_WORD_COUNT; i++) {
		if (strcmp(scope_words[i].word, word) == 0) {
			*(bool *)((char *)scope + scope_words[i].offset) = true;
			return true;
		}
	}
	return false;
}

/* Lets the run's scope have the run's own rules; without any it has none. */
static void run_scope_link(struct run *run)
{
	const struct rules *rules = run->rules;

	run->scope.filters = rules->filters.count > 0 ? &rules->filters : NULL;
	run->scope.keep = rules->keep.count > 0 || rules->keep.last > 0 ? &rules->keep : NULL;
	run->scope.decided = NULL;
}

bool run_scope_parse(struct run *run, const char *words)
{
	AUTO(str) char *copy = mem_text(words);
	char *rest = NULL;

	run->scope = (struct selection_scope){ 0 };
	run->rules = mem_zalloc(1, sizeof(*run->rules));
	for (char *word = strtok_r(copy, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		if (!run_scope_set_word(&run->scope, word) && !rules_read_word(run->rules, word))
			return false;
	}
	run_scope_link(run);
	return true;
}

void run_scope_set(struct run *run, const struct selection_scope *scope)
{
	run->scope = *scope;
	run->rules = mem_zalloc(1, sizeof(*run->rules));
	rules_copy(run->rules, scope->filters, scope->keep);
	run_scope_link(run);
}

void run_scope_done(struct run *run)
{
	if (run->rules)
		rules_done(run->rules);
	free(run->rules);
	run->rules = NULL;
}

struct selection_scope run_scope_again(const struct run *run, struct map *decided)
{
	struct selection_scope scope = run->scope;

	for (size_t i = 0; i < run->step_count; i++) {
		const struct run_step *step = &run->steps[i];

		if (step->kind == ACTION_IMAGE &&
		    strncmp(step->object, IMAGE_PREFIX, strlen(IMAGE_PREFIX)) == 0)
			(void)map_set(decided, step->object + strlen(IMAGE_PREFIX), i);
	}
	scope.layers = true;
	scope.decided = decided;
	return scope;
}

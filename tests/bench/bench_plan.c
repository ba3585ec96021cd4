/* bench_plan.c - time and memory of planning: everything up to the plan, per layer. */
#include "gc/plan/plan.h"
#include "gc/session/session.h"

#include <err.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

static double seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static long peak_kib(void)
{
	struct rusage usage;

	(void)getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

/* Prints one line: layers, microseconds a layer, KiB a layer, actions. */
int main(int argc, char **argv)
{
	const struct settings settings = { .root = argc > 1 ? argv[1] : NULL };
	const struct selection_scope scope = {
		.containers = true, .images = true, .all_images = true, .layers = true
	};
	AUTO(session) struct session session = SESSION_INIT;
	AUTO(selection) struct selection *selection = NULL;
	AUTO(mark) struct mark *baseline = NULL;
	AUTO(mark) struct mark *mark = NULL;
	AUTO(plan) struct plan *plan = NULL;
	struct err error = ERR_INIT;
	long before_kib = peak_kib();
	double start = seconds();
	double layers;

	if (session_open(&session, &settings, SESSION_READ, &error) < 0)
		errx(8, "%s", error.text);
	selection = selection_make(session.state, &scope);
	baseline = mark_baseline(session.graph);
	mark = mark_selection(session.graph, selection, baseline);
	plan = plan_make(session.graph, selection, baseline, mark);
	layers = (double)session.state->layers.count;
	(void)printf("%.0f layers: %.1f us and %.2f KiB a layer, %zu actions\n", layers,
	             (seconds() - start) * 1e6 / layers, (double)(peak_kib() - before_kib) / layers,
	             plan->count);
	return 0;
}

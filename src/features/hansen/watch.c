/* watch.c - the hourly look at protocol and calculators.  Memory and disks rot
 * while a server runs for months; a dose must not. */
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "features/hansen/hansen.h"
#include "features/hansen/protocol.h"
#include "sys/crypto.h"
#include "sys/log.h"
#include "sys/metrics.h"

enum { EVERY_S = 3600, WHY = 300, CALCULATORS_MAX = 64 };

static struct {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool running, stop;
} w = { .lock = PTHREAD_MUTEX_INITIALIZER };

bool
hansen_verify(void)
{
	char why[WHY];
	uint64_t began_ns = clock_mono_ns();
	bool intact = protocol_verify(why) == OK;
	if (!intact)
		log_event(EV_PROTOCOL_UNAVAILABLE, { "why", LOG_S(why) });
	bool exact = calc_self_test(why) == OK;
	if (!exact)
		log_event(EV_MEDICAL_CALCULATION_ERROR, { "why", LOG_S(why) });
	metric_set(M_PROTOCOL_INTACT, 0, intact);
	metric_set(M_CALCULATORS_EXACT, 0, exact);
	metric_time(M_SELF_TEST_SECONDS, 0, clock_mono_ns() - began_ns);
	return intact && exact;
}

/* True when it is time to stop. */
static bool
wait_an_hour(void)
{
	uint64_t until_ns = clock_mono_ns() + EVERY_S * UINT64_C(1000000000);
	struct timespec until = { .tv_sec = (time_t)(until_ns / 1000000000),
		.tv_nsec = (long)(until_ns % 1000000000) };
	int late = 0;
	pthread_mutex_lock(&w.lock);
	while (!w.stop && late == 0)
		late = pthread_cond_timedwait(&w.wake, &w.lock, &until);
	bool stop = w.stop;
	pthread_mutex_unlock(&w.lock);
	return stop;
}

static void *
watch(void *arg)
{
	(void)arg;
	crypto_thread();
	while (!wait_an_hour())
		(void)hansen_verify();
	return NULL;
}

static void
name_labels(void)
{
	static const char *names[CALCULATORS_MAX];
	unsigned n = 0;
	for (const struct calculator *def; n < CALCULATORS_MAX && (def = calc_at(n)); n++)
		names[n] = def->name;
	metric_labels(M_CALCULATIONS, names, n);
	metric_labels(M_CALCULATIONS_REFUSED, names, n);
}

enum err
hansen_start(char *why)
{
	pthread_condattr_t attr;
	const char *bad = calc_check();
	if (bad) {
		snprintf(why, 200, "calculators: %s", bad);
		return ERR_INTERNAL;
	}
	name_labels();
	(void)hansen_verify();
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w.wake, &attr);
	pthread_condattr_destroy(&attr);
	if (pthread_create(&w.thread, NULL, watch, NULL) != 0) {
		snprintf(why, 200, "no thread for the calculators' self-test");
		return ERR_BUSY;
	}
	w.running = true;
	return OK;
}

void
hansen_stop(void)
{
	if (!w.running)
		return;
	pthread_mutex_lock(&w.lock);
	w.stop = true;
	pthread_mutex_unlock(&w.lock);
	pthread_cond_signal(&w.wake);
	pthread_join(w.thread, NULL);
	w.running = false;
}

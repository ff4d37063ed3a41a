/* fiber.c - ucontext with a guarded stack.  The sanitizers are told of every switch;
 * otherwise they would take another stack for a damaged one. */
#include "sys/fiber.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#if defined __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#elif defined __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

struct fiber {
	ucontext_t self, caller;
	unsigned char *stack; /* below it lies a page that nobody may touch */
	fiber_fn *fn;
	void *arg;
	bool waits;
#if defined __SANITIZE_ADDRESS__
	void *own_frames, *caller_frames;
	const void *caller_stack;
	size_t caller_size;
#elif defined __SANITIZE_THREAD__
	void *own, *back;
#endif
};

/* ---- what the sanitizers hear: always inline, since the thread sanitizer counts calls by stack */

#if defined __SANITIZE_ADDRESS__
static inline __attribute__((always_inline)) void
leaving(struct fiber *f, bool inwards, bool ends)
{
	if (inwards)
		__sanitizer_start_switch_fiber(&f->caller_frames, f->stack, FIBER_STACK);
	else
		__sanitizer_start_switch_fiber(ends ? NULL : &f->own_frames, f->caller_stack, f->caller_size);
}
static inline __attribute__((always_inline)) void
arrived(struct fiber *f, bool inwards)
{
	if (inwards)
		__sanitizer_finish_switch_fiber(f->own_frames, &f->caller_stack, &f->caller_size);
	else
		__sanitizer_finish_switch_fiber(f->caller_frames, NULL, NULL);
}
#elif defined __SANITIZE_THREAD__
static inline __attribute__((always_inline)) void
leaving(struct fiber *f, bool inwards, bool ends)
{
	(void)ends;
	if (inwards)
		f->back = __tsan_get_current_fiber();
	__tsan_switch_to_fiber(inwards ? f->own : f->back, 0);
}
static inline __attribute__((always_inline)) void
arrived(struct fiber *f, bool inwards)
{
	(void)f, (void)inwards;
}
#else
static inline __attribute__((always_inline)) void
leaving(struct fiber *f, bool inwards, bool ends)
{
	(void)f, (void)inwards, (void)ends;
}
static inline __attribute__((always_inline)) void
arrived(struct fiber *f, bool inwards)
{
	(void)f, (void)inwards;
}
#endif

/* ---- making */

static size_t
guard_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

struct fiber *
fiber_new(void)
{
	struct fiber *f = calloc(1, sizeof *f);
	unsigned char *p;

	if (f == NULL)
		return NULL;
	p = mmap(NULL, guard_size() + FIBER_STACK, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
	        0);
	if (p == MAP_FAILED) {
		free(f);
		return NULL;
	}
	if (mprotect(p + guard_size(), FIBER_STACK, PROT_READ | PROT_WRITE) != 0) {
		munmap(p, guard_size() + FIBER_STACK);
		free(f);
		return NULL;
	}
	f->stack = p + guard_size();
	return f;
}

void
fiber_free(struct fiber *f)
{
	if (f == NULL)
		return;
	assert(!f->waits);
#if defined __SANITIZE_THREAD__
	if (f->own != NULL)
		__tsan_destroy_fiber(f->own);
#endif
	munmap(f->stack - guard_size(), guard_size() + FIBER_STACK);
	free(f);
}

/* ---- running */

/* makecontext hands over ints alone: a pointer comes in halves. */
static void
enter(unsigned high, unsigned low)
{
	struct fiber *f = (struct fiber *)((uintptr_t)high << 32 | low);

	arrived(f, true);
	f->fn(f->arg);
	f->waits = false;
	leaving(f, false, true);
	setcontext(&f->caller);
	abort();
}

void
fiber_set(struct fiber *f, fiber_fn *fn, void *arg)
{
	uint64_t p = (uintptr_t)f;

	assert(!f->waits);
	f->fn = fn;
	f->arg = arg;
#if defined __SANITIZE_ADDRESS__
	f->own_frames = NULL;
#elif defined __SANITIZE_THREAD__
	if (f->own != NULL)
		__tsan_destroy_fiber(f->own);
	f->own = __tsan_create_fiber(0);
#endif
	getcontext(&f->self);
	f->self.uc_stack.ss_sp = f->stack;
	f->self.uc_stack.ss_size = FIBER_STACK;
	f->self.uc_link = NULL; /* enter does not return */
	makecontext(&f->self, (void (*)(void))enter, 2, (unsigned)(p >> 32), (unsigned)p);
}

bool
fiber_go(struct fiber *f)
{
	f->waits = true;
	leaving(f, true, false);
	swapcontext(&f->caller, &f->self);
	arrived(f, false);
	return f->waits;
}

void
fiber_wait(struct fiber *f)
{
	leaving(f, false, false);
	swapcontext(&f->self, &f->caller);
	arrived(f, true);
}

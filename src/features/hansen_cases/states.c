/* states.c - states.def read as a table. */
#include "features/hansen_cases/states.h"

static const struct {
	const char *name;
	bool active;
} states[CASE__MAX] = {
	[CASE_UNSET] = { "", false },
#define STATE(name, active, ...) [CASE_##name] = { #name, active },
#include "features/hansen_cases/states.def"
};

const char *const case_state_names[] = {
#define STATE(name, ...) #name,
#include "features/hansen_cases/states.def"
	NULL,
};

static const char *const acts[ACT__MAX] = {
	[ACT_UNSET] = "",
#define ACT(name, ...) [ACT_##name] = #name,
#include "features/hansen_cases/states.def"
};

static const struct {
	enum case_state from;
	enum case_act act;
	enum case_state to;
} moves[] = {
#define MOVE(from, act, to) { CASE_##from, ACT_##act, CASE_##to },
#include "features/hansen_cases/states.def"
};

enum case_state
case_move(enum case_state from, enum case_act act)
{
	for (size_t i = 0; i < COUNT(moves); i++)
		if (moves[i].from == from && moves[i].act == act)
			return moves[i].to;
	return CASE_UNSET;
}

enum case_act
case_allowed(enum case_state from, size_t nth)
{
	for (size_t i = 0; i < COUNT(moves); i++)
		if (moves[i].from == from && nth-- == 0)
			return moves[i].act;
	return ACT_UNSET;
}

enum case_state
case_state_parse(struct str name)
{
	for (int s = CASE_UNSET + 1; s < CASE__MAX; s++)
		if (str_is(name, states[s].name))
			return (enum case_state)s;
	return CASE_UNSET;
}

const char *
case_state_name(enum case_state s)
{
	assert(s < CASE__MAX);
	return states[s].name;
}

bool
case_is_active(enum case_state s)
{
	assert(s < CASE__MAX);
	return states[s].active;
}

const char *
case_act_name(enum case_act a)
{
	assert(a < ACT__MAX);
	return acts[a];
}

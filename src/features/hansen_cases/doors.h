/* doors.h - what the doors of this folder share. */
#ifndef FEATURES_HANSEN_CASES_DOORS_H
#define FEATURES_HANSEN_CASES_DOORS_H

#include "features/hansen_cases/case.h"
#include "http/route.h"

#define CASE_TAG "Hanseníase cases"
#define CASE_READS .perm = PERM_HANSEN_READ, .rate = RATE_READ, .tag = CASE_TAG
#define CASE_WRITES .perm = PERM_HANSEN_WRITE, .rate = RATE_WRITE, .tag = CASE_TAG
/* Of every door where a calculator is asked. */
#define CASE_ERRORS ERR_PROTOCOL_UNAVAILABLE, ERR_CALCULATION, ERR_TOO_LARGE

bool door_english(struct req *);
/* Reads the case; tells subject and version. */
enum err door_case(struct req *, struct id, struct hansen_case **out) MUST_CHECK;
/* Passes err on; with ERR_STATE the answer names the state and what it admits. */
enum err door_refused(struct req *, const struct hansen_case *, enum err) MUST_CHECK;
/* The client's version, from the body or If-Match, against the one that is. */
enum err door_held(struct req *, int64_t sent, int64_t is) MUST_CHECK;

#endif

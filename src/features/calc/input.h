/* input.h - between calc.c and input.c alone. */
#ifndef FEATURES_CALC_INPUT_H
#define FEATURES_CALC_INPUT_H

#include "features/calc/calc.h"

/* Fills c->in from one text per input column; what cannot be read makes c INVALID with a flag each. */
void calc_read_inputs(struct calc *, const struct str *inputs);

#endif

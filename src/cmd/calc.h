/* calc.h - between calc.c and calc_csv.c alone. */
#ifndef CMD_CALC_H
#define CMD_CALC_H

#include "cmd/cmd.h"
#include "features/calc/calc.h"

/* Rows from standard input to standard output; a cmd_exit. explain: also status, flags, steps and version. */
int calc_csv(const struct calculator *, bool explain);

#endif

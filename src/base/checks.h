/* checks.h - for a row's .check: values that identify nobody. */
#ifndef BASE_CHECKS_H
#define BASE_CHECKS_H

#include "base/type.h"

check_fn check_weight,      /* kg with a point or a comma, above 0 and up to 300 */
        check_cnes,         /* 7 digits */
        check_municipality; /* 7 digits of IBGE, with their check digit */

#endif

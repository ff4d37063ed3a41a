/* lives.h - Synthea bundles, gzip, compiled in from tests/data/synthea (Apache-2.0,
 * Copyright 2018 Boston Children's Hospital): the imported charts of the demo. */
#ifndef FEATURES_DEMO_LIVES_H
#define FEATURES_DEMO_LIVES_H

#include "base/incbin.h"

extern const struct incbin demo_lives[]; /* ends with name == NULL */

#endif

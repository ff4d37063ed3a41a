/* protocol_check.h - between protocol.c and protocol_check.c alone. */
#ifndef FEATURES_HANSEN_PROTOCOL_CHECK_H
#define FEATURES_HANSEN_PROTOCOL_CHECK_H

#include "features/hansen/protocol.h"

/* The id of a row that calculators need, and whether they need its amount. */
const char *protocol_need_id(enum need, bool *number);

#endif

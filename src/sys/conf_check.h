/* conf_check.h - what a configured text must be beyond text, for conf.c alone.
 * Checks the form only: whether an address can be bound or a database reached
 * shows when it is tried. */
#ifndef SYS_CONF_CHECK_H
#define SYS_CONF_CHECK_H

#include "base/base.h"

typedef bool conf_check_fn(const char *value);
conf_check_fn conf_check_address_port, conf_check_database, conf_check_addresses, conf_check_origin,
        conf_check_log_level, conf_check_log_format, conf_check_vault, conf_check_vault_key;

/* Letters to insert, drop or change between two keys, for "did you mean". */
size_t conf_edit_distance(const char *, const char *);

#endif

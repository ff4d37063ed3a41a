/* keyring_conf.h - the master key where the configuration says it is: in Vault when
 * vault_address is set and the key does not leave it (vault_leaving), else in master_key_file, else in the
 * systemd credential master.key, else in data_dir/master.key. why: WHY_SIZE bytes, one line. Errors:
 * ERR_KEYS_UNAVAILABLE; ERR_NOT_FOUND from keyring_open_conf alone: there is no file yet. */
#ifndef SYS_KEYRING_CONF_H
#define SYS_KEYRING_CONF_H

#include "sys/conf.h"
#include "sys/keyring.h"

/* With Vault, a key file that is there too still opens what was wrapped before the move; on the way
 * out of it (vault_leaving) the file wraps and Vault still opens. `plantao keys rotate --resume` wraps
 * anew what the other holder wrapped, `plantao keys status` says when nothing is left. */
enum err keyring_open_conf(const struct conf *, struct keyring **, char *why) MUST_CHECK;
/* A first master key: ERR_DUPLICATE when the file exists. */
enum err keyring_make_conf(const struct conf *, char *why) MUST_CHECK;
/* A newer one that wraps from now on. */
enum err keyring_rotate_conf(const struct conf *, char *why) MUST_CHECK;
/* For people: the file's path or Vault's address and key. */
const char *keyring_place(const struct conf *);
/* Where the key file is or would be, Vault or not. */
const char *keyring_file_path(const struct conf *);
bool keyring_in_vault(const struct conf *);

/* The conf must outlive it. */
enum err keyring_open_vault(const struct conf *, struct keyring **, char *why) MUST_CHECK;
enum err keyring_make_vault(const struct conf *, char *why) MUST_CHECK;
enum err keyring_rotate_vault(const struct conf *, char *why) MUST_CHECK;

#endif

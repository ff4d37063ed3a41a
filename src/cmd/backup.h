/* backup.h - between the files of plantao backup and plantao restore. */
#ifndef CMD_BACKUP_H
#define CMD_BACKUP_H

#include "cmd/app.h"
#include "ops/backup_proof.h"

/* On stderr, when it is a terminal. */
void backup_show_progress(const char *what, unsigned done, unsigned of);
void backup_time_text(int64_t ms, char out[static INSTANT_TEXT + 1]);
int backup_verify(const struct app *, const struct backup *, bool json);
int backup_status(const struct app *, const struct backup *, bool json);

#endif

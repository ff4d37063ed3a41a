/* docs.h - the documents that are made from rows. */
#ifndef CMD_DOCS_H
#define CMD_DOCS_H

#include <stdbool.h>

/* Writes each document into dir; says on stderr which one failed. */
bool docs_write(const char *dir);

#endif

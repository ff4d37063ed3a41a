/* mask.h - takes identifying data out of a question before anything else sees it. */
#ifndef FEATURES_ASSISTANT_MASK_H
#define FEATURES_ASSISTANT_MASK_H

#include "base/base.h"

/* CPF, CNS, telephones, e-mail addresses and names that follow "paciente", "Sr.", "chamada"…
 * become [dado]; *named: a name was among them.  Absent when the arena is full.  A name that
 * nothing announces cannot be told from other words and stays. */
struct str mask_question(struct arena *, struct str, bool *named) MUST_CHECK;

#endif

/* admit.h - who is let in, for spine.c: the steps in which nothing of the request's own content is looked at.
 */
#ifndef HTTP_ADMIT_H
#define HTTP_ADMIT_H

#include "http/req.h"
#include "sys/conf.h"

/* Fills in who asks. ERR_UNAUTHENTICATED, ERR_CSRF, ERR_SUBSCRIPTION; ERR_PASSWORD_CHANGE and
 * ERR_RESET_PENDING for who may do nothing yet but mend that. OK and nobody for a public route. */
enum err admit_identify(struct req *, const struct conf *) MUST_CHECK;
/* ERR_FORBIDDEN; ERR_REAUTHENTICATION_REQUIRED when the route asks for a more recent sign-in. */
enum err admit_permit(struct req *, const struct conf *) MUST_CHECK;

#endif

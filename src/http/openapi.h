/* openapi.h - the route and type rows as an OpenAPI 3.1 document and as a page. */
#ifndef HTTP_OPENAPI_H
#define HTTP_OPENAPI_H

#include "base/buf.h"

void openapi_write(struct buf *);
void openapi_write_html(struct buf *);

#endif

/* incbin.h - a file as it was, compiled in by tools/incbin.py. */
#ifndef BASE_INCBIN_H
#define BASE_INCBIN_H

struct incbin {
	const char *name;
	const unsigned char *bytes, *end;
};

#endif

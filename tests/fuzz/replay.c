/* replay.c - runs a fuzz target over files instead of a fuzzer's inputs, so that
 * the corpus is part of every test run, with every compiler.  TAP, one line a file. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum { INPUT_MAX = 1 << 20 };

static bool
replay(const char *path)
{
	static uint8_t input[INPUT_MAX];
	FILE *f = fopen(path, "rb");
	if (!f)
		return false;
	size_t n = fread(input, 1, sizeof input, f);
	bool whole = feof(f) && !ferror(f);
	fclose(f);
	return whole && LLVMFuzzerTestOneInput(input, n) == 0;
}

int
main(int argc, char **argv)
{
	int failed = 0;
	printf("1..%d\n", argc - 1);
	for (int i = 1; i < argc; i++) {
		bool ok = replay(argv[i]);
		failed += !ok;
		printf("%sok %d - %s\n", ok ? "" : "not ", i, argv[i]);
		fflush(stdout);
	}
	return failed > 0;
}

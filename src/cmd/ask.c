/* ask.c - `plantao ask`: the assistant on questions from stdin, one a line, without
 * store or keys.  Keeps nothing.  A configured model words the answers, as in the server. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "cmd/cmd.h"
#include "features/assistant/wording.h"
#include "features/calc/calc.h"
#include "sys/crypto.h"
#include "sys/log.h"

enum { ARENA_ROOM = 4 << 20, LINE_ROOM = 1 << 20 };

static void
say_json(struct ctx *ctx, const struct assistant_answer *answer, int64_t us)
{
	struct buf b;
	buf_init(&b, LINE_ROOM);
	json_write(ctx, &b, &assistant_answer_type, answer, NULL);
	/* The time stands inside the object, as its last member. */
	if (!buf_failed(&b) && b.n > 0)
		printf("%.*s,\"timeUs\":%lld}\n", (int)(b.n - 1), b.p, (long long)us);
	buf_free(&b);
}

static enum err
ask(struct arena *arena, enum persona persona, struct str question, bool json)
{
	struct ctx ctx = { .arena = arena };
	struct assistant_answer answer;
	uint64_t began = clock_mono_ns();
	if (!utf8_valid(question.p, question.n) || utf8_length(question) > QUESTION_MAX)
		return ERR_INVALID;
	TRY(assistant_ask(&ctx, persona, question, &answer));
	if (wording_wanted(&ctx, &answer))
		TRY(wording_do(&ctx, began, NULL, NULL, &answer));
	int64_t us = (int64_t)((clock_mono_ns() - began) / 1000);
	if (json)
		say_json(&ctx, &answer, us);
	else
		printf("%.*s\n\n", STR_FMT(answer.answer));
	return OK;
}

static int
ask_lines(struct arena *arena, enum persona persona, bool json)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int status = EXIT_DONE;
	for (int number = 1; (n = getline(&line, &room, stdin)) >= 0; number++) {
		struct str question = str_trim((struct str){ line, (size_t)n });
		if (question.n == 0)
			continue;
		arena_reset(arena);
		if (ask(arena, persona, question, json) == OK)
			continue;
		fprintf(stderr, "plantao ask: line %d could not be answered: not UTF-8, or too long\n",
		        number);
		status = EXIT_FAILED;
	}
	free(line);
	return fflush(stdout) == 0 ? status : EXIT_FAILED;
}

int
cmd_ask(const struct conf *conf, int argc, char **argv)
{
	static const struct option options[] = { { "persona", required_argument, NULL, 'p' },
		{ "json", no_argument, NULL, 'j' }, { 0 } };
	enum persona persona = PERSONA_GA;
	bool json = false;
	char why[300];
	int option;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == '?')
			return cmd_usage("ask", "unknown option %s", argv[optind - 1]);
		if (option == 'p')
			persona = persona_of(str_of(optarg));
		json |= option == 'j';
	}
	if (optind != argc || persona == PERSONA_UNSET)
		return cmd_usage("ask", "questions come on standard input; a persona is dr_gasnelio or ga");
	log_init(LOG_ERROR, false); /* what the model does is in the answers */
	if (wording_init(conf, why) != OK) {
		fprintf(stderr, "plantao ask: %s\n", why);
		return EXIT_FAILED;
	}
	if (calc_self_test(why) != OK) {
		fprintf(stderr, "plantao ask: self-test: %s\n", why);
		return EXIT_FAILED;
	}
	struct arena *arena = arena_new(ARENA_ROOM);
	int status = arena ? ask_lines(arena, persona, json) : EXIT_FAILED;
	arena_free(arena);
	return status;
}

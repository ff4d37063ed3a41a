/* mask.c - what identifies a person leaves the question.  Runs of digits by their
 * length (CPF 11, CNS 15, telephones), addresses by their @, names by the word before. */
#include "features/assistant/mask.h"

#include "base/buf.h"

enum { DIGITS_MIN = 8, QUESTION_BYTES = 64 << 10 };

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
in_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0;
}

/* Bytes of a number with its marks from here; *digits counts the digits. */
static size_t
number_at(struct str s, size_t *digits)
{
	size_t end = 0;
	*digits = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (is_digit(s.p[i])) {
			++*digits;
			end = i + 1;
		} else if (!memchr(".-/ ()", s.p[i], 6) || (i > 0 && s.p[i] == ' ' && s.p[i - 1] == ' '))
			break;
	}
	return end;
}

/* Bytes of text with an @ inside. */
static size_t
address_at(struct str s)
{
	size_t n = 0;
	while (n < s.n && !memchr(" \t\r\n,;<>()\"", s.p[n], 11))
		n++;
	return n > 0 && memchr(s.p, '@', n) ? n : 0;
}

static struct str
word_at(struct str s)
{
	size_t n = 0;
	while (n < s.n && in_word(s.p[n]))
		n++;
	return (struct str){ s.p, n };
}

/* ASCII letters in either case. */
static bool
same(struct str w, const char *z)
{
	for (size_t i = 0; i < w.n; i++)
		if (!z[i] || ((unsigned char)w.p[i] | 0x20) != ((unsigned char)z[i] | 0x20))
			return false;
	return z[w.n] == '\0';
}

static bool
is_one_of(struct str w, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (same(w, list[i]))
			return true;
	return false;
}

static bool
announces_name(struct str w)
{
	static const char *const list[] = { "paciente", "sr", "sra", "senhor", "senhora", "dona", "seu",
		"chamada", "chamado", "chama", "nome", "usuario", "usuaria", "dr", "dra" };
	return is_one_of(w, list, COUNT(list));
}

static bool
is_particle(struct str w)
{
	static const char *const list[] = { "de", "da", "do", "dos", "das", "e" };
	return is_one_of(w, list, COUNT(list));
}

/* A capital followed by a small letter: PB, MB and PQT are no names. */
static bool
is_name(struct str w)
{
	static const char *const list[] = { "Gasnelio", "Gasnélio", "Paucibacilar", "Multibacilar",
		"Hanseniase", "Com", "Pode", "Qual", "Quanto", "Gestante", "Adulto", "Adulta", "Criança",
		"Idoso", "Idosa", "Pesa", "Pesando", "Homem", "Mulher" };
	if (w.n < 3 || is_one_of(w, list, COUNT(list)))
		return false;
	bool accented = (unsigned char)w.p[0] == 0xC3 && (unsigned char)w.p[1] < 0xA0;
	return accented || (w.p[0] >= 'A' && w.p[0] <= 'Z' && !(w.p[1] >= 'A' && w.p[1] <= 'Z'));
}

/* Bytes of the name here, particles inside it too; 0: none. */
static size_t
name_at(struct str s)
{
	size_t end = 0, at = 0;
	while (at < s.n) {
		struct str w = word_at((struct str){ s.p + at, s.n - at });
		if (is_name(w))
			end = at + w.n;
		else if (end == 0 || !is_particle(w))
			break;
		at += w.n;
		while (at < s.n && s.p[at] == ' ')
			at++;
	}
	return end;
}

/* Blanks, "-se", ".", ":" and a small "é" between the announcing word and the name. */
static size_t
joint_at(struct str s)
{
	size_t n = 0;
	for (bool more = true; more && n < s.n;) {
		struct str left = { s.p + n, s.n - n };
		struct str w = word_at(left);
		more = true;
		if (memchr(" .:-", left.p[0], 4))
			n++;
		else if (same(w, "se") || same(w, "e") || str_is(w, "é") || same(w, "do") || same(w, "da"))
			n += w.n;
		else
			more = false;
	}
	return n;
}

/* Adds a word and, after one that announces it, the hidden name; returns the bytes taken. */
static size_t
take_word(struct buf *b, struct str left, bool *named)
{
	struct str w = word_at(left);
	buf_str(b, w);
	if (!announces_name(w))
		return w.n;
	size_t joint = joint_at((struct str){ left.p + w.n, left.n - w.n });
	size_t name = name_at((struct str){ left.p + w.n + joint, left.n - w.n - joint });
	if (name == 0)
		return w.n;
	buf_str(b, (struct str){ left.p + w.n, joint });
	buf_text(b, "[dado]");
	*named = true;
	return w.n + joint + name;
}

static size_t
take_number(struct buf *b, struct str left)
{
	size_t digits, n = number_at(left, &digits);
	if (digits >= DIGITS_MIN)
		buf_text(b, "[dado]");
	else {
		for (n = 0; n < left.n && is_digit(left.p[n]); n++)
			;
		buf_str(b, (struct str){ left.p, n });
	}
	return n;
}

struct str
mask_question(struct arena *arena, struct str text, bool *named)
{
	struct buf b;
	buf_init(&b, QUESTION_BYTES);
	*named = false;
	for (size_t at = 0; at < text.n;) {
		struct str left = { text.p + at, text.n - at };
		size_t address = address_at(left);
		if (address > 0) {
			buf_text(&b, "[dado]");
			at += address;
		} else if (is_digit(*left.p))
			at += take_number(&b, left);
		else if (in_word(*left.p))
			at += take_word(&b, left, named);
		else {
			buf_byte(&b, *left.p);
			at++;
		}
	}
	struct str out = buf_failed(&b) ? (struct str){ 0 } : arena_str(arena, buf_view(&b));
	buf_free(&b);
	return out;
}

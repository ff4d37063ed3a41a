/* time.c - instants and days as text and as numbers, in the proleptic Gregorian
 * calendar, years 1 to 9999.  Reading the clock is sys/clock's. */
#include "base/base.h"

enum {
	DAY_MS = 86400000,
	BRASILIA_MS = -3 * 3600000, /* Decreto 9.772/2019: no daylight-saving time since */
	YEAR_MAX = 9999,
	DAYS_400_YEARS = 146097,
	DAYS_TO_1970 = 719162, /* from 0001-01-01 */
};

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static bool
is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int
month_days(int year, int month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 0001-01-01 to January 1 of the year. */
static int64_t
year_start(int64_t year)
{
	int64_t y = year - 1;
	return y * 365 + y / 4 - y / 100 + y / 400;
}

static int
month_start(int year, int month)
{
	static const int16_t before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	return before[month - 1] + (month > 2 && is_leap(year));
}

int64_t
date_days(struct date d)
{
	return year_start(d.year) + month_start(d.year, d.month) + d.day - 1 - DAYS_TO_1970;
}

struct date
date_from_days(int64_t days)
{
	if (days < -DAYS_TO_1970 || days >= year_start(YEAR_MAX + 1) - DAYS_TO_1970)
		return (struct date){ 0 };
	int64_t n = days + DAYS_TO_1970;
	int year = (int)(n * 400 / DAYS_400_YEARS) + 1; /* right, or one off */
	while (year_start(year + 1) <= n)
		year++;
	while (year_start(year) > n)
		year--;
	int rest = (int)(n - year_start(year)), month = rest / 31 + 1;
	if (rest >= month_start(year, month) + month_days(year, month))
		month++;
	int day = rest - month_start(year, month) + 1;
	return (struct date){ (int16_t)year, (uint8_t)month, (uint8_t)day };
}

int
date_cmp(struct date a, struct date b)
{
	if (a.year != b.year)
		return a.year < b.year ? -1 : 1;
	if (a.month != b.month)
		return a.month < b.month ? -1 : 1;
	return (a.day > b.day) - (a.day < b.day);
}

struct date
date_add_months(struct date d, int months)
{
	int64_t n = (int64_t)d.year * 12 + (d.month - 1) + months;
	if (!date_is_set(d) || n < 12 || n >= (YEAR_MAX + 1) * 12)
		return (struct date){ 0 };
	int year = (int)(n / 12), month = (int)(n % 12) + 1, last = month_days(year, month);
	return (struct date){ (int16_t)year, (uint8_t)month, (uint8_t)(d.day < last ? d.day : last) };
}

struct date
instant_date(struct instant t)
{
	int64_t local_ms;
	if (__builtin_add_overflow(t.ms, BRASILIA_MS, &local_ms))
		return (struct date){ 0 };
	return date_from_days(floor_div(local_ms, DAY_MS));
}

/* Writes v with exactly n digits and returns the place behind them. */
static char *
put_digits(char *p, int64_t v, int n)
{
	for (int i = n - 1; i >= 0; i--, v /= 10)
		p[i] = (char)('0' + v % 10);
	return p + n;
}

static char *
put_date(char *p, struct date d)
{
	p = put_digits(p, d.year, 4);
	*p++ = '-';
	p = put_digits(p, d.month, 2);
	*p++ = '-';
	return put_digits(p, d.day, 2);
}

void
date_print(struct date d, char out[static DATE_TEXT + 1])
{
	*put_date(out, d) = '\0';
}

void
instant_print(struct instant t, char out[static INSTANT_TEXT + 1])
{
	int64_t days = floor_div(t.ms, DAY_MS), ms = (t.ms % DAY_MS + DAY_MS) % DAY_MS;
	char *p = put_date(out, date_from_days(days));
	*p++ = 'T';
	p = put_digits(p, ms / 3600000, 2);
	*p++ = ':';
	p = put_digits(p, ms / 60000 % 60, 2);
	*p++ = ':';
	p = put_digits(p, ms / 1000 % 60, 2);
	*p++ = '.';
	p = put_digits(p, ms % 1000, 3);
	*p++ = 'Z';
	*p = '\0';
}

/* Takes n digits and then the byte `after` (0: nothing) from the front. */
static bool
take_number(struct str *s, size_t n, char after, int *out)
{
	size_t need = n + (after != 0);
	if (s->n < need || (after && s->p[n] != after))
		return false;
	int v = 0;
	for (size_t i = 0; i < n; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
		v = v * 10 + (s->p[i] - '0');
	}
	s->p += need;
	s->n -= need;
	*out = v;
	return true;
}

static bool
take_date(struct str *s, struct date *out)
{
	int year, month, day;
	if (!take_number(s, 4, '-', &year) || !take_number(s, 2, '-', &month) || !take_number(s, 2, 0, &day))
		return false;
	if (year < 1 || month < 1 || month > 12 || day < 1 || day > month_days(year, month))
		return false;
	*out = (struct date){ (int16_t)year, (uint8_t)month, (uint8_t)day };
	return true;
}

bool
date_parse(struct str s, struct date *out)
{
	struct date d;
	if (!take_date(&s, &d) || s.n != 0)
		return false;
	*out = d;
	return true;
}

/* ".123456" -> 123; digits after the third are dropped. */
static bool
take_fraction(struct str *s, int *ms)
{
	*ms = 0;
	if (s->n == 0 || *s->p != '.')
		return true;
	size_t i = 1;
	for (int weight = 100; i < s->n && s->p[i] >= '0' && s->p[i] <= '9'; i++, weight /= 10)
		*ms += (s->p[i] - '0') * weight;
	s->p += i;
	s->n -= i;
	return i > 1;
}

/* "Z" or "-03:00", which must end the text. */
static bool
take_offset(struct str *s, int *minutes)
{
	*minutes = 0;
	if (s->n == 1)
		return *s->p == 'Z' || *s->p == 'z';
	if (s->n != 6 || (*s->p != '+' && *s->p != '-'))
		return false;
	int sign = *s->p == '-' ? -1 : 1, hour, minute;
	s->p++;
	s->n--;
	if (!take_number(s, 2, ':', &hour) || !take_number(s, 2, 0, &minute) || hour > 23 || minute > 59)
		return false;
	*minutes = sign * (hour * 60 + minute);
	return true;
}

bool
instant_parse(struct str s, struct instant *out)
{
	struct date d;
	int hour, minute, second, ms, offset;
	if (!take_date(&s, &d) || s.n == 0 || (*s.p != 'T' && *s.p != 't'))
		return false;
	s.p++;
	s.n--;
	if (!take_number(&s, 2, ':', &hour) || !take_number(&s, 2, ':', &minute) ||
	        !take_number(&s, 2, 0, &second))
		return false;
	if (hour > 23 || minute > 59 || second > 59 || !take_fraction(&s, &ms) || !take_offset(&s, &offset))
		return false;
	int64_t t = date_days(d) * DAY_MS + ((hour * 60 + minute - offset) * 60 + second) * INT64_C(1000) +
	            ms;
	if (t == 0 || !date_is_set(date_from_days(floor_div(t, DAY_MS))))
		return false; /* 1970-01-01T00:00:00Z would read as "absent" */
	*out = (struct instant){ t };
	return true;
}

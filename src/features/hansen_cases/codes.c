/* codes.c - codes.def as lists of names and as sets. */
#include "features/hansen_cases/codes.h"

#define NAME(name, ...) #name,
#define VALUE(name, sinan, pt, en) { #name, pt, en, sinan },

const char *const form_names[] = {
#define FORM NAME
#include "features/hansen_cases/codes.def"
	NULL,
};
static const struct code form_codes[] = {
#define FORM VALUE
#include "features/hansen_cases/codes.def"
};
const char *const class_names[] = {
#define CLASS NAME
#include "features/hansen_cases/codes.def"
	NULL,
};
static const struct code class_codes[] = {
#define CLASS VALUE
#include "features/hansen_cases/codes.def"
};
const char *const entry_names[] = {
#define ENTRY NAME
#include "features/hansen_cases/codes.def"
	NULL,
};
static const struct code entry_codes[] = {
#define ENTRY VALUE
#include "features/hansen_cases/codes.def"
};
const char *const detection_names[] = {
#define DETECTION NAME
#include "features/hansen_cases/codes.def"
	NULL,
};
static const struct code detection_codes[] = {
#define DETECTION VALUE
#include "features/hansen_cases/codes.def"
};
const char *const smear_names[] = {
#define SMEAR NAME
#include "features/hansen_cases/codes.def"
	NULL,
};
static const struct code smear_codes[] = {
#define SMEAR VALUE
#include "features/hansen_cases/codes.def"
};
const char *const regimen_names[] = {
#define REGIMEN NAME
#include "features/hansen_cases/codes.def"
	NULL,
};
static const struct code regimen_codes[] = {
#define REGIMEN VALUE
#include "features/hansen_cases/codes.def"
};
const char *const discharge_names[] = {
#define DISCHARGE NAME
#include "features/hansen_cases/codes.def"
	NULL,
};
static const struct code discharge_codes[] = {
#define DISCHARGE VALUE
#include "features/hansen_cases/codes.def"
};
const char *const reaction_names[] = {
#define REACTION NAME
#include "features/hansen_cases/codes.def"
	NULL,
};
static const struct code reaction_codes[] = {
#define REACTION VALUE
#include "features/hansen_cases/codes.def"
};
const char *const race_names[] = {
#define RACE NAME
#include "features/hansen_cases/codes.def"
	NULL,
};
static const struct code race_codes[] = {
#define RACE VALUE
#include "features/hansen_cases/codes.def"
};
const char *const assessment_names[] = {
#define ASSESSMENT NAME
#include "features/hansen_cases/codes.def"
	NULL,
};
static const struct code assessment_codes[] = {
#define ASSESSMENT VALUE
#include "features/hansen_cases/codes.def"
};
const char *const nerve_names[] = {
#define NERVE NAME
#include "features/hansen_cases/codes.def"
	NULL,
};
static const struct code nerve_codes[] = {
#define NERVE VALUE
#include "features/hansen_cases/codes.def"
};
const char *const side_names[] = {
#define SIDE NAME
#include "features/hansen_cases/codes.def"
	NULL,
};
static const struct code side_codes[] = {
#define SIDE VALUE
#include "features/hansen_cases/codes.def"
};
const char *const site_names[] = {
#define SITE NAME
#include "features/hansen_cases/codes.def"
	NULL,
};
static const struct code site_codes[] = {
#define SITE VALUE
#include "features/hansen_cases/codes.def"
};
const char *const contact_names[] = {
#define CONTACT NAME
#include "features/hansen_cases/codes.def"
	NULL,
};
static const struct code contact_codes[] = {
#define CONTACT VALUE
#include "features/hansen_cases/codes.def"
};
const char *const examination_names[] = {
#define EXAMINATION NAME
#include "features/hansen_cases/codes.def"
	NULL,
};
static const struct code examination_codes[] = {
#define EXAMINATION VALUE
#include "features/hansen_cases/codes.def"
};
const char *const bcg_stop_names[] = {
#define BCG_STOP NAME
#include "features/hansen_cases/codes.def"
	NULL,
};
static const struct code bcg_stop_codes[] = {
#define BCG_STOP VALUE
#include "features/hansen_cases/codes.def"
};
const char *const drug_names[] = {
#define DRUG NAME
#include "features/hansen_cases/codes.def"
	NULL,
};
static const struct code drug_codes[] = {
#define DRUG VALUE
#include "features/hansen_cases/codes.def"
};
const char *const severity_names[] = {
#define SEVERITY NAME
#include "features/hansen_cases/codes.def"
	NULL,
};
static const struct code severity_codes[] = {
#define SEVERITY VALUE
#include "features/hansen_cases/codes.def"
};
const char *const answer_names[] = {
#define ANSWER NAME
#include "features/hansen_cases/codes.def"
	NULL,
};
static const struct code answer_codes[] = {
#define ANSWER VALUE
#include "features/hansen_cases/codes.def"
};

#define SET(json, field, codes)                                                                              \
	{                                                                                                    \
		json, field, codes, COUNT(codes)                                                             \
	}
const struct code_set code_sets[] = {
	SET("clinicalForm", "FORMACLINI", form_codes),
	SET("operationalClass", "CLASSOPERA, CLASSATUAL", class_codes),
	SET("entryMode", "MODOENTR", entry_codes),
	SET("detectionMode", "MODODETECT", detection_codes),
	SET("smear", "BACILOSCOP", smear_codes),
	SET("regimen", "ESQ_INI_N, ESQ_ATU_N", regimen_codes),
	SET("discharge", "TPALTA_N", discharge_codes),
	SET("reaction", "EPIS_RACIO", reaction_codes),
	SET("race", "CS_RACA", race_codes),
	SET("assessmentReason", NULL, assessment_codes),
	SET("nerve", NULL, nerve_codes),
	SET("side", NULL, side_codes),
	SET("site", NULL, site_codes),
	SET("contactKind", NULL, contact_codes),
	SET("examinationResult", NULL, examination_codes),
	SET("bcgContraindication", NULL, bcg_stop_codes),
	SET("severeReactionTo", NULL, drug_codes),
	SET("severity", NULL, severity_codes),
	SET("answer", NULL, answer_codes),
	{ NULL, NULL, NULL, 0 },
};

const struct code *
code_find(const char *set, struct str name)
{
	for (const struct code_set *s = code_sets; s->name; s++) {
		if (strcmp(s->name, set) != 0)
			continue;
		for (size_t i = 0; i < s->count; i++)
			if (str_is(name, s->codes[i].name))
				return &s->codes[i];
	}
	return NULL;
}

int
code_sinan(const char *set, struct str name)
{
	const struct code *c = code_find(set, name);

	return c ? c->sinan : 0;
}

bool
site_has_side(struct str site)
{
	const struct code *c = code_find("site", site);

	return c && c->sinan == 1;
}

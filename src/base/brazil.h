/* brazil.h - Brazilian identifiers: check digits and shapes.  A valid number is
 * one that may exist; whether it does, only its register can say. */
#ifndef BASE_BRAZIL_H
#define BASE_BRAZIL_H

#include "base/type.h"

enum { CPF_TEXT = 11, CNPJ_TEXT = 14, CNS_TEXT = 15, CEP_TEXT = 8 };

/* Each takes the number plain or with its whole punctuation, nothing between:
 * 529.982.247-25, 12.ABC.345/01DE-35, 712 3456 7890 1236, 01310-100. */
bool cpf_valid(struct str);
/* Numeric or alphanumeric (NT Conjunta DFe 2025.001); small letters count as capitals. */
bool cnpj_valid(struct str);
/* Definitive (1, 2) by the DATASUS routine, provisional (7, 8, 9) by the weighted sum. */
bool cns_valid(struct str);
bool cep_valid(struct str);
/* DDD and 8 or 9 digits, +55 or not; or a foreign number with its + (E.164). */
bool phone_valid(struct str);
/* local@domain.tld in shape and lengths (RFC 5321); no quoted local part, no address literal. */
bool email_valid(struct str);
/* 7 digits of IBGE's table of municipalities, with its 9 exceptions to the check digit. */
bool ibge_municipio_valid(struct str);
/* GTIN-8, -12, -13 or -14, or the NF-e's literal SEM GTIN. */
bool gtin_valid(struct str);

/* The form that is stored and compared, without punctuation: valid or not, the
 * right number of digits (and capitals); false otherwise. */
bool cpf_plain(struct str, char out[static CPF_TEXT + 1]) MUST_CHECK;
bool cnpj_plain(struct str, char out[static CNPJ_TEXT + 1]) MUST_CHECK;
bool cns_plain(struct str, char out[static CNS_TEXT + 1]) MUST_CHECK;
bool cep_plain(struct str, char out[static CEP_TEXT + 1]) MUST_CHECK;

/* The two check digits for the 9 digits or 12 characters before them. */
void cpf_digits(const char base[static 9], char out[static 2]);
void cnpj_digits(const char base[static 12], char out[static 2]);

/* For a row's .check: NULL or a code of invalid.def. */
check_fn check_cpf, check_cnpj, check_cns, check_cep, check_phone, check_email;

/* For a row's .partial, from the stored digits; absent when these are not a
 * CPF's or CNS's digits: "***.456.789-**", "*** **** **** 1236". */
partial_fn mask_cpf, mask_cns;

#endif

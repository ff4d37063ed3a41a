/* protocol_documents.h - the documents that protocol rows cite: a source macro
 * gives the row's .source, .valid_from and .review.  For protocol.c alone.
 *
 * Where a document gives a year alone, valid_from is its first day. */
#ifndef FEATURES_HANSEN_PROTOCOL_DOCUMENTS_H
#define FEATURES_HANSEN_PROTOCOL_DOCUMENTS_H

#include "features/hansen/protocol.h"
#include "features/hansen/sources.h"

#define AT(y, m, d) .valid_from = { y, m, d }, .review = REVIEW_PENDING
#define PCDT(section_, page_) .source = { PCDT_2022, section_, page_, CONFIDENCE_HIGH }, AT(2022, 7, 7)
#define PCDT_MEDIUM(section_, page_)                                                                         \
	.source = { PCDT_2022, section_, page_, CONFIDENCE_MEDIUM }, AT(2022, 7, 7)
#define DIRETRIZES(section_, conf_)                                                                          \
	.source = { DIRETRIZES_2016, section_, NULL, CONFIDENCE_##conf_ }, AT(2016, 2, 3)
#define ROTEIRO(section_, conf_)                                                                             \
	.source = { "Roteiro para dispensação: hanseníase (PQT-U)", section_, NULL, CONFIDENCE_##conf_ },    \
	AT(2022, 7, 7)
#define WHO(section_, conf_)                                                                                 \
	.source = { "WHO, Guidelines for the diagnosis, treatment and prevention of leprosy, 2018",          \
		section_, NULL, CONFIDENCE_##conf_ },                                                        \
	AT(2018, 1, 1)
#define BOLETIM(section_) .source = { BOLETIM_2025, section_, NULL, CONFIDENCE_HIGH }, AT(2025, 1, 1)
#define SINAN(section_)                                                                                      \
	.source = { "SINAN NET v5, dicionário de dados: hanseníase", section_, NULL, CONFIDENCE_HIGH },      \
	AT(2016, 1, 1)
#define BACILOSCOPIA(section_)                                                                               \
	.source = { "MS, Guia de procedimentos técnicos: baciloscopia em hanseníase, 2010", section_, NULL,  \
		CONFIDENCE_HIGH },                                                                           \
	AT(2010, 1, 1)
#define INCAPACIDADES(section_, conf_)                                                                       \
	.source = { "MS, Manual de prevenção de incapacidades, 2008", section_, NULL, CONFIDENCE_##conf_ },  \
	AT(2008, 1, 1)
#define RDC_11(section_)                                                                                     \
	.source = { "RDC ANVISA 11/2011 e Portaria SVS/MS 344/1998 (lista C3)", section_, NULL,              \
		CONFIDENCE_MEDIUM },                                                                         \
	AT(2011, 3, 22)
#define CONVENTION(section_)                                                                                 \
	.source = { "Convenção deste programa", section_, NULL, CONFIDENCE_MEDIUM }, AT(2022, 7, 7)

#endif

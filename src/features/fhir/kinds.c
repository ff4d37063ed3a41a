/* kinds.c - the rows: each mapped kind of FHIR R4 resource (hl7.org/fhir/R4) with the
 * members that are read, in the order a reader wants them.  Parts with a NULL label
 * are the head; every kind ends with its notes, extensions and modifiers. */
#include "features/fhir/kinds.h"

#define GROUP(path, label, rows)                                                                             \
	{                                                                                                    \
		path, FORM_GROUP, label, rows, COUNT(rows)                                                   \
	}
#define TAIL                                                                                                 \
	{ "note", FORM_NOTE, "nota" }, { "extension", FORM_EXTENSIONS, "extensão" },                         \
	{                                                                                                    \
		"modifierExtension", FORM_MODIFIERS, NULL                                                    \
	}

/* ---- what several kinds share */

static const struct fhir_part dose_parts[] = {
	{ "dose[x]", FORM_UNSET, NULL },
	{ "rate[x]", FORM_UNSET, "velocidade" },
};
static const struct fhir_part dosage_parts[] = {
	{ "text", FORM_LINES, NULL },
	{ "timing", FORM_TIMING, "frequência" },
	{ "asNeededBoolean", FORM_FLAG, "se necessário" },
	{ "asNeededCodeableConcept", FORM_CODE, "se" },
	GROUP("doseAndRate", "dose", dose_parts),
	{ "route", FORM_CODE, "via" },
	{ "site", FORM_CODE, "local" },
	{ "method", FORM_CODE, "método" },
	{ "maxDosePerPeriod", FORM_RATIO, "dose máxima" },
	{ "additionalInstruction", FORM_CODE, "orientação" },
	{ "patientInstruction", FORM_LINES, "orientação ao paciente" },
};
static const struct fhir_part given_parts[] = {
	{ "text", FORM_LINES, NULL },
	{ "dose", FORM_QUANTITY, "dose" },
	{ "rate[x]", FORM_UNSET, "velocidade" },
	{ "route", FORM_CODE, "via" },
	{ "site", FORM_CODE, "local" },
	{ "method", FORM_CODE, "método" },
};
static const struct fhir_part performer_parts[] = {
	{ "actor", FORM_REF, NULL },
	{ "function", FORM_CODE, "função" },
};
static const struct fhir_part range_parts[] = {
	{ "text", FORM_TEXT, NULL },
	{ "low", FORM_QUANTITY, "mínimo" },
	{ "high", FORM_QUANTITY, "máximo" },
	{ "type", FORM_CODE, "tipo" },
};

/* ---- diagnoses */

static const struct fhir_part stage_parts[] = {
	{ "summary", FORM_CODE, NULL },
	{ "type", FORM_CODE, "tipo" },
};
static const struct fhir_part condition_parts[] = {
	{ "code", FORM_CODE, NULL },
	{ "clinicalStatus", FORM_STATUS, "situação" },
	{ "verificationStatus", FORM_STATUS, "verificação" },
	{ "category", FORM_CODE, "categoria" },
	{ "severity", FORM_CODE, "gravidade" },
	{ "bodySite", FORM_CODE, "local" },
	{ "onset[x]", FORM_UNSET, "início" },
	{ "abatement[x]", FORM_UNSET, "término" },
	{ "recordedDate", FORM_DATE, "registro" },
	{ "recorder", FORM_REF, "registrado por" },
	{ "asserter", FORM_REF, "afirmado por" },
	GROUP("stage", "estágio", stage_parts),
	{ "evidence.code", FORM_CODE, "evidência" },
	{ "evidence.detail", FORM_REF, "ver" },
	TAIL,
};

/* ---- treatment */

static const struct fhir_part procedure_parts[] = {
	{ "code", FORM_CODE, NULL },
	{ "status", FORM_STATUS, "situação" },
	{ "statusReason", FORM_CODE, "motivo da situação" },
	{ "category", FORM_CODE, "categoria" },
	{ "performed[x]", FORM_UNSET, "data" },
	GROUP("performer", "executor", performer_parts),
	{ "reasonCode", FORM_CODE, "motivo" },
	{ "reasonReference", FORM_REF, "motivo" },
	{ "bodySite", FORM_CODE, "local do corpo" },
	{ "location", FORM_REF, "onde" },
	{ "outcome", FORM_CODE, "desfecho" },
	{ "report", FORM_REF, "laudo" },
	{ "complication", FORM_CODE, "complicação" },
	{ "complicationDetail", FORM_REF, "complicação" },
	{ "followUp", FORM_CODE, "seguimento" },
	TAIL,
};
static const struct fhir_part supply_parts[] = {
	{ "quantity", FORM_QUANTITY, NULL },
	{ "numberOfRepeatsAllowed", FORM_TEXT, "repetições" },
	{ "expectedSupplyDuration", FORM_QUANTITY, "para" },
	{ "validityPeriod", FORM_PERIOD, "validade" },
};
static const struct fhir_part prescription_parts[] = {
	{ "doNotPerform", FORM_FLAG, "NÃO ADMINISTRAR" },
	{ "medication[x]", FORM_UNSET, NULL },
	{ "status", FORM_STATUS, "situação" },
	{ "statusReason", FORM_CODE, "motivo da situação" },
	{ "intent", FORM_STATUS, "intenção" },
	{ "priority", FORM_STATUS, "prioridade" },
	GROUP("dosageInstruction", "posologia", dosage_parts),
	{ "authoredOn", FORM_DATE, "data" },
	{ "requester", FORM_REF, "prescrito por" },
	{ "reasonCode", FORM_CODE, "motivo" },
	{ "reasonReference", FORM_REF, "motivo" },
	GROUP("dispenseRequest", "dispensar", supply_parts),
	{ "substitution.allowedBoolean", FORM_TEXT, "substituição permitida" },
	{ "substitution.allowedCodeableConcept", FORM_CODE, "substituição" },
	{ "substitution.reason", FORM_CODE, "motivo da substituição" },
	TAIL,
};
static const struct fhir_part statement_parts[] = {
	{ "medication[x]", FORM_UNSET, NULL },
	{ "status", FORM_STATUS, "situação" },
	{ "statusReason", FORM_CODE, "motivo da situação" },
	{ "category", FORM_CODE, "categoria" },
	GROUP("dosage", "posologia", dosage_parts),
	{ "effective[x]", FORM_UNSET, "uso" },
	{ "dateAsserted", FORM_DATE, "informado em" },
	{ "informationSource", FORM_REF, "informado por" },
	{ "reasonCode", FORM_CODE, "motivo" },
	{ "reasonReference", FORM_REF, "motivo" },
	TAIL,
};
static const struct fhir_part administration_parts[] = {
	{ "medication[x]", FORM_UNSET, NULL },
	{ "status", FORM_STATUS, "administração" },
	{ "statusReason", FORM_CODE, "motivo da situação" },
	GROUP("dosage", "dose", given_parts),
	{ "effective[x]", FORM_UNSET, "data" },
	GROUP("performer", "por", performer_parts),
	{ "reasonCode", FORM_CODE, "motivo" },
	{ "reasonReference", FORM_REF, "motivo" },
	TAIL,
};
static const struct fhir_part dispense_parts[] = {
	{ "medication[x]", FORM_UNSET, NULL },
	{ "status", FORM_STATUS, "dispensação" },
	{ "statusReason[x]", FORM_UNSET, "motivo da situação" },
	{ "quantity", FORM_QUANTITY, "quantidade" },
	{ "daysSupply", FORM_QUANTITY, "para" },
	{ "whenPrepared", FORM_DATE, "preparado em" },
	{ "whenHandedOver", FORM_DATE, "entregue em" },
	GROUP("dosageInstruction", "posologia", dosage_parts),
	GROUP("performer", "por", performer_parts),
	{ "location", FORM_REF, "onde" },
	TAIL,
};
static const struct fhir_part activity_parts[] = {
	{ "detail.doNotPerform", FORM_FLAG, "NÃO FAZER" },
	{ "detail.code", FORM_CODE, NULL },
	{ "detail.description", FORM_LINES, NULL },
	{ "reference", FORM_REF, NULL },
	{ "detail.status", FORM_STATUS, "situação" },
	{ "detail.scheduled[x]", FORM_UNSET, "quando" },
	{ "detail.performer", FORM_REF, "por" },
	{ "detail.dailyAmount", FORM_QUANTITY, "por dia" },
	{ "progress", FORM_NOTE, "andamento" },
};
static const struct fhir_part plan_parts[] = {
	{ "title", FORM_TEXT, NULL },
	{ "category", FORM_CODE, NULL },
	{ "description", FORM_LINES, "descrição" },
	{ "status", FORM_STATUS, "situação" },
	{ "intent", FORM_STATUS, "intenção" },
	{ "period", FORM_PERIOD, "período" },
	{ "created", FORM_DATE, "criado em" },
	{ "author", FORM_REF, "autor" },
	{ "contributor", FORM_REF, "com" },
	{ "addresses", FORM_REF, "para" },
	GROUP("activity", "atividades", activity_parts),
	{ "goal", FORM_REF, "metas" },
	TAIL,
};
static const struct fhir_part target_parts[] = {
	{ "measure", FORM_CODE, NULL },
	{ "detail[x]", FORM_UNSET, "alvo" },
	{ "due[x]", FORM_UNSET, "até" },
};
static const struct fhir_part goal_parts[] = {
	{ "description", FORM_CODE, "meta" },
	{ "lifecycleStatus", FORM_STATUS, "situação" },
	{ "achievementStatus", FORM_STATUS, "progresso" },
	{ "priority", FORM_CODE, "prioridade" },
	{ "start[x]", FORM_UNSET, "início" },
	GROUP("target", "medida", target_parts),
	{ "addresses", FORM_REF, "para" },
	TAIL,
};
static const struct fhir_part request_parts[] = {
	{ "doNotPerform", FORM_FLAG, "NÃO FAZER" },
	{ "code", FORM_CODE, NULL },
	{ "orderDetail", FORM_CODE, NULL },
	{ "status", FORM_STATUS, "situação" },
	{ "intent", FORM_STATUS, "intenção" },
	{ "priority", FORM_STATUS, "prioridade" },
	{ "category", FORM_CODE, "categoria" },
	{ "quantity[x]", FORM_UNSET, "quantidade" },
	{ "occurrence[x]", FORM_UNSET, "quando" },
	{ "authoredOn", FORM_DATE, "data" },
	{ "requester", FORM_REF, "solicitado por" },
	{ "performer", FORM_REF, "para" },
	{ "bodySite", FORM_CODE, "local do corpo" },
	{ "reasonCode", FORM_CODE, "motivo" },
	{ "reasonReference", FORM_REF, "motivo" },
	{ "patientInstruction", FORM_LINES, "orientação ao paciente" },
	TAIL,
};
static const struct fhir_part protocol_parts[] = {
	{ "series", FORM_TEXT, NULL },
	{ "doseNumber[x]", FORM_UNSET, "dose" },
	{ "seriesDoses[x]", FORM_UNSET, "de" },
	{ "targetDisease", FORM_CODE, "contra" },
	{ "extension", FORM_EXTENSIONS, "extensão" },
};
static const struct fhir_part vaccine_parts[] = {
	{ "vaccineCode", FORM_CODE, NULL },
	{ "status", FORM_STATUS, "situação" },
	{ "statusReason", FORM_CODE, "motivo da situação" },
	{ "occurrence[x]", FORM_UNSET, "data" },
	{ "lotNumber", FORM_TEXT, "lote" },
	{ "expirationDate", FORM_DATE, "validade" },
	{ "manufacturer", FORM_REF, "fabricante" },
	{ "doseQuantity", FORM_QUANTITY, "quantidade" },
	{ "site", FORM_CODE, "local" },
	{ "route", FORM_CODE, "via" },
	GROUP("protocolApplied", "esquema", protocol_parts),
	GROUP("performer", "por", performer_parts),
	{ "location", FORM_REF, "onde" },
	{ "reasonCode", FORM_CODE, "motivo" },
	{ "primarySource", FORM_TEXT, "fonte primária" },
	{ "reportOrigin", FORM_CODE, "origem do relato" },
	{ "reaction.date", FORM_DATE, "reação em" },
	{ "reaction.detail", FORM_REF, "reação" },
	TAIL,
};

/* ---- notes */

static const struct fhir_part reaction_parts[] = {
	{ "manifestation", FORM_CODE, NULL },
	{ "substance", FORM_CODE, "substância" },
	{ "severity", FORM_STATUS, "gravidade" },
	{ "onset", FORM_DATE, "em" },
	{ "description", FORM_LINES, "descrição" },
	{ "exposureRoute", FORM_CODE, "via" },
	{ "note", FORM_NOTE, "nota" },
};
static const struct fhir_part allergy_parts[] = {
	{ "code", FORM_CODE, NULL },
	{ "type", FORM_STATUS, "tipo" },
	{ "category", FORM_STATUS, "categoria" },
	{ "criticality", FORM_STATUS, "criticidade" },
	{ "clinicalStatus", FORM_STATUS, "situação" },
	{ "verificationStatus", FORM_STATUS, "verificação" },
	GROUP("reaction", "reação", reaction_parts),
	{ "onset[x]", FORM_UNSET, "início" },
	{ "lastOccurrence", FORM_DATE, "última ocorrência" },
	{ "recordedDate", FORM_DATE, "registro" },
	TAIL,
};
static const struct fhir_part component_parts[] = {
	{ "code", FORM_CODE, NULL },
	{ "value[x]", FORM_UNSET, "" },
	{ "dataAbsentReason", FORM_CODE, "sem valor" },
	{ "interpretation", FORM_STATUS, "interpretação" },
	GROUP("referenceRange", "referência", range_parts),
};
static const struct fhir_part observation_parts[] = {
	{ "code", FORM_CODE, NULL },
	{ "value[x]", FORM_UNSET, "" },
	GROUP("component", "", component_parts),
	{ "dataAbsentReason", FORM_CODE, "sem valor" },
	{ "interpretation", FORM_STATUS, "interpretação" },
	GROUP("referenceRange", "referência", range_parts),
	{ "status", FORM_STATUS, "situação" },
	{ "bodySite", FORM_CODE, "local do corpo" },
	{ "method", FORM_CODE, "método" },
	{ "effective[x]", FORM_UNSET, "data" },
	{ "performer", FORM_REF, "por" },
	{ "specimen", FORM_REF, "amostra" },
	{ "hasMember", FORM_REF, "inclui" },
	TAIL,
};
static const struct fhir_part report_parts[] = {
	{ "code", FORM_CODE, NULL },
	{ "category", FORM_CODE, "categoria" },
	{ "status", FORM_STATUS, "situação" },
	{ "effective[x]", FORM_UNSET, "data" },
	{ "issued", FORM_DATE, "emitido em" },
	{ "performer", FORM_REF, "por" },
	{ "resultsInterpreter", FORM_REF, "interpretado por" },
	{ "result", FORM_REF, "resultados" },
	{ "specimen", FORM_REF, "amostra" },
	{ "conclusion", FORM_LINES, "conclusão" },
	{ "conclusionCode", FORM_CODE, "conclusão" },
	{ "presentedForm", FORM_ATTACHMENT, "anexo" },
	TAIL,
};
static const struct fhir_part series_parts[] = {
	{ "description", FORM_TEXT, NULL },
	{ "modality", FORM_CODE, NULL },
	{ "bodySite", FORM_CODE, "local do corpo" },
	{ "started", FORM_DATE, "início" },
	{ "instance.title", FORM_TEXT, "imagens" },
};
static const struct fhir_part imaging_parts[] = {
	{ "description", FORM_LINES, NULL },
	{ "procedureCode", FORM_CODE, NULL },
	{ "status", FORM_STATUS, "estudo de imagem" },
	{ "started", FORM_DATE, "data" },
	{ "identifier", FORM_IDENTIFIER, "identificador" },
	{ "numberOfSeries", FORM_TEXT, "séries" },
	{ "numberOfInstances", FORM_TEXT, "imagens" },
	GROUP("series", "série", series_parts),
	{ "reasonCode", FORM_CODE, "motivo" },
	TAIL,
};
static const struct fhir_part processing_parts[] = {
	{ "description", FORM_LINES, NULL },
	{ "procedure", FORM_CODE, NULL },
	{ "time[x]", FORM_UNSET, "em" },
};
static const struct fhir_part container_parts[] = {
	{ "description", FORM_TEXT, NULL },
	{ "type", FORM_CODE, NULL },
	{ "specimenQuantity", FORM_QUANTITY, "volume" },
	{ "additive[x]", FORM_UNSET, "aditivo" },
};
static const struct fhir_part specimen_parts[] = {
	{ "type", FORM_CODE, "amostra" },
	{ "accessionIdentifier", FORM_IDENTIFIER, "número" },
	{ "identifier", FORM_IDENTIFIER, "identificador" },
	{ "status", FORM_STATUS, "situação" },
	{ "receivedTime", FORM_DATE, "recebida em" },
	{ "collection.collected[x]", FORM_UNSET, "coleta" },
	{ "collection.collector", FORM_REF, "coletada por" },
	{ "collection.quantity", FORM_QUANTITY, "quantidade" },
	{ "collection.method", FORM_CODE, "método" },
	{ "collection.bodySite", FORM_CODE, "local do corpo" },
	{ "collection.fastingStatus[x]", FORM_UNSET, "jejum" },
	{ "request", FORM_REF, "pedido" },
	GROUP("processing", "preparo", processing_parts),
	GROUP("container", "recipiente", container_parts),
	{ "condition", FORM_CODE, "condição" },
	TAIL,
};
static const struct fhir_part relative_condition_parts[] = {
	{ "code", FORM_CODE, NULL },
	{ "outcome", FORM_CODE, "desfecho" },
	{ "onset[x]", FORM_UNSET, "início" },
	{ "note", FORM_NOTE, "nota" },
};
static const struct fhir_part family_parts[] = {
	{ "relationship", FORM_CODE, NULL },
	{ "name", FORM_TEXT, NULL },
	GROUP("condition", "", relative_condition_parts),
	{ "status", FORM_STATUS, "situação" },
	{ "date", FORM_DATE, "data" },
	{ "deceased[x]", FORM_UNSET, "falecimento" },
	{ "reasonCode", FORM_CODE, "motivo" },
	TAIL,
};
static const struct fhir_part finding_parts[] = {
	{ "itemCodeableConcept", FORM_CODE, NULL },
	{ "itemReference", FORM_REF, NULL },
	{ "basis", FORM_TEXT, "base" },
};
static const struct fhir_part impression_parts[] = {
	{ "code", FORM_CODE, NULL },
	{ "description", FORM_LINES, NULL },
	{ "summary", FORM_LINES, "avaliação" },
	{ "status", FORM_STATUS, "situação" },
	{ "effective[x]", FORM_UNSET, "data" },
	{ "assessor", FORM_REF, "por" },
	{ "problem", FORM_REF, "problemas" },
	GROUP("finding", "achados", finding_parts),
	{ "prognosisCodeableConcept", FORM_CODE, "prognóstico" },
	TAIL,
};
static const struct fhir_part flag_parts[] = {
	{ "code", FORM_CODE, "alerta" },
	{ "status", FORM_STATUS, "situação" },
	{ "category", FORM_CODE, "categoria" },
	{ "period", FORM_PERIOD, "período" },
	{ "author", FORM_REF, "por" },
	TAIL,
};
static const struct fhir_part subsection_parts[] = {
	{ "title", FORM_TEXT, NULL },
	{ "text.div", FORM_NARRATIVE, "texto" },
	{ "entry", FORM_REF, "itens" },
};
static const struct fhir_part document_section_parts[] = {
	{ "title", FORM_TEXT, NULL },
	{ "code", FORM_CODE, NULL },
	{ "text.div", FORM_NARRATIVE, "texto" },
	{ "entry", FORM_REF, "itens" },
	{ "emptyReason", FORM_CODE, "vazia" },
	GROUP("section", "subseções", subsection_parts),
};
static const struct fhir_part attester_parts[] = {
	{ "party", FORM_REF, NULL },
	{ "mode", FORM_TEXT, "modo" },
	{ "time", FORM_DATE, "em" },
};
static const struct fhir_part composition_parts[] = {
	{ "title", FORM_TEXT, NULL },
	{ "type", FORM_CODE, NULL },
	{ "status", FORM_STATUS, "situação" },
	{ "date", FORM_DATE, "data" },
	{ "author", FORM_REF, "autor" },
	{ "custodian", FORM_REF, "guarda" },
	GROUP("attester", "assinado por", attester_parts),
	GROUP("section", "seções", document_section_parts),
	TAIL,
};
static const struct fhir_part member_parts[] = {
	{ "member", FORM_REF, NULL },
	{ "role", FORM_CODE, "papel" },
	{ "onBehalfOf", FORM_REF, "por" },
	{ "period", FORM_PERIOD, "período" },
};
static const struct fhir_part team_parts[] = {
	{ "name", FORM_TEXT, "equipe" },
	{ "category", FORM_CODE, "categoria" },
	{ "status", FORM_STATUS, "situação" },
	{ "period", FORM_PERIOD, "período" },
	GROUP("participant", "participantes", member_parts),
	{ "managingOrganization", FORM_REF, "instituição" },
	{ "telecom", FORM_CONTACT, "contato" },
	{ "reasonCode", FORM_CODE, "motivo" },
	TAIL,
};
static const struct fhir_part relative_parts[] = {
	{ "relationship", FORM_CODE, NULL },
	{ "name", FORM_NAME, "nome" },
	{ "telecom", FORM_CONTACT, "contato" },
	{ "gender", FORM_STATUS, "sexo" },
	{ "birthDate", FORM_DATE, "nascimento" },
	{ "address", FORM_ADDRESS, "endereço" },
	{ "identifier", FORM_IDENTIFIER, "identificador" },
	{ "period", FORM_PERIOD, "período" },
	{ "communication.language", FORM_CODE, "idioma" },
	TAIL,
};

/* ---- the encounter itself, and what a registration has no field for */

static const struct fhir_part participant_parts[] = {
	{ "individual", FORM_REF, NULL },
	{ "type", FORM_CODE, "papel" },
	{ "period", FORM_PERIOD, "período" },
};
static const struct fhir_part encounter_diagnosis_parts[] = {
	{ "condition", FORM_REF, NULL },
	{ "use", FORM_CODE, "uso" },
	{ "rank", FORM_TEXT, "ordem" },
};
const struct fhir_part fhir_encounter_head[] = {
	{ "type", FORM_CODE, NULL },
	{ "class", FORM_STATUS, "classe" },
	{ "status", FORM_STATUS, "situação" },
	{ "priority", FORM_CODE, "prioridade" },
	{ "period", FORM_PERIOD, "período" },
	{ "length", FORM_QUANTITY, "duração" },
	{ "reasonCode", FORM_CODE, "motivo" },
	{ "reasonReference", FORM_REF, "motivo" },
	GROUP("diagnosis", "diagnósticos do atendimento", encounter_diagnosis_parts),
	GROUP("participant", "profissionais", participant_parts),
	{ "serviceType", FORM_CODE, "serviço" },
	{ "serviceProvider", FORM_REF, "instituição" },
	{ "location.location", FORM_REF, "local" },
	{ "hospitalization.admitSource", FORM_CODE, "procedência" },
	{ "hospitalization.reAdmission", FORM_CODE, "reinternação" },
	{ "hospitalization.dietPreference", FORM_CODE, "dieta" },
	{ "hospitalization.dischargeDisposition", FORM_CODE, "alta" },
	{ "hospitalization.destination", FORM_REF, "destino" },
	{ "extension", FORM_EXTENSIONS, "extensão" },
	{ "modifierExtension", FORM_MODIFIERS, NULL },
};
const size_t fhir_encounter_head_count = COUNT(fhir_encounter_head);

static const struct fhir_part contact_parts[] = {
	{ "name", FORM_NAME, NULL },
	{ "relationship", FORM_CODE, "relação" },
	{ "telecom", FORM_CONTACT, "contato" },
	{ "address", FORM_ADDRESS, "endereço" },
	{ "organization", FORM_REF, "instituição" },
};
const struct fhir_part fhir_patient_extras[] = {
	{ "deceasedBoolean", FORM_TEXT, "óbito" },
	{ "deceasedDateTime", FORM_DATE, "óbito" },
	{ "maritalStatus", FORM_CODE, "estado civil" },
	{ "multipleBirth[x]", FORM_UNSET, "gemelar" },
	{ "communication.language", FORM_CODE, "idioma" },
	GROUP("contact", "contatos", contact_parts),
	{ "generalPractitioner", FORM_REF, "profissional de referência" },
	{ "managingOrganization", FORM_REF, "instituição" },
	{ "extension", FORM_EXTENSIONS, "extensão" },
	{ "modifierExtension", FORM_MODIFIERS, NULL },
};
const size_t fhir_patient_extras_count = COUNT(fhir_patient_extras);

/* ---- the table */

#define KIND(name_, section_, patient_, encounter_, rows, ...)                                               \
	{                                                                                                    \
		.name = #name_, .section = FHIR_##section_, .patient = patient_, .encounter = encounter_,    \
		.parts = rows, .part_count = COUNT(rows), __VA_ARGS__                                        \
	}

static const struct fhir_kind kinds[] = {
	{ .name = "Encounter",
	        .section = FHIR_SECTION_UNSET,
	        .patient = "subject",
	        .times = { "period.start", "period.end" },
	        .statuses = { "status" } },
	KIND(Condition, DIAGNOSIS, "subject", "encounter", condition_parts,
	        .times = { "recordedDate", "onsetDateTime", "onsetPeriod.start" },
	        .statuses = { "verificationStatus" }),
	KIND(Procedure, PROCEDURES, "subject", "encounter", procedure_parts,
	        .times = { "performedDateTime", "performedPeriod.start" }, .statuses = { "status" }),
	KIND(MedicationRequest, MEDICATION, "subject", "encounter", prescription_parts,
	        .times = { "authoredOn" }, .statuses = { "status" }),
	KIND(MedicationStatement, MEDICATION, "subject", "context", statement_parts,
	        .times = { "effectiveDateTime", "effectivePeriod.start", "dateAsserted" },
	        .statuses = { "status" }),
	KIND(MedicationAdministration, MEDICATION, "subject", "context", administration_parts,
	        .times = { "effectiveDateTime", "effectivePeriod.start" }, .statuses = { "status" }),
	KIND(MedicationDispense, MEDICATION, "subject", "context", dispense_parts,
	        .times = { "whenHandedOver", "whenPrepared" }, .statuses = { "status" }),
	KIND(CarePlan, PLANS, "subject", "encounter", plan_parts, .times = { "period.start", "created" },
	        .statuses = { "status" }),
	KIND(Goal, PLANS, "subject", NULL, goal_parts, .times = { "startDate", "statusDate" },
	        .statuses = { "lifecycleStatus" }),
	KIND(ServiceRequest, REQUESTS, "subject", "encounter", request_parts,
	        .times = { "authoredOn", "occurrenceDateTime" }, .statuses = { "status" }),
	KIND(Immunization, VACCINES, "patient", "encounter", vaccine_parts,
	        .times = { "occurrenceDateTime", "recorded" }, .statuses = { "status" }),
	KIND(AllergyIntolerance, ALLERGIES, "patient", "encounter", allergy_parts,
	        .times = { "recordedDate", "onsetDateTime" }, .statuses = { "verificationStatus" }),
	KIND(Observation, OBSERVATIONS, "subject", "encounter", observation_parts,
	        .times = { "effectiveDateTime", "effectivePeriod.start", "effectiveInstant", "issued" },
	        .statuses = { "status" }),
	KIND(DiagnosticReport, REPORTS, "subject", "encounter", report_parts,
	        .times = { "effectiveDateTime", "effectivePeriod.start", "issued" },
	        .statuses = { "status" }),
	KIND(ImagingStudy, REPORTS, "subject", "encounter", imaging_parts, .times = { "started" },
	        .statuses = { "status" }),
	KIND(Specimen, REPORTS, "subject", NULL, specimen_parts,
	        .times = { "collection.collectedDateTime", "receivedTime" }, .statuses = { "status" }),
	KIND(FamilyMemberHistory, HISTORY, "patient", NULL, family_parts, .times = { "date" },
	        .statuses = { "status" }),
	KIND(ClinicalImpression, HISTORY, "subject", "encounter", impression_parts,
	        .times = { "effectiveDateTime", "effectivePeriod.start", "date" }, .statuses = { "status" }),
	KIND(Flag, HISTORY, "subject", "encounter", flag_parts, .times = { "period.start" },
	        .statuses = { "status" }),
	KIND(Composition, DOCUMENTS, "subject", "encounter", composition_parts, .times = { "date" },
	        .statuses = { "status" }),
	KIND(CareTeam, PEOPLE, "subject", "encounter", team_parts, .times = { "period.start" },
	        .statuses = { "status" }),
	KIND(RelatedPerson, PEOPLE, "patient", NULL, relative_parts, .times = { "period.start" }),
};

const struct fhir_kind *
fhir_kind_find(struct str type)
{
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (str_is(type, kinds[i].name))
			return &kinds[i];
	return NULL;
}

bool
fhir_kind_supports(struct str type)
{
	static const char *const names[] = { "Practitioner", "PractitionerRole", "Organization", "Location",
		"HealthcareService", "Medication" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (str_is(type, names[i]))
			return true;
	return false;
}

/* groups.ts - which calculators stand together on the screen; what each asks is the program's to say. */
export const groups = ['treatment', 'assessment', 'reaction', 'followup', 'population', 'other'] as const;
export type Group = (typeof groups)[number];

const of: Record<string, Group> = {
	pqtu_dose: 'treatment',
	rifampicina_suspensao: 'treatment',
	esquema_substitutivo: 'treatment',
	classificacao_operacional: 'assessment',
	gif_site: 'assessment',
	omp: 'assessment',
	ib: 'assessment',
	cid10_hanseniase: 'assessment',
	prednisona_desmame: 'reaction',
	clofazimina_enh_crianca: 'reaction',
	talidomida_gate: 'reaction',
	bcg_contato: 'followup',
	alta_cura: 'followup',
	abandono: 'followup',
	indicadores: 'population',
	coorte_cura: 'population',
};
export const groupOf = (name: string): Group => of[name] ?? 'other';

/** Results shown large, by calculator; others in the order they come. */
export const main: Record<string, string[]> = {
	pqtu_dose: ['band'],
	omp: ['gif', 'omp'],
	ib: ['ib'],
	indicadores: ['valor', 'faixa'],
	prednisona_desmame: ['doseInicialMg'],
	rifampicina_suspensao: ['mL'],
	gif_site: ['grau'],
};

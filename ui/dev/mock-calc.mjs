// mock-calc.mjs - the shape of a calculator's answer for the mock: fixed words, no arithmetic, so
// that nobody mistakes it for the protocol.
export function calculate(name, inputs) {
	return {
		inputs,
		result: { band: 'ADULTO', rifampicinaMensalMg: '600.0', clofaziminaMensalMg: '300.0', dapsonaMensalMg: '100.0', clofaziminaDiaria: '50 mg/dia', dosesSupervisionadas: 12, janelaMeses: 18 },
		flags: ['PESO_ALTO_CONFIRMAR'],
		steps: ['Exemplo do simulador: nada foi calculado.'],
		sources: ['PCDT Hanseníase 2022, Quadro 1, p. 58'],
		protocolVersion: 'simulador',
		name,
	};
}

// machine.mjs - how much of a processor this machine gives just now: wall time over processor time of a
// short computation. 1 when it is ours alone; limits on time are multiplied by it, and say so.
export function contention() {
	const cpu = process.cpuUsage();
	const start = performance.now();
	let x = 0;
	do {
		for (let i = 0; i < 100_000; i++) x += Math.sqrt(i);
		const used = process.cpuUsage(cpu);
		if (used.user + used.system > 250_000) break;
	} while (x > -1);
	const used = process.cpuUsage(cpu);
	return Math.max(1, (performance.now() - start) / ((used.user + used.system) / 1000));
}

// redocly.mjs FILE: Redocly's linter with its "recommended" rules, one problem a line; exit 1 when there is any.
import { createConfig, lint } from "@redocly/openapi-core";

const config = await createConfig({ extends: ["recommended"] });
const problems = await lint({ ref: process.argv[2], config });
for (const p of problems) {
  const at = p.location?.[0];
  console.log(`${p.severity} ${p.ruleId} ${at?.pointer ?? ""}: ${p.message}`);
}
process.exit(problems.length ? 1 : 0);
